import {
  checksum,
  encodeIpv4,
  encodeIpv6,
  ip,
  parseAddress,
  pseudoHeaderSum,
  readU16,
  writeU16,
  writeU32,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Block, Native } from '../../src/linux/kernel/native.ts';
import { sumOf } from '../../src/linux/tun/checksums.ts';
import { JoinedSegments } from '../../src/linux/tun/joined-segments.ts';
import { Segments } from '../../src/linux/tun/segments.ts';

/** A kernel that keeps what is written to it; addresses are places in its own table. */
class Written {
  readonly frames: Uint8Array[] = [];
  errno = 0;
  readonly #memories: Uint8Array[] = [];
  readonly native: Native;

  constructor() {
    const addressOf = (octets: Uint8Array): number => {
      this.#memories.push(new Uint8Array(octets.buffer));
      return this.#memories.length * ROOM + octets.byteOffset;
    };
    const allocate = (octets: number): Block => {
      const buffer = new ArrayBuffer(octets);
      const all = new Uint8Array(buffer);
      return { octets: all, halves: new Uint16Array(buffer), words: new Uint32Array(buffer), address: addressOf(all) };
    };
    const writev = (_fd: number, vectors: number, count: number): number => {
      if (this.errno !== 0) return -1;
      const parts = Array.from({ length: count }, (_, i) => {
        const vector = this.#read(vectors + i * 16, 16);
        const view = new DataView(vector.buffer, vector.byteOffset);
        return this.#read(Number(view.getBigUint64(0, true)), Number(view.getBigUint64(8, true)));
      });
      this.frames.push(Uint8Array.from(Buffer.concat(parts)));
      return 1;
    };
    this.native = { addressOf, allocate, writev, errno: () => this.errno } as Partial<Native> as Native;
  }

  #read(address: number, octets: number): Uint8Array {
    const memory = this.#memories[Math.floor(address / ROOM) - 1] ?? expect.fail(`nothing is at ${address}`);
    return memory.slice(address % ROOM, (address % ROOM) + octets);
  }
}

const ROOM = 2 ** 32;
const TCP = 6;
const ENDS = {
  4: { source: parseAddress('10.1.0.7'), destination: parseAddress('10.2.0.9') },
  6: { source: parseAddress('fd01::7'), destination: parseAddress('fd02::9') },
} as const;

interface Fields {
  readonly family: 4 | 6;
  readonly sequence: number;
  readonly payload: Uint8Array;
  readonly flags?: number;
  readonly sourcePort?: number;
  readonly options?: Uint8Array;
  readonly dontFragment?: boolean;
}

function tcpPacket({
  family,
  sequence,
  payload,
  flags = 0x10,
  sourcePort = 5001,
  options = new Uint8Array(12),
  dontFragment = true,
}: Fields): Uint8Array {
  const segment = new Uint8Array(20 + options.length + payload.length);
  writeU16(segment, 0, sourcePort);
  writeU16(segment, 2, 443);
  writeU32(segment, 4, sequence);
  writeU32(segment, 8, 77);
  segment[12] = ((20 + options.length) / 4) << 4;
  segment[13] = flags;
  writeU16(segment, 14, 512);
  segment.set(options, 20);
  segment.set(payload, 20 + options.length);
  writeU16(segment, 16, checksum(segment, 0, segment.length, pseudoHeaderSum(ENDS[family], TCP, segment.length)));
  return family === 4
    ? encodeIpv4({ ...ENDS[4], protocol: TCP, payload: segment, dontFragment })
    : encodeIpv6({ ...ENDS[6], nextHeader: TCP, payload: segment, trafficClass: 0, flowLabel: 7, hopLimit: 64 });
}

/** Writes them from one memory, as a gateway's packets lie in its own. */
function written(packets: readonly Uint8Array[], headed = true, misplaced = 0): Uint8Array[] {
  const kernel = new Written();
  const joined = new JoinedSegments(kernel.native, 3, headed, (errno) => expect.fail(`${errno}`));
  const memory = new Uint8Array(Math.max(1 << 16, packets.length * 2048) + 64);
  for (const [i, packet] of packets.entries()) {
    const at = i * 2048 + misplaced;
    memory.set(packet, at);
    joined.add(memory, at, packet.length);
  }
  joined.flush();
  return kernel.frames;
}

/** What another reads from its TUN when these frames are written to one. */
function read(frames: readonly Uint8Array[]): Uint8Array[] {
  const segments = new Segments(1 << 17);
  return frames.flatMap((frame) => {
    const buffer = new ArrayBuffer(6 + frame.length + 2);
    const memory = { octets: new Uint8Array(buffer), halves: new Uint16Array(buffer, 0, buffer.byteLength >>> 1) };
    memory.octets.set(frame, 6);
    return Array.from(segments.of(memory, 6, frame.length), (packet) => Uint8Array.from(packet));
  });
}

/** Without what IPv4 tells fragments of different packets apart by, and the checksum that covers it: nobody may ask for it here. */
function known(packet: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(packet);
  if (ip.version(copy, 0) === 4) copy.fill(0, 4, 6).fill(0, 10, 12);
  return copy;
}

const payloads = fc
  .array(fc.integer({ min: 1, max: 1400 }), { minLength: 1, maxLength: 60 })
  .map((lengths) => lengths.map((length, i) => Uint8Array.from({ length }, (_, at) => (i * 31 + at) & 0xff)));

const stream = fc
  .record({
    family: fc.constantFrom(4 as const, 6 as const),
    sequence: fc.nat(0xffffffff),
    payloads,
    isEven: fc.boolean(),
    flags: fc.constantFrom(0x10, 0x18),
  })
  .map(({ family, sequence, payloads: all, isEven, flags }) => {
    let at = sequence;
    return all.map((payload, i) => {
      const even = isEven ? (all[0] ?? payload) : payload;
      const packet = tcpPacket({ family, sequence: at, payload: even, flags: i === all.length - 1 ? flags : 0x10 });
      at = (at + even.length) % 2 ** 32;
      return packet;
    });
  });

describe('frames for a TUN', () => {
  it('are cut into the packets that they were made of, with checksums that are right', () => {
    fc.assert(
      fc.property(
        fc.array(stream, { maxLength: 3 }),
        fc.boolean(),
        fc.constantFrom(0, 1, 14),
        (streams, headed, misplaced) => {
          const packets = streams.flat();
          const frames = written(packets, headed, misplaced);
          expect((headed ? read(frames) : frames).map(known)).toEqual(packets.map(known));
          for (const packet of headed ? read(frames) : frames) {
            expect(ip.headerChecksumOk(packet, 0)).toBe(true);
          }
        },
      ),
    );
  });

  it.each([4, 6] as const)('are few where a stream of TCP over IPv%i goes on', (family) => {
    const payload = new Uint8Array(1400).fill(7);
    const packets = Array.from({ length: 92 }, (_, i) => tcpPacket({ family, sequence: i * 1400, payload }));
    expect(written(packets).length).toBe(2);
  });

  const one = { family: 4, sequence: 0, payload: new Uint8Array(100).fill(1) } as const;
  const next = { ...one, sequence: 100 };
  it.each<[string, Fields, Fields]>([
    ['there is a gap', one, { ...next, sequence: 101 }],
    ['the second is longer', one, { ...next, payload: new Uint8Array(101) }],
    ['the first is pushed', { ...one, flags: 0x18 }, next],
    ['the second has another flag', one, { ...next, flags: 0x11 }],
    ['it is another stream', one, { ...next, sourcePort: 5002 }],
    ['options differ', one, { ...next, options: new Uint8Array(12).fill(1) }],
    ['one of them has fewer options', one, { ...next, options: new Uint8Array(8) }],
    ['they may be fragmented', { ...one, dontFragment: false }, { ...next, dontFragment: false }],
    ['there is no payload', { ...one, payload: new Uint8Array(0) }, { ...one, payload: new Uint8Array(0) }],
    ['they are of different families', one, { ...next, family: 6 }],
  ])('are two where %s', (_, first, second) => {
    expect(written([tcpPacket(one), tcpPacket(next)]).length).toBe(1);
    const packets = [tcpPacket(first), tcpPacket(second)];
    const frames = written(packets);
    expect(frames.length).toBe(2);
    expect(read(frames)).toEqual(packets);
  });

  it('leave a wrong checksum as it is, where it would else be made right', () => {
    const packets = [tcpPacket(one), tcpPacket(next)];
    const [, damaged = expect.fail()] = packets;
    damaged[damaged.length - 1] = 99;
    const frames = written(packets);
    expect(frames.length).toBe(2);
    expect(read(frames)).toEqual(packets);
  });

  it('of UDP are cut into datagrams', () => {
    const payload = Uint8Array.from({ length: 2500 }, (_, i) => i & 0xff);
    const datagram = new Uint8Array(8 + payload.length);
    datagram.set([0x13, 0x89, 0x01, 0xbb]);
    writeU16(datagram, 4, datagram.length);
    writeU16(datagram, 6, pseudoHeaderSum(ENDS[4], 17, datagram.length));
    datagram.set(payload, 8);
    const header = [1, 5, 28, 0, 1000 & 0xff, 1000 >> 8, 20, 0, 6, 0];
    const frame = Uint8Array.from([...header, ...encodeIpv4({ ...ENDS[4], protocol: 17, payload: datagram })]);
    const packets = read([frame]);
    expect(packets.map(({ length }) => length)).toEqual([1028, 1028, 528]);
    for (const packet of packets) {
      const udp = packet.subarray(20);
      expect(readU16(udp, 4)).toBe(udp.length);
      expect(checksum(udp, 0, udp.length, pseudoHeaderSum(ENDS[4], 17, udp.length))).toBe(0);
    }
    expect(Buffer.concat(packets.map((packet) => packet.subarray(28)))).toEqual(Buffer.from(payload));
  });

  it('that cannot be written are told, by the number of the error', () => {
    const kernel = new Written();
    const errors: number[] = [];
    const joined = new JoinedSegments(kernel.native, 3, true, (errno) => errors.push(errno));
    kernel.errno = 5;
    joined.add(tcpPacket(one), 0, 40);
    joined.flush();
    expect(errors).toEqual([5]);
    expect(() => joined.add(new Uint8Array(10), 5, 6)).toThrow(RangeError);
  });
});

it('sums as the checksum of the Internet has it, whatever the length', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(4), (octets, half) => {
      const buffer = new ArrayBuffer(512);
      const memory = { octets: new Uint8Array(buffer), halves: new Uint16Array(buffer) };
      memory.octets.set(octets, half * 2);
      expect(~sumOf(memory, half * 2, octets.length) & 0xffff).toBe(checksum(octets, 0, octets.length));
    }),
  );
});
