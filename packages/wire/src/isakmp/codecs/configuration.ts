import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import type { DecodeLimits } from '../limits.ts';
import type { ConfigurationPayload } from '../types.ts';
import { decodeAttributes, encodeAttributes } from './attributes.ts';

/**
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !     Type      !   RESERVED    !           Identifier          !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                           Attributes                          ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * draft-dukes-ike-mode-cfg-02 §3.2.
 */
export function decodeConfiguration(reader: Reader, limits: DecodeLimits): ConfigurationPayload {
  const type = reader.u8();
  reader.reserved(1);
  const identifier = reader.u16();
  const attributes = decodeAttributes(reader, limits.attributesPerConfiguration);
  return { kind: 'configuration', type, identifier, attributes };
}

export function encodeConfiguration(writer: Writer, { type, identifier, attributes }: ConfigurationPayload): void {
  writer.u8(type, 'type');
  writer.u8(0, 'reserved');
  writer.u16(identifier, 'identifier');
  encodeAttributes(writer, attributes);
}
