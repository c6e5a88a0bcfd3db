import { DOI_IPSEC, NOTIFY, type NotificationPayload } from '@espalier/wire';
import type { ReplayStatus } from '../../types.ts';

/** Whether this side checks for replays of what it receives with this SPI (RFC 2407 §4.6.3.2): 4 octets, 1 or 0. */
export function replayStatus(status: ReplayStatus, protocol: number, spi: Uint8Array): NotificationPayload {
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol,
    notifyType: NOTIFY['REPLAY-STATUS'],
    spi,
    data: Uint8Array.of(0, 0, 0, status === 'enabled' ? 1 : 0),
  };
}
