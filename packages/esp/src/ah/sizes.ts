import { type AhSuite, ahSuite } from '@espalier/crypto';
import { AH_HEADER_OCTETS, IPV6_HEADER_OCTETS, ipv4, requireObject } from '@espalier/wire';
import type { Mode } from '../modes/mode.ts';

/** What is around AH. */
export interface AhForm {
  /** Default `tunnel`. */
  readonly mode?: Mode;
  /** Of the outer addresses; in transport mode of the packet's own. */
  readonly family: 4 | 6;
  /** See `OutboundAhSaOptions`. Default: 4 over IPv4, and always 8 over IPv6. */
  readonly alignment?: 4 | 8;
}

/** What an AH SA adds to a packet, in octets (RFC 4302 §2). */
export interface AhOverhead {
  /** The outer IP header; 0 in transport mode, which keeps the packet's own. */
  readonly outer: number;
  /** The header of AH with its ICV, and what pads that. */
  readonly ah: number;
  readonly all: number;
}

/**
 * What a packet grows by: the same for every packet, since nothing is encrypted.
 * @param suite The suite, or its name.
 * @throws RangeError for a suite that is not known, a family or an alignment that is none; TypeError without a form.
 */
export function ahOverhead(suite: AhSuite | string, form: AhForm): AhOverhead {
  requireObject('form', form);
  const { mode = 'tunnel', family, alignment = 4 } = form;
  if (family !== 4 && family !== 6) throw new RangeError('form.family must be 4 or 6');
  if (alignment !== 4 && alignment !== 8) throw new RangeError('form.alignment must be 4 or 8');
  const outer = mode === 'transport' ? 0 : family === 4 ? ipv4.HEADER_OCTETS : IPV6_HEADER_OCTETS;
  const ah = headerOctets(ahSuite(suite), family === 6 ? 8 : alignment);
  return { outer, ah, all: outer + ah };
}

/** A header of AH is whole units of 4 octets in IPv4, and of 8 in IPv6 (RFC 4302 §3.3.3.2.1). */
function headerOctets({ ivOctets, icvOctets }: AhSuite, alignment: 4 | 8): number {
  return (AH_HEADER_OCTETS + ivOctets + icvOctets + alignment - 1) & -alignment;
}
