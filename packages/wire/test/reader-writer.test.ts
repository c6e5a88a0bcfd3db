import { octets, u8, u16, u32 } from '@espalier/testing/arbitraries';
import {
  DecodeError,
  encodeUdp,
  FAULTS,
  fromHex,
  Reader,
  readU16,
  readU32,
  Writer,
  writeU16,
  writeU32,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const field = fc.oneof(
  fc.record({ width: fc.constant(1), value: u8 }),
  fc.record({ width: fc.constant(2), value: u16 }),
  fc.record({ width: fc.constant(4), value: u32 }),
);

function write(writer: Writer, width: number, value: number): void {
  if (width === 1) writer.u8(value, 'field');
  else if (width === 2) writer.u16(value, 'field');
  else writer.u32(value, 'field');
}

function read(reader: Reader, width: number): number {
  if (width === 1) return reader.u8();
  return width === 2 ? reader.u16() : reader.u32();
}

describe('reader and writer', () => {
  it('agree on every field, however many: the writer grows at any of them', () => {
    fc.assert(
      fc.property(fc.array(field, { maxLength: 300 }), octets(0, 300), (fields, tail) => {
        const writer = new Writer();
        for (const { width, value } of fields) write(writer, width, value);
        writer.octets(tail);
        const reader = new Reader(writer.finish(), 'test');
        for (const { width, value } of fields) expect(read(reader, width)).toBe(value);
        expect(reader.rest()).toEqual(tail);
        reader.end();
      }),
    );
  });

  it('agree with the integers in place', () => {
    fc.assert(
      fc.property(u16, u32, (short, long) => {
        const octets = new Uint8Array(7);
        writeU16(octets, 0, short);
        writeU32(octets, 3, long);
        expect(readU16(octets, 0)).toBe(short);
        expect(readU32(octets, 3)).toBe(long);
        expect(octets[2]).toBe(0);
      }),
    );
  });

  it('patches a length that counts from where it was told to', () => {
    const writer = new Writer();
    writer.u16(0xffff, 'before');
    writer.length16(0, 'all', () => writer.length16(writer.length, 'inner', () => writer.octets(new Uint8Array(3))));
    expect(writer.finish()).toEqual(fromHex('ffff00090005000000'));
  });
});

describe('a reader', () => {
  it('never leaves its view, nor a sub reader the part that it was given', () => {
    const arena = fromHex('aa0102030405bb');
    const reader = new Reader(arena.subarray(1, 6), 'outer');
    const sub = reader.sub(2, 'inner');
    expect(sub.rest()).toEqual(fromHex('0102'));
    expect(() => sub.u8()).toThrow(new DecodeError('truncated', 2, 'outer/inner'));
    expect(reader.remaining).toBe(3);
    expect(() => reader.u32()).toThrow(new DecodeError('truncated', 2, 'outer'));
    expect(() => reader.octets(4)).toThrow(DecodeError);
    expect(() => reader.sub(4, 'inner')).toThrow(DecodeError);
    expect(reader.octets(3)).toEqual(fromHex('030405'));
    expect(reader.since(3)).toEqual(fromHex('0405'));
  });

  it('names fault, offset and path, and no octet of what it read', () => {
    const sub = new Reader(fromHex('000000feed'), 'message').sub(5, 'payload[2]');
    sub.octets(2);
    try {
      sub.reserved(3);
    } catch (error) {
      expect(error).toMatchObject({ name: 'DecodeError', fault: 'reserved', offset: 3, path: 'message/payload[2]' });
      expect(String(error)).toBe('DecodeError: reserved at octet 3, in message/payload[2]');
    }
    expect.assertions(2);
  });

  it('refuses leftovers when asked to', () => {
    const reader = new Reader(new Uint8Array(1), 'test');
    expect(() => reader.end()).toThrow(new DecodeError('leftover', 0, 'test'));
    reader.u8();
    reader.end();
  });
});

describe('a writer', () => {
  it.each([
    ['u8', 256],
    ['u8', -1],
    ['u8', 1.5],
    ['u16', 65536],
    ['u32', 4294967296],
    ['u32', Number.NaN],
  ] as const)('refuses as %s the value %d, by name', (kind, value) => {
    expect(() => new Writer()[kind](value, 'port')).toThrow(/^port must be an integer from 0 to/);
  });

  it.each([undefined, 'feed', 4, [0xfe, 0xed], Uint16Array.of(0xfeed)])('refuses as octets %j, by name', (slip) => {
    // @ts-expect-error: what a caller without types can pass.
    expect(() => new Writer().octets(slip, 'cookie')).toThrow(new TypeError('cookie must be a Uint8Array'));
  });

  it('refuses hexadecimal text where a message wants octets, by the name of the field', () => {
    const datagram = { sourcePort: 500, destinationPort: 500, payload: 'feed' };
    // @ts-expect-error: what a caller without types can pass.
    expect(() => encodeUdp(datagram)).toThrow(new TypeError('payload must be a Uint8Array'));
  });

  it('refuses a body that its length field cannot count', () => {
    const writer = new Writer();
    expect(() => writer.length16(0, 'ke', () => writer.octets(new Uint8Array(65535)))).toThrow(RangeError);
  });
});

it('the faults are listed once each', () => {
  expect(new Set(FAULTS).size).toBe(FAULTS.length);
});
