import {
  type Engine,
  type EspJobs,
  type EspTransform,
  espSuite,
  JOB_WORDS,
  nobleEngine,
  openMany,
  sealMany,
} from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ENGINES, type Pair, pairOf, wipe } from '../support/engines.ts';
import { jobs, keysFor, randomOctets, status } from '../support/esp.ts';
import { coverOf } from '../support/suites.ts';
import { hex } from '../support/vectors.ts';

const HEADER = 8;

/** One packet: of which SA, and how long its text is in units of its suite's alignment. */
interface Packet {
  readonly sa: number;
  readonly text: number;
}

interface Sa {
  readonly suite: string;
  readonly esn: boolean;
}

const suiteNames = coverOf(...ENGINES).map(({ name }) => name);
/** Suites that share kernels and differ in what these must know of each packet. */
const FAMILIES = [
  suiteNames,
  ['null/hmac-sha1-96'],
  ['3des-cbc/hmac-md5-96', '3des-cbc/hmac-sha1-96', 'des-cbc/hmac-sha1-96'],
  ['aes-128-cbc/hmac-sha1-96', 'aes-256-cbc/hmac-sha1-96', 'aes-256-cbc/hmac-sha2-256-128'],
  ['aes-128-ctr/hmac-sha2-512-256', 'aes-256-ctr/hmac-sha2-512-256'],
  ['aes-128-gcm-16', 'aes-192-gcm-16', 'aes-256-gcm-16'],
  ['chacha20-poly1305', 'chacha20-poly1305-iiv'],
  ['aes-128-gcm-8', 'aes-256-gcm-12', 'aes-256-gcm-16-iiv', 'aes-128-gmac'],
  ['aes-128-ccm-8', 'aes-256-ccm-16', 'aes-192-ccm-12', 'aes-256-ccm-16-iiv'],
  ['null/aes-xcbc-96', 'aes-128-cbc/aes-cmac-96', 'camellia-128-cbc/aes-xcbc-96'],
];

const batches = fc
  .constantFrom(...FAMILIES)
  .chain((names) =>
    fc.array(fc.record({ suite: fc.constantFrom(...names), esn: fc.boolean() }), { minLength: 1, maxLength: 40 }),
  )
  .chain((sas) =>
    fc.record({
      sas: fc.constant(sas),
      packets: fc.array(
        fc.record({
          sa: fc.nat(sas.length - 1),
          text: fc.oneof(fc.constant(6), fc.nat(20), fc.nat(120)),
        }),
        { minLength: 1, maxLength: 90 },
      ),
      seed: fc.nat(1000),
    }),
  );

/** The packets one after the other, with gaps, and their jobs. */
function layOut(sas: readonly Sa[], packets: readonly Packet[], seed: number): { memory: Uint8Array; batch: EspJobs } {
  let end = 3;
  const placed = packets.map(({ sa, text }, i) => {
    const suite = espSuite(sas[sa]?.suite ?? '');
    const offset = end;
    const length = HEADER + suite.ivOctets + text * suite.alignmentOctets + suite.icvOctets;
    end += length + 5;
    return { offset, length, sequenceHigh: i + 7 };
  });
  return { memory: randomOctets(end, seed), batch: jobs(...placed) };
}

/** Each packet by a call of its own. */
function oneByOne(batch: EspJobs, transforms: readonly EspTransform[], call: (t: EspTransform, job: EspJobs) => void) {
  transforms.forEach((transform, i) => {
    const job = { words: batch.words.subarray(i * JOB_WORDS, (i + 1) * JOB_WORDS), count: 1 };
    call(transform, job);
  });
}

function chosen<K extends keyof Pair>(pairs: readonly Pair[], packets: readonly Packet[], kind: K): EspTransform[] {
  return packets.flatMap(({ sa }) => pairs[sa]?.[kind] ?? []);
}

function statuses(batch: EspJobs): (number | undefined)[] {
  return Array.from({ length: batch.count }, (_, i) => status(batch, i));
}

function pairsOf(engine: Engine, sas: readonly Sa[]): Pair[] {
  return sas.map(({ suite, esn }, i) => pairOf(engine, espSuite(suite), keysFor(espSuite(suite), 50 * i), esn));
}

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('many SAs on the %s engine', (_, engine) => {
  test.each([false, true])('give the octets of one call per packet; packets in the arena: %s', (inArena) => {
    fc.assert(
      fc.property(batches, ({ sas, packets, seed }) => {
        const { memory, batch } = layOut(sas, packets, seed);
        const pairs = pairsOf(engine, sas);
        const noble = pairsOf(nobleEngine(), sas);

        const expected = memory.slice();
        oneByOne(batch, chosen(noble, packets, 'seal'), (t, job) => t.seal(expected, job, 'given'));
        const place = inArena ? engine.allocate(memory.length) : new Uint8Array(memory.length);
        place.set(memory);
        batch.words.forEach((_word, i) => {
          if (i % JOB_WORDS === JOB_WORDS - 1) batch.words[i] = 0;
        });
        sealMany(engine, place, batch, chosen(pairs, packets, 'seal'), 'given');
        expect(hex(place)).toBe(hex(expected));
        expect(statuses(batch)).toEqual(packets.map(() => 1));

        // Every third packet is tampered with, every fifth is none.
        packets.forEach(({ text }, i) => {
          const at = (batch.words[i * JOB_WORDS] ?? 0) + (text % HEADER);
          if (i % 3 === 1) place[at] = (place[at] ?? 0) ^ (1 << (seed & 7));
          if (i % 5 === 4) batch.words[i * JOB_WORDS + 1] = HEADER;
        });
        const opened = place.slice();
        oneByOne(batch, chosen(noble, packets, 'open'), (t, job) => t.open(opened, job));
        const expectedStatuses = statuses(batch);
        openMany(engine, place, batch, chosen(pairs, packets, 'open'));
        expect(hex(place)).toBe(hex(opened));
        expect(statuses(batch)).toEqual(expectedStatuses);
        [...pairs, ...noble].forEach(wipe);
        if (inArena) engine.release(place);
      }),
      { numRuns: 60 },
    );
  });

  test('give every packet an IV of its own, and what its SA opens', () => {
    const sas = ['aes-128-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96', 'aes-128-gcm-16', 'chacha20-poly1305'].flatMap(
      (suite) => Array.from({ length: 70 }, (__, i) => ({ suite, esn: i % 2 === 0 })),
    );
    const packets = Array.from({ length: sas.length * 2 }, (__, i) => ({
      sa: (i * 37) % sas.length,
      text: 6 + (i % 2),
    }));
    const { memory, batch } = layOut(sas, packets, 5);
    const pairs = pairsOf(engine, sas);
    const place = memory.slice();
    sealMany(engine, place, batch, chosen(pairs, packets, 'seal'), 'fresh');
    // What SAs of one generator take from it is theirs alone.
    const ivs = packets.flatMap(({ sa }, i) => {
      const at = (batch.words[i * JOB_WORDS] ?? 0) + HEADER;
      const suite = espSuite(sas[sa]?.suite ?? '');
      return suite.iv === 'unpredictable' ? [`${sa} ${hex(place.subarray(at, at + suite.ivOctets))}`] : [];
    });
    expect(new Set(ivs).size).toBe(ivs.length);
    openMany(engine, place, batch, chosen(pairs, packets, 'open'));
    expect(statuses(batch)).toEqual(packets.map(() => 1));
    packets.forEach(({ sa }, i) => {
      const suite = espSuite(sas[sa]?.suite ?? '');
      const from = (batch.words[i * JOB_WORDS] ?? 0) + HEADER + suite.ivOctets;
      const to = from + (batch.words[i * JOB_WORDS + 1] ?? 0) - HEADER - suite.ivOctets - suite.icvOctets;
      expect(hex(place.subarray(from, to))).toBe(hex(memory.subarray(from, to)));
    });
    pairs.forEach(wipe);
  });

  test('refuse the other direction, a wiped transform, and a job without one', () => {
    const sas = [
      { suite: 'null/hmac-sha1-96', esn: false },
      { suite: 'null/hmac-sha1-96', esn: false },
    ];
    const packets = [0, 1, 0].map((sa) => ({ sa, text: 3 }));
    const { memory, batch } = layOut(sas, packets, 1);
    const pairs = pairsOf(engine, sas);
    const [first, second] = pairs;
    if (first === undefined || second === undefined) throw new Error('there are two pairs');
    const seal = chosen(pairs, packets, 'seal');
    const open = chosen(pairs, packets, 'open');
    expect(() => sealMany(engine, memory, batch, [first.seal, second.open, first.seal], 'given')).toThrow(TypeError);
    expect(() => openMany(engine, memory, batch, [first.open, second.seal, first.open])).toThrow(TypeError);
    expect(() => sealMany(engine, memory, batch, seal.slice(0, 2), 'given')).toThrow(TypeError);
    expect(() => openMany(engine, memory, batch, [])).toThrow(TypeError);
    wipe(second);
    expect(() => sealMany(engine, memory, batch, seal, 'given')).toThrow(TypeError);
    expect(() => openMany(engine, memory, batch, open)).toThrow(TypeError);
    wipe(first);
  });

  test('refuse what is no packet by RangeError to seal', () => {
    const sas = [
      { suite: 'aes-128-cbc/hmac-sha1-96', esn: false },
      { suite: 'chacha20-poly1305', esn: false },
    ];
    const packets = [0, 1, 0, 1].map((sa) => ({ sa, text: 4 }));
    for (const [job, length] of [
      [0, 20],
      [1, 20],
      [2, -1],
      [3, 0x7fffffff],
    ] as const) {
      const { memory, batch } = layOut(sas, packets, 1);
      const pairs = pairsOf(engine, sas);
      batch.words[job * JOB_WORDS + 1] = length;
      expect(() => sealMany(engine, memory, batch, chosen(pairs, packets, 'seal'), 'given')).toThrow(RangeError);
      pairs.forEach(wipe);
    }
  });

  test('take an empty batch', () => {
    const memory = new Uint8Array(4);
    sealMany(engine, memory, jobs(), [], 'fresh');
    openMany(engine, memory, jobs(), []);
    expect(hex(memory)).toBe('00000000');
  });
});

test("an engine of the caller's own has sealMany by its transforms, and may seal while it makes an IV", () => {
  const noble = nobleEngine();
  const suite = espSuite('aes-128-cbc/hmac-sha1-96');
  const sas = [0, 1].map(() => ({ suite: suite.name, esn: false }));
  const packets = [0, 1, 1, 0].map((sa) => ({ sa, text: 2 }));
  const inner = layOut(sas, packets, 3);
  const pairs = pairsOf(noble, sas);
  const rng = {
    fill: (out: Uint8Array) => {
      sealMany(noble, inner.memory, inner.batch, chosen(pairs, packets, 'seal'), 'given');
      out.fill(7);
    },
  };
  const nested = keysFor(suite, 9);
  const outer = [0, 1].map(() => noble.createEspTransform({ suite, keys: nested, direction: 'seal', esn: false, rng }));
  const open = noble.createEspTransform({ suite, keys: nested, direction: 'open', esn: false });
  const { memory, batch } = layOut(sas, packets, 4);
  sealMany(
    noble,
    memory,
    batch,
    packets.flatMap(({ sa }) => outer[sa] ?? []),
    'fresh',
  );
  openMany(
    noble,
    memory,
    batch,
    packets.map(() => open),
  );
  expect(statuses(batch)).toEqual([1, 1, 1, 1]);
});

test('an engine whose transforms are to be done later is refused', () => {
  const engine = nobleEngine();
  const suite = espSuite('null/hmac-sha1-96');
  // As JavaScript may have it: what is no undefined, for example a promise.
  const later: EspTransform = { ...pairOf(engine, suite, keysFor(suite, 1)).seal, suite, seal: () => JSON.parse('{}') };
  const { memory, batch } = layOut([{ suite: suite.name, esn: false }], [{ sa: 0, text: 2 }], 1);
  expect(() => sealMany(engine, memory, batch, [later], 'given')).toThrow(TypeError);
});
