import type { Reader } from '../../reader.ts';
import { requireInteger, type Writer } from '../../writer.ts';
import type { DecodeLimits } from '../limits.ts';
import type { ConfigurationPayload } from '../types.ts';
import { decodeAttributes, encodeAttributes } from './attributes.ts';

/** Fewer octets than an attribute has. */
const PADDING_MOST = 3;

/**
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !     Type      !   RESERVED    !           Identifier          !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ~                           Attributes                          ~
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * draft-dukes-ike-mode-cfg-02 §3.2. Behind the attributes some peers (libreswan) put zeros, up to three, so that the payload
 * fills its last four octets.
 */
export function decodeConfiguration(reader: Reader, limits: DecodeLimits): ConfigurationPayload {
  const type = reader.u8();
  reader.reserved(1);
  const identifier = reader.u16();
  const attributes = decodeAttributes(reader, limits.attributesPerConfiguration, PADDING_MOST);
  const padding = reader.remaining;
  reader.reserved(padding);
  return { kind: 'configuration', type, identifier, attributes, ...(padding === 0 ? {} : { padding }) };
}

export function encodeConfiguration(writer: Writer, payload: ConfigurationPayload): void {
  const { type, identifier, attributes, padding = 0 } = payload;
  requireInteger(padding, PADDING_MOST, 'padding');
  writer.u8(type, 'type');
  writer.u8(0, 'reserved');
  writer.u16(identifier, 'identifier');
  encodeAttributes(writer, attributes);
  writer.octets(new Uint8Array(padding), 'padding');
}
