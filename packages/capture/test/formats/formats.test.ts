import { gzipSync } from 'node:zlib';
import { concat, fromAscii, fromHex, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CaptureReader, type Frame, framesOf, PcapngWriter, readCapture } from '../../src/index.ts';
import {
  block,
  description,
  enhanced,
  type FileFrame,
  number,
  obsolete,
  option,
  pcap,
  section,
  simple,
  snoop,
} from '../support/files.ts';

const frame: fc.Arbitrary<Required<FileFrame>> = fc
  .record({
    octets: fc.uint8Array({ maxLength: 200 }),
    microseconds: fc.nat(2_000_000_000).map((seconds) => seconds * 1e6 + (seconds % 1e6)),
    more: fc.nat(10),
  })
  .map(({ octets, microseconds, more }) => ({ octets, microseconds, originalOctets: octets.length + more }));
const frames = fc.array(frame, { maxLength: 8 });

const nothing = new Uint8Array(0);
const nanoseconds = option(9, Uint8Array.of(9));
/** Every form of file that holds all of a frame: lengths, times, and which interface. */
const FORMS: readonly (readonly [string, (all: readonly FileFrame[]) => Uint8Array])[] = [
  ['pcap', (all) => pcap(all)],
  ['pcap, big-endian', (all) => pcap(all, { order: 'big' })],
  ['pcap, nanoseconds', (all) => pcap(all, { nanoseconds: true })],
  ['modified pcap', (all) => pcap(all, { modified: true })],
  ['snoop', (all) => snoop(all)],
  ['pcapng', (all) => concat(section(), description(1), ...all.map((one) => enhanced(0, one)))],
  [
    'pcapng, big-endian',
    (all) => concat(section('big'), description(1, nothing, 'big'), ...all.map((one) => enhanced(0, one, 'big'))),
  ],
  [
    'pcapng, nanoseconds',
    (all) => concat(section(), description(1, nanoseconds), ...all.map((one) => enhanced(0, one, 'little', 1000))),
  ],
  ['pcapng, obsolete blocks', (all) => concat(section(), description(1), ...all.map((one) => obsolete(0, one)))],
  [
    'pcapng, a section each',
    (all) =>
      concat(
        section(),
        ...all.flatMap((one, i) => [
          section(i % 2 ? 'big' : 'little'),
          description(1, nothing, i % 2 ? 'big' : 'little'),
          enhanced(0, one, i % 2 ? 'big' : 'little'),
        ]),
      ),
  ],
  [
    'pcapng, other blocks between',
    (all) =>
      concat(
        section(),
        block(4, new Uint8Array(4)),
        description(1),
        ...all.flatMap((one) => [block(10, new Uint8Array(9)), enhanced(0, one), block(0xbad, new Uint8Array(70_000))]),
      ),
  ],
];

const shown = (all: readonly Frame[]) =>
  all.map(({ number: n, octets, time, originalOctets, linkType }) => ({
    n,
    octets: [...octets],
    microseconds: Math.round(time * 1e6),
    originalOctets,
    linkType,
  }));
const expected = (all: readonly Required<FileFrame>[]) =>
  all.map(({ octets, microseconds, originalOctets }, i) => ({
    n: i + 1,
    octets: [...octets],
    microseconds,
    originalOctets,
    linkType: 1,
  }));

describe.each(FORMS)('%s', (_, write) => {
  it('gives its frames as they were', () => {
    fc.assert(
      fc.property(frames, (all) => {
        const { frames: read, fault } = readCapture(write(all));
        expect({ read: shown(read), fault }).toEqual({ read: expected(all), fault: undefined });
      }),
    );
  });

  it('gives the same frames however it is cut into chunks', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.nat(97), { minLength: 1, maxLength: 20 }), (all, sizes) => {
        const file = write(all);
        const reader = new CaptureReader();
        const read: Frame[] = [];
        for (let at = 0, i = 0; at < file.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          read.push(...reader.push(file.subarray(at, at + size)));
          at += Math.max(1, size);
          if (size === 0) read.push(...reader.push(file.subarray(at - 1, at)));
        }
        expect(reader.end()).toBeUndefined();
        expect(shown(read)).toEqual(expected(all));
      }),
    );
  });

  it('gives what was there of every prefix, and where it ends', () => {
    fc.assert(
      fc.property(frames, fc.double({ min: 0, max: 1, noNaN: true }), (all, part) => {
        const file = write(all);
        const length = Math.floor(part * (file.length - 1));
        const { frames: read, fault } = readCapture(file.subarray(0, length));
        expect(shown(read)).toEqual(expected(all).slice(0, read.length));
        // A file may end behind any record.
        if (fault === undefined) expect(shown(readCapture(file).frames).length).toBeGreaterThanOrEqual(read.length);
        else expect(fault.offset).toBeLessThanOrEqual(length);
      }),
    );
  });

  it('never throws for damaged octets, and gives what is in front of the damage', () => {
    fc.assert(
      fc.property(frames, fc.nat(), fc.integer({ min: 1, max: 255 }), (all, where, mask) => {
        const file = write(all).slice();
        const at = where % file.length;
        file[at] = (file[at] ?? 0) ^ mask;
        const { frames: read, fault } = readCapture(file);
        if (fault !== undefined) expect(fault.reason).not.toBe('');
        const before = readCapture(write(all)).frames.filter(
          ({ octets }) => octets.byteOffset + octets.length + 8 < at,
        );
        // What the damage is behind of: but a file's own header says how all of it is to be read.
        if (at > 64) expect(shown(read).slice(0, before.length)).toEqual(shown(before));
      }),
    );
  });

  it('is read from gzip as it is', async () => {
    await fc.assert(
      fc.asyncProperty(frames, fc.integer({ min: 1, max: 64 }), async (all, size) => {
        const zipped = gzipSync(write(all));
        const chunks = Array.from({ length: Math.ceil(zipped.length / size) }, (_, i) =>
          zipped.subarray(i * size, (i + 1) * size),
        );
        const reader = new CaptureReader();
        const read: Frame[] = [];
        for await (const some of framesOf(chunks, reader)) read.push(...some);
        expect({ read: shown(read), fault: reader.fault }).toEqual({ read: expected(all), fault: undefined });
      }),
      { numRuns: 20 },
    );
  });
});

describe('what a file may be beside that', () => {
  it('keeps frames of simple blocks, which have no time, as long as they are', () => {
    const octets = Uint8Array.of(1, 2, 3, 4, 5);
    const file = concat(section(), description(101), simple({ octets }), simple({ octets, originalOctets: 9 }));
    expect(readCapture(file).frames).toMatchObject([
      { time: 0, linkType: 101, originalOctets: 5, octets },
      // What is behind its five octets aligns the block, or is its own: it cannot be told.
      { time: 0, linkType: 101, originalOctets: 9 },
    ]);
  });

  it('counts interfaces over all sections, and knows each by its own link type', () => {
    const octets = Uint8Array.of(1);
    const file = concat(
      section(),
      description(1),
      description(113),
      enhanced(1, { octets }),
      section(),
      description(276),
      enhanced(0, { octets }),
    );
    expect(readCapture(file).frames).toMatchObject([
      { interfaceId: 1, linkType: 113 },
      { interfaceId: 2, linkType: 276 },
    ]);
  });

  it('adds the offset that an interface has to its times', () => {
    const options = concat(option(14, number(8, 1000n)), option(9, Uint8Array.of(0x80 | 10)), option(0, nothing));
    const file = concat(section(), description(1, options), enhanced(0, { octets: nothing, microseconds: 2048 }));
    expect(readCapture(file).frames[0]?.time).toBe(1002);
  });

  it('counts what it passes over by name', () => {
    const reader = new CaptureReader();
    reader.push(
      concat(section(), block(10, new Uint8Array(20)), block(10, new Uint8Array(8)), block(0x1234, new Uint8Array(4))),
    );
    expect([...reader.passedOver]).toEqual([
      ['decryption secrets', 2],
      ['unknown, 0x1234', 1],
    ]);
  });

  it.each([
    [
      'a frame longer than any',
      concat(pcap([]), new Uint8Array(8), number(4, 0x7fffffff), new Uint8Array(4)),
      24,
      'impossible frame length',
    ],
    [
      'a block of no length',
      concat(section(), number(4, 6), number(4, 0), new Uint8Array(4)),
      28,
      'impossible block length 0',
    ],
    [
      'a block whose lengths differ',
      concat(section(), description(1).slice(0, -4), number(4, 24)),
      28,
      'the two lengths of a block differ',
    ],
    [
      'an option beyond its block',
      concat(section(), description(1, concat(number(2, 9), number(2, 500)))),
      28,
      'an option of an interface',
    ],
    [
      'a packet of no interface',
      concat(section(), enhanced(3, { octets: nothing })),
      28,
      'interface 3, which is not described',
    ],
    [
      'a byte order that is none',
      concat(section().slice(0, 8), new Uint8Array(4), section().slice(12)),
      0,
      'bad byte-order magic',
    ],
    ['no capture', Uint8Array.from({ length: 40 }, (_, i) => i + 9), 0, 'unknown magic number'],
    ['three octets', Uint8Array.of(0xd4, 0xc3, 0xb2), 0, 'shorter than a capture header'],
    ['nothing', nothing, 0, 'shorter than a capture header'],
    ['gzip', gzipSync(pcap([])), 0, 'this is gzip'],
    ['zip', Uint8Array.from('PK\x03\x04............', (c) => c.charCodeAt(0)), 0, 'this is a ZIP archive'],
    ['a key table', Uint8Array.from('"IPv4","*","*"', (c) => c.charCodeAt(0)), 0, 'this is a key table of Wireshark'],
    ['snoop of version 1', concat(snoop([]).slice(0, 8), number(4, 1, 'big'), number(4, 4)), 0, 'snoop of version 1'],
  ])('says where and why of %s', (_, file, offset, reason) => {
    const { frames: read, fault } = readCapture(file);
    expect({ read, offset: fault?.offset, reason: fault?.reason }).toEqual({
      read: [],
      offset,
      reason: expect.stringContaining(reason),
    });
  });

  /** As editcap 4.0.17 has written them. */
  it.each([
    ['5views', 'aaaaaaaa200000000000010018000000'],
    ['btsnoop', '6274736e6f6f700000000001000003ea'],
    ['commview-ncf', 'da00da0000ea070b170807002b2c0000'],
    ['commview-ncfx', 'da000000ea070b170807002b2c000000'],
    ['eyesdn', '45796553444eff002c2b006b03f42400'],
    ['k12text', '2b2d2d2d2d2d2d2d2d2d2b2d2d2d2d2d'],
    ['lanalyzer', '01104c00010554726163652044697370'],
    ['netmon1', '5254535301010100ea070b0001001700'],
    ['netmon2', '474d425500020100ea070b0001001700'],
    ['nettl', '5452006400000000000000802f746d70'],
    ['ngsniffer', '5452534e494646206461746120202020'],
    ['ngwsniffer_1_1', '584350003030312e3130300024f4036b'],
    ['ngwsniffer_2_0', '584350003030322e3030310024f4036b'],
    ['observer', '4f62736572766572506b744275666665'],
    ['visual', '05564e462100000024f4036b0600ffff'],
    ['rf5', '0000020012050010000000040000002e'],
    ['dct2000', toHex(fromAscii('Session Transcript'))],
  ])('names %s by its first octets, and says what to do', (_, beginning) => {
    const { frames, fault } = readCapture(concat(fromHex(beginning), new Uint8Array(40)));
    expect([frames, fault?.offset]).toEqual([[], 0]);
    expect(fault?.reason).toMatch(/^this is .*(: convert it with editcap|Bluetooth|EyeSDN)$/);
  });

  it.each([
    ['Nokia', 4, false, 20],
    ['RedHat 6.1', 8, false, 24],
    ['SuSE 6.3', 4, true, 28],
  ])('names pcap as %s has patched it, by its second record', (_, patch, modified, octets) => {
    const microseconds = 1_700_000_000_250_001;
    const all = [60, 90, 70].map((n) => ({ octets: new Uint8Array(n).fill(0xee), microseconds }));
    const { fault } = readCapture(pcap(all, { modified, patch }));
    expect(fault?.reason).toContain(`pcap of a patched tcpdump, with ${octets} octets in front of each frame`);
    expect(readCapture(pcap(all.slice(0, 1), { modified, patch })).frames).toHaveLength(1);
  });

  it('bounds the interfaces of a section', () => {
    const one = description(1);
    const many = new Uint8Array(28 + 65_537 * one.length);
    many.set(section());
    for (let i = 0; i <= 65_536; i++) many.set(one, 28 + i * one.length);
    expect(readCapture(many).fault?.reason).toBe('more than 65536 interfaces');
  });

  it('keeps no more than a record, however large what it passes over is', () => {
    const reader = new CaptureReader();
    reader.push(concat(section(), number(4, 0xbad), number(4, 0x7fff_fff0)));
    const chunk = new Uint8Array(1 << 20);
    for (let i = 0; i < 64; i++) expect(reader.push(chunk)).toEqual([]);
    expect(reader.fault).toBeUndefined();
    expect(reader.end()).toMatchObject({ reason: 'a record is cut off by the end of the file' });
  });

  it('takes no more of a compressed file than what shows that it is none', async () => {
    const bomb = gzipSync(new Uint8Array(32 << 20));
    const reader = new CaptureReader();
    let taken = 0;
    const chunks = Array.from({ length: Math.ceil(bomb.length / 1024) }, (_, i) =>
      bomb.subarray(i * 1024, (i + 1) * 1024),
    );
    for await (const some of framesOf(
      counted(chunks, () => taken++),
      reader,
    ))
      expect(some).toEqual([]);
    expect(reader.fault?.reason).toContain('unknown magic number');
    expect(taken).toBeLessThan(chunks.length);
  });

  it('keeps the frames in front of what is cut off of a compressed file', async () => {
    const all = Array.from({ length: 2000 }, (_, i) => ({
      octets: Uint8Array.from({ length: 60 }, (_, k) => (i * k * 7919) & 255),
    }));
    const zipped = gzipSync(pcap(all));
    const reader = new CaptureReader();
    let count = 0;
    for await (const some of framesOf([zipped.subarray(0, zipped.length / 2)], reader)) count += some.length;
    expect(reader.fault?.reason).toMatch(/damaged or cut off|cut off by the end/);
    expect(count).toBeLessThan(2000);
  });

  it('of several files in one is read to its end where the platform does, else it is said what to do', async () => {
    const reader = new CaptureReader();
    const file = pcap([{ octets: new Uint8Array(60) }, { octets: new Uint8Array(70) }]);
    const [one, other] = [file.subarray(0, 50), file.subarray(50)];
    const frames: Frame[] = [];
    for await (const some of framesOf([gzipSync(one), gzipSync(other)], reader)) frames.push(...some);
    if (reader.fault === undefined) expect(frames).toEqual(readCapture(file).frames);
    else expect(reader.fault.reason).toContain('gunzip it first');
  });

  it('throws for what is no Uint8Array, and after its end', () => {
    const reader = new CaptureReader();
    // @ts-expect-error: a caller in plain JavaScript
    expect(() => reader.push('text')).toThrow('octets must be a Uint8Array');
    reader.end();
    expect(() => reader.push(nothing)).toThrow('push: the capture has ended');
    // @ts-expect-error: likewise
    expect(() => readCapture([1, 2])).toThrow(TypeError);
  });

  it('gives octets of a Buffer that are plain', () => {
    const octets = readCapture(Buffer.from(pcap([{ octets: Uint8Array.of(1, 2, 3) }]))).frames[0]?.octets;
    expect(Object.getPrototypeOf(octets)).toBe(Uint8Array.prototype);
  });
});

describe('the writer', () => {
  it('writes what the reader reads', () => {
    fc.assert(
      fc.property(frames, fc.string({ unit: 'grapheme', maxLength: 40 }), (all, comment) => {
        const writer = new PcapngWriter(1);
        const file = concat(
          writer.beginning(),
          ...all.map(({ microseconds, ...one }) => writer.frame({ ...one, time: microseconds / 1e6, comment })),
        );
        const { frames: read, fault, format } = readCapture(file);
        expect({ read: shown(read), fault, format }).toEqual({
          read: expected(all),
          fault: undefined,
          format: 'pcapng',
        });
      }),
    );
  });

  it('refuses what a file cannot hold', () => {
    expect(() => new PcapngWriter(70_000)).toThrow('linkType must be');
    const writer = new PcapngWriter();
    expect(() => writer.frame({ time: -1, octets: nothing })).toThrow('time must be');
    expect(() => writer.frame({ time: 0, octets: new Uint8Array(300_000) })).toThrow('octets must be at most');
    expect(() => writer.frame({ time: 0, octets: nothing, originalOctets: 0.5 })).toThrow('originalOctets must be');
    expect(() => Reflect.apply(writer.frame, writer, [])).toThrow('frame must be an object');
    expect(() => Reflect.apply(writer.frame, writer, [{ time: 0, octets: nothing, comment: 5 }])).toThrow(
      'comment must',
    );
  });
});

async function* counted(chunks: readonly Uint8Array[], count: () => void): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    count();
    yield chunk;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
