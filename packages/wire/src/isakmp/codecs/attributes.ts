import type { Reader } from '../../reader.ts';
import { requireInteger, type Writer } from '../../writer.ts';
import type { Attribute } from '../types.ts';

const TV_FORMAT = 0x8000;
const TYPE_MASK = 0x7fff;

/**
 * Data attributes up to the end of the view, or until no more than `rest` octets are left.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !A!       Attribute Type        !    AF=0  Attribute Length     !
 *     !F!                             !    AF=1  Attribute Value      !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     .                   AF=0  Attribute Value                       .
 *     .                   AF=1  Not Transmitted                       .
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *
 * RFC 2408 §3.3.
 */
export function decodeAttributes(reader: Reader, limit: number, rest = 0): readonly Attribute[] {
  const attributes: Attribute[] = [];
  while (reader.remaining > rest) {
    if (attributes.length === limit) reader.fail('limit');
    const format = reader.u16();
    const type = format & TYPE_MASK;
    const value = reader.u16();
    attributes.push({ type, value: format & TV_FORMAT ? value : reader.octets(value) });
  }
  return attributes;
}

/** A number is written as TV, octets as TLV. */
export function encodeAttributes(writer: Writer, attributes: readonly Attribute[]): void {
  for (const { type, value } of attributes) {
    requireInteger(type, TYPE_MASK, 'attribute type');
    if (typeof value === 'number') {
      writer.u16(type | TV_FORMAT, 'attribute type');
      writer.u16(value, 'attribute value');
    } else {
      writer.u16(type, 'attribute type');
      writer.u16(value.length, 'attribute length');
      writer.octets(value, 'value');
    }
  }
}

/**
 * The value of an attribute as a number: of TV, or of TLV of 1 to 8 octets (RFC 2407 §4.5.2).
 * Undefined for any other length, and for what is beyond 2^53 - 1.
 */
export function attributeNumber(attribute: Attribute): number | undefined {
  const { value } = attribute;
  if (typeof value === 'number') return value;
  if (value.length < 1 || value.length > 8) return undefined;
  const number = value.reduce((sum, octet) => sum * 256 + octet, 0);
  return Number.isSafeInteger(number) ? number : undefined;
}

/**
 * A number as an attribute in its shorter form: TV up to 65535, else TLV of 4 octets.
 * @throws RangeError unless `value` fits 32 bits.
 */
export function numberAttribute(type: number, value: number): Attribute {
  requireInteger(value, 0xffffffff, 'value');
  if (value <= 0xffff) return { type, value };
  return { type, value: Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value) };
}
