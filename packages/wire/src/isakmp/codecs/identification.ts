import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import type { IdentificationPayload } from '../types.ts';

/**
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !   ID Type     !  Protocol ID  !             Port              !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                     Identification Data                       ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2407 §4.6.2. Whether the data fit the type is for `checkIdentification` to say.
 */
export function decodeIdentification(reader: Reader): IdentificationPayload {
  const idType = reader.u8();
  const protocol = reader.u8();
  const port = reader.u16();
  return { kind: 'id', idType, protocol, port, data: reader.rest() };
}

export function encodeIdentification(writer: Writer, id: IdentificationPayload): void {
  writer.u8(id.idType, 'idType');
  writer.u8(id.protocol, 'protocol');
  writer.u16(id.port, 'port');
  writer.octets(id.data, 'data');
}
