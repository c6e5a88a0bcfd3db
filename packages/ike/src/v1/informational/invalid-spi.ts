import { DOI_IPSEC, NOTIFY, type NotificationPayload, PROTOCOL_ID, type Spi } from '@espalier/wire';
import type { ProtectionProtocol } from '../../sa/protections.ts';
import { protocolOf, spiFrom, spiOctets } from '../proposals/spis.ts';

/** An SPI that somebody received packets with, and has no SA for. */
export interface UnknownSpi {
  readonly protocol: Exclude<ProtectionProtocol, 'ipcomp'>;
  readonly spi: Spi;
}

/** INVALID-SPI (RFC 2408 §3.14.1): the SPI is where a notification has it. */
export function invalidSpi({ protocol, spi }: UnknownSpi): NotificationPayload {
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol: PROTOCOL_ID[protocol],
    notifyType: NOTIFY['INVALID-SPI'],
    spi: spiOctets(spi),
    data: new Uint8Array(0),
  };
}

/** Undefined for any other notification, and without an SPI. Some peers have it in the data, as RFC 7296 §3.10.1 has it. */
export function readInvalidSpi({ notifyType, protocol, spi, data }: NotificationPayload): UnknownSpi | undefined {
  if (notifyType !== NOTIFY['INVALID-SPI']) return undefined;
  const of = protocolOf(protocol) ?? 'esp';
  const named = spiFrom('esp', spi) ?? spiFrom('esp', data);
  return named === undefined || of === 'ipcomp' ? undefined : { protocol: of, spi: named };
}

/** Whether it has its SPI where no notification has it. */
export function isInData({ spi }: NotificationPayload): boolean {
  return spiFrom('esp', spi) === undefined;
}
