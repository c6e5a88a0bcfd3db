import type { OwnOctets } from '../octets.ts';
import { Reader } from '../reader.ts';
import { Writer } from '../writer.ts';

/** One option; the End of Option List and its padding are not among them. */
export interface Ipv4Option {
  /** Copied flag (128), class and number. */
  readonly type: number;
  /** What follows type and length; none for No Operation. */
  readonly data: Uint8Array;
}

const END = 0;
const NO_OPERATION = 1;
const COPIED = 0x80;
const MAX_OPTIONS_OCTETS = 40;

/**
 * The options of a header, whose octets are 0 to 40, a multiple of 4 (RFC 791 §3.1). How much padding follows them is
 * not kept: encoding again pads as little as it can.
 * @throws DecodeError for a length that is too short or overruns the header, and for padding that is not zero.
 */
export function decodeIpv4Options(octets: Uint8Array): readonly Ipv4Option[] {
  const options: Ipv4Option[] = [];
  const reader = new Reader(octets, 'options');
  if (octets.length % 4 !== 0 || octets.length > MAX_OPTIONS_OCTETS) reader.fail('length');
  while (reader.remaining > 0) {
    const type = reader.u8();
    if (type === END) {
      reader.reserved(reader.remaining);
    } else if (type === NO_OPERATION) {
      options.push({ type, data: reader.octets(0) });
    } else {
      const at = reader.offset;
      const length = reader.u8();
      if (length < 2) reader.fail('length', at);
      options.push({ type, data: reader.octets(length - 2) });
    }
  }
  return options;
}

/**
 * Options padded with End of Option List to a multiple of 4 octets.
 * @throws RangeError when they take more than 40.
 */
export function encodeIpv4Options(options: readonly Ipv4Option[]): OwnOctets {
  const writer = new Writer();
  for (const { type, data } of options) {
    if (type === END) throw new RangeError('type must not be 0, End of Option List');
    writer.u8(type, 'type');
    if (type === NO_OPERATION) continue;
    writer.u8(data.length + 2, 'length of data');
    writer.octets(data, 'data');
  }
  while (writer.length % 4 !== 0) writer.u8(END, 'padding');
  if (writer.length > MAX_OPTIONS_OCTETS) throw new RangeError(`options must fit ${MAX_OPTIONS_OCTETS} octets`);
  return writer.finish();
}

/** Those options that every fragment carries, not only the first (RFC 791 §3.2). */
export function copiedIpv4Options(octets: Uint8Array): Uint8Array {
  return encodeIpv4Options(decodeIpv4Options(octets).filter((option) => (option.type & COPIED) !== 0));
}
