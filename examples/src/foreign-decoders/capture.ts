import { list, structure, u32 } from '@espalier/testing/arbitraries';
import { concat } from '@espalier/wire';
import fc from 'fast-check';

/** A capture in the format of libpcap, as both parsers read it. */
export interface Capture {
  /** 2.4 since 1998. */
  readonly version: readonly [number, number];
  readonly isLittleEndian: boolean;
  readonly zone: number;
  readonly sigfigs: number;
  readonly snapLength: number;
  readonly link: number;
  readonly packets: readonly CapturedPacket[];
}

export interface CapturedPacket {
  readonly seconds: number;
  readonly fraction: number;
  readonly originalLength: number;
  readonly data: Uint8Array;
}

/** Captures of IPv4 packets as they are, link type 101. */
export const capture: fc.Arbitrary<Capture> = fc.record({
  version: fc.constant([2, 4] as const),
  isLittleEndian: fc.boolean(),
  zone: fc.constant(0),
  sigfigs: fc.constant(0),
  snapLength: fc.constant(65_535),
  link: fc.constant(101),
  packets: list(
    fc
      .record({ seconds: u32, fraction: fc.nat(999_999), data: structure('ipv4-packet').octets })
      .map((packet) => ({ ...packet, originalLength: packet.data.length })),
    0,
    4,
  ),
});

export function encodeCapture({ version, isLittleEndian, packets, ...header }: Capture): Uint8Array {
  const words = (...values: readonly number[]) => {
    const view = new DataView(new ArrayBuffer(4 * values.length));
    for (const [i, value] of values.entries()) view.setUint32(4 * i, value, isLittleEndian);
    return new Uint8Array(view.buffer);
  };
  const [major, minor] = version;
  const numbers = new DataView(new ArrayBuffer(4));
  numbers.setUint16(0, major, isLittleEndian);
  numbers.setUint16(2, minor, isLittleEndian);
  return concat(
    words(0xa1b2_c3d4),
    new Uint8Array(numbers.buffer),
    words(header.zone, header.sigfigs, header.snapLength, header.link),
    ...packets.flatMap(({ seconds, fraction, originalLength, data }) => [
      words(seconds, fraction, data.length, originalLength),
      data,
    ]),
  );
}

/** With so many packets of 20 octets. */
export function captureOf(count: number): Uint8Array {
  const packet = { seconds: 1, fraction: 1, originalLength: 20, data: new Uint8Array(20).fill(0x45) };
  const header = { version: [2, 4] as const, isLittleEndian: true, zone: 0, sigfigs: 0, snapLength: 65_535, link: 101 };
  return encodeCapture({ ...header, packets: Array.from({ length: count }, () => packet) });
}
