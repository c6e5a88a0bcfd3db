import { oneOf } from '../sa/arguments.ts';
import { ChecksumRepair, type OriginalAddresses } from './checksum-repair.ts';
import type { InboundMode, Mode } from './mode.ts';
import type { DscpInside } from './tos.ts';
import { InboundTransport } from './transport.ts';
import { InboundTunnel } from './tunnel.ts';

/** What an inbound SA is told of how what it brings is delivered. */
interface Delivery {
  readonly originalAddresses?: OriginalAddresses | 'unknown';
  readonly dscp?: DscpInside;
}

/** @throws TypeError for what the mode has not, RangeError for a word that is none. */
export function inboundMode(mode: Mode, { originalAddresses, dscp }: Delivery): InboundMode {
  const repair = originalAddresses === undefined ? undefined : new ChecksumRepair(originalAddresses);
  if (mode === 'transport') {
    if (dscp !== undefined) throw new TypeError('dscp: there is one header in transport mode');
    return new InboundTransport(repair);
  }
  if (repair !== undefined) throw new TypeError('originalAddresses: there are none in tunnel mode');
  if (dscp !== undefined) oneOf('dscp', dscp, ['keep', 'copy']);
  return new InboundTunnel(dscp ?? 'keep');
}
