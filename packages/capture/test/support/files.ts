import { concat } from '@espalier/wire';

/** A frame as a file holds it. */
export interface FileFrame {
  readonly octets: Uint8Array;
  /** Microseconds since 1970. */
  readonly microseconds?: number;
  readonly originalOctets?: number;
}

type Order = 'little' | 'big';

/** A number of so many octets. */
export function number(octets: number, value: number | bigint, order: Order = 'little'): Uint8Array {
  const bytes = Uint8Array.from({ length: octets }, (_, i) => Number((BigInt(value) >> BigInt(8 * i)) & 0xffn));
  return order === 'little' ? bytes : bytes.reverse();
}

export const u8 = (...values: readonly number[]): Uint8Array => Uint8Array.from(values);
export const u16 = (value: number): Uint8Array => number(2, value, 'big');
export const u32 = (value: number): Uint8Array => number(4, value, 'big');

export interface PcapForm {
  readonly linkType?: number;
  readonly order?: Order;
  readonly nanoseconds?: boolean;
  readonly modified?: boolean;
  /** Octets that a patched tcpdump of old puts in front of frames, and does not count. */
  readonly patch?: number;
}

/** A pcap file. */
export function pcap(
  frames: readonly FileFrame[],
  { linkType = 1, order = 'little', ...form }: PcapForm = {},
): Uint8Array {
  const { nanoseconds = false, modified = false, patch = 0 } = form;
  const n = (octets: number, value: number) => number(octets, value, order);
  const magic = modified ? 0xa1b2cd34 : nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const head = concat(n(4, magic), n(2, 2), n(2, 4), n(8, 0), n(4, 262_144), n(4, linkType));
  return concat(
    head,
    ...frames.map(({ octets, microseconds = 0, originalOctets = octets.length }) =>
      concat(
        n(4, Math.floor(microseconds / 1e6)),
        n(4, (microseconds % 1e6) * (nanoseconds ? 1000 : 1)),
        n(4, octets.length),
        n(4, originalOctets),
        new Uint8Array((modified ? 8 : 0) + patch),
        octets,
      ),
    ),
  );
}

/** A snoop file (RFC 1761). */
export function snoop(frames: readonly FileFrame[], dataLink = 4): Uint8Array {
  const magic = Uint8Array.from('snoop\0\0\0', (c) => c.charCodeAt(0));
  return concat(
    magic,
    u32(2),
    u32(dataLink),
    ...frames.map(({ octets, microseconds = 0, originalOctets = octets.length }) => {
      const padding = new Uint8Array(-octets.length & 3);
      const lengths = [originalOctets, octets.length, 24 + octets.length + padding.length, 0];
      const times = [Math.floor(microseconds / 1e6), microseconds % 1e6];
      return concat(...[...lengths, ...times].map(u32), octets, padding);
    }),
  );
}

/** A block of pcapng. */
export function block(type: number, body: Uint8Array, order: Order = 'little'): Uint8Array {
  const padding = new Uint8Array(-body.length & 3);
  const length = number(4, 12 + body.length + padding.length, order);
  return concat(number(4, type, order), length, body, padding, length);
}

export function section(order: Order = 'little'): Uint8Array {
  const n = (octets: number, value: number) => number(octets, value, order);
  return block(0x0a0d0d0a, concat(n(4, 0x1a2b3c4d), n(2, 1), n(2, 0), new Uint8Array(8).fill(255)), order);
}

export function option(code: number, value: Uint8Array, order: Order = 'little'): Uint8Array {
  return concat(number(2, code, order), number(2, value.length, order), value, new Uint8Array(-value.length & 3));
}

export function description(
  linkType: number,
  options: Uint8Array = new Uint8Array(0),
  order: Order = 'little',
): Uint8Array {
  return block(1, concat(number(2, linkType, order), number(6, 0, order), options), order);
}

export function enhanced(
  index: number,
  frame: FileFrame,
  order: Order = 'little',
  ticksPerMicrosecond = 1,
): Uint8Array {
  const { octets, microseconds = 0, originalOctets = octets.length } = frame;
  const n = (length: number, value: number | bigint) => number(length, value, order);
  const ticks = BigInt(microseconds) * BigInt(ticksPerMicrosecond);
  const lengths = concat(n(4, octets.length), n(4, originalOctets));
  return block(6, concat(n(4, index), n(4, ticks >> 32n), n(4, ticks & 0xffffffffn), lengths, octets), order);
}

export function simple({ octets, originalOctets = octets.length }: FileFrame, order: Order = 'little'): Uint8Array {
  return block(3, concat(number(4, originalOctets, order), octets), order);
}

export function obsolete(
  index: number,
  { octets, microseconds = 0, originalOctets = octets.length }: FileFrame,
): Uint8Array {
  const n = (length: number, value: number | bigint) => number(length, value);
  const ticks = BigInt(microseconds);
  const times = concat(n(4, ticks >> 32n), n(4, ticks & 0xffffffffn));
  return block(2, concat(n(2, index), n(2, 0xffff), times, n(4, octets.length), n(4, originalOctets), octets));
}
