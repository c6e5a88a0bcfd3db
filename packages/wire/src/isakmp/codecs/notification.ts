import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import type { NotificationPayload } from '../types.ts';
import { readSpi, requireSpi } from './spi.ts';

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !              Domain of Interpretation  (DOI)                  !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !  Protocol-ID  !   SPI Size    !      Notify Message Type      !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                Security Parameter Index (SPI)                 ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                       Notification Data                       ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.14.
 */
export function decodeNotification(reader: Reader): NotificationPayload {
  const doi = reader.u32();
  const protocol = reader.u8();
  const spiOctets = reader.u8();
  const notifyType = reader.u16();
  const spi = readSpi(reader, spiOctets);
  return { kind: 'notification', doi, protocol, notifyType, spi, data: reader.rest() };
}

export function encodeNotification(writer: Writer, notification: NotificationPayload): void {
  requireSpi(notification.spi);
  writer.u32(notification.doi, 'doi');
  writer.u8(notification.protocol, 'protocol');
  writer.u8(notification.spi.length, 'spi length');
  writer.u16(notification.notifyType, 'notifyType');
  writer.octets(notification.spi, 'spi');
  writer.octets(notification.data, 'data');
}
