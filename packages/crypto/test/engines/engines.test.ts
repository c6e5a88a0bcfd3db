import {
  type EspJobs,
  type EspSuite,
  espSuite,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_WORDS,
} from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { jobs, keys, keysFor, openOne, randomOctets, sealGiven, status } from '../support/esp.ts';
import { referenceSeal } from '../support/reference.ts';
import { coverOf } from '../support/suites.ts';
import { concat, hex, octets, vectors } from '../support/vectors.ts';

const HEADER = 8;
const MOST = 2000;
const GAP = 5;

/** Numbers below `limit`, reproducible. */
function randomNumbers(seed: number): (limit: number) => number {
  const source = randomOctets(4096, seed);
  const view = new DataView(source.buffer);
  let at = 0;
  return (limit) => {
    at = (at + 2) % 4096;
    return view.getUint16(at) % limit;
  };
}

function packetOctets(suite: EspSuite, text: number): number {
  return HEADER + suite.ivOctets + text + suite.icvOctets;
}

/** `count` packets of mixed sizes in one memory, not in order, with gaps between. */
function layOut(suite: EspSuite, count: number, seed: number): { memory: Uint8Array; batch: EspJobs } {
  const random = randomNumbers(seed);
  const packets = Array.from({ length: count }, (_, i) => {
    const text = random(4) === 0 ? random(MOST + 1) : random(120);
    const length = packetOctets(suite, text - (text % suite.alignmentOctets));
    return { offset: 0, length, sequenceHigh: 0xfffffff0 + i };
  });
  let end = 3;
  for (const packet of packets.toSorted((a, b) => (a.length % 7) - (b.length % 7))) {
    packet.offset = end;
    end += packet.length + GAP;
  }
  return { memory: randomOctets(end, seed + 1), batch: jobs(...packets) };
}

function packetAt(memory: Uint8Array, { words }: EspJobs, job: number): Uint8Array {
  const offset = words[job * JOB_WORDS + JOB_OFFSET] ?? 0;
  return memory.slice(offset, offset + (words[job * JOB_WORDS + JOB_LENGTH] ?? 0));
}

function flip(memory: Uint8Array, at: number, bit: number): void {
  memory[at] = (memory[at] ?? 0) ^ (1 << (bit & 7));
}

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('the %s engine', (_, engine) => {
  /** The same octets in the engine's own memory, or outside of it. */
  function placed(memory: Uint8Array, inArena: boolean): Uint8Array {
    if (!inArena) return memory.slice();
    const allocated = engine.allocate(memory.length);
    allocated.set(memory);
    return allocated;
  }

  describe.each(coverOf(engine).map((suite) => suite.name))('%s', (name) => {
    const suite = espSuite(name);
    const espKeys = keysFor(suite, 31);
    const seed = [...name].reduce((sum, letter) => sum * 3 + letter.charCodeAt(0), 0);

    test.each([
      [1, false, true, 'given'],
      [3, true, true, 'given'],
      [5, true, false, 'fresh'],
      [11, false, false, 'given'],
      [16, true, true, 'fresh'],
      [17, false, true, 'given'],
      [64, true, false, 'given'],
      [130, false, true, 'fresh'],
    ] as const)('%i packets; ESN: %s; in the arena: %s; IVs %s', (count, esn, inArena, iv) => {
      const { memory, batch } = layOut(suite, count, seed + count);
      const place = placed(memory, inArena);
      const pair = pairOf(engine, suite, espKeys, esn);

      pair.seal.seal(place, batch, iv);
      for (let job = 0; job < count; job++) {
        const sealed = packetAt(place, batch, job);
        const laidOut = packetAt(memory, batch, job);
        laidOut.set(sealed.subarray(HEADER, HEADER + suite.ivOctets), HEADER);
        if (iv === 'given') expect(hex(laidOut)).toBe(hex(packetAt(memory, batch, job)));
        const high = esn ? batch.words[job * JOB_WORDS + JOB_SEQUENCE_HIGH] : undefined;
        expect(hex(sealed)).toBe(hex(referenceSeal(suite, espKeys, laidOut, high)));
        expect(status(batch, job)).toBe(1);
      }

      // Tampered packets are refused one by one, and left as they came; their neighbours open.
      const bad = new Set<number>();
      for (let job = 1; job < count; job += 3) {
        flip(place, (batch.words[job * JOB_WORDS + JOB_OFFSET] ?? 0) + ((job * 7) % packetOctets(suite, 0)), job);
        bad.add(job);
      }
      const sealed = place.slice();
      pair.open.open(place, batch);
      const expected = sealed.slice();
      for (let job = 0; job < count; job++) {
        expect(status(batch, job)).toBe(bad.has(job) ? 0 : 1);
        if (bad.has(job)) continue;
        const plain = packetAt(memory, batch, job);
        const from = HEADER + suite.ivOctets;
        const to = plain.length - suite.icvOctets;
        expected.set(plain.subarray(from, to), (batch.words[job * JOB_WORDS + JOB_OFFSET] ?? 0) + from);
      }
      expect(hex(place)).toBe(hex(expected));
      wipe(pair);
      if (inArena) engine.release(place);
    });

    test('refuses a packet changed anywhere, alone and in a batch of its like, and opens the next', () => {
      const pair = pairOf(engine, suite, espKeys, true);
      const text = 5 * suite.alignmentOctets + (suite.alignmentOctets === 4 ? 12 : 0);
      const sealed = sealGiven(pair.seal, randomOctets(packetOctets(suite, text), 5), 9);
      const length = sealed.length;
      const accepted: number[] = [];
      for (let i = 0; i < length; i++) {
        const tampered = sealed.slice();
        flip(tampered, i, i);
        const opened = openOne(pair.open, tampered, 9);
        if (opened.status !== 0 || Buffer.compare(opened.memory, tampered) !== 0) accepted.push(i);
      }
      expect(accepted).toEqual([]);
      expect(openOne(pair.open, sealed, 8).status).toBe(0);

      const memory = concat(...Array.from({ length: length + 1 }, () => sealed));
      for (let i = 0; i < length; i++) flip(memory, i * length + i, i);
      const garbage = memory.slice();
      const batch = jobs(
        ...Array.from({ length: length + 1 }, (__, i) => ({ offset: i * length, length, sequenceHigh: 9 })),
      );
      pair.open.open(memory, batch);
      const statuses = Array.from({ length: length + 1 }, (__, i) => status(batch, i));
      expect(statuses).toEqual([...new Array(length).fill(0), 1]);
      expect(Buffer.compare(memory.slice(0, length * length), garbage.slice(0, length * length))).toBe(0);
      expect(openOne(pair.open, sealed, 9).status).toBe(1);
      wipe(pair);
    });

    test('refuses what is no packet of the suite: one by one to open, by RangeError to seal', () => {
      const pair = pairOf(engine, suite, espKeys);
      const sealed = sealGiven(pair.seal, randomOctets(packetOctets(suite, suite.alignmentOctets), 5));
      const { length } = sealed;
      const shapes = [
        { offset: 0, length },
        { offset: 0, length: packetOctets(suite, 0) - 1 },
        { offset: 0, length: -1 },
        { offset: -1, length },
        { offset: 1, length },
        { offset: 0x7fffffff, length: 0x7fffffff },
      ];
      const memory = sealed.slice();
      for (const [i, shape] of shapes.entries()) {
        if (shape.offset === 0 && shape.length === length) continue;
        expect(() => pair.seal.seal(memory, jobs(...shapes.slice(i, i + 1)), 'given')).toThrow(RangeError);
      }
      expect(hex(memory)).toBe(hex(sealed));
      for (const inArena of [false, true]) {
        const place = placed(sealed, inArena);
        const batch = jobs(...shapes);
        pair.open.open(place, batch);
        expect(shapes.map((__, i) => status(batch, i))).toEqual([1, 0, 0, 0, 0, 0]);
        if (inArena) engine.release(place);
      }
      wipe(pair);
    });
  });

  test('gives the packets of draft-mcgrew-gcm-test-01', () => {
    interface File {
      cases: {
        key: string;
        salt: string;
        esn: boolean;
        seq_or_esn: string;
        plaintext_with_trailer: string;
        esp_payload: string;
      }[];
    }
    for (const one of vectors<File>('rfc/draft-mcgrew-gcm-esp.json').cases) {
      const suite = espSuite(`aes-${one.key.length * 4}-gcm-16`);
      const pair = pairOf(engine, suite, keys({ encryption: octets(one.key), salt: octets(one.salt) }), one.esn);
      const high = one.esn ? Number.parseInt(one.seq_or_esn.slice(0, 8), 16) : 0;
      const packet = octets(one.esp_payload);
      const laidOut = concat(packet.slice(0, 16), octets(one.plaintext_with_trailer), new Uint8Array(16));
      expect(hex(sealGiven(pair.seal, laidOut, high))).toBe(hex(packet));
      expect(openOne(pair.open, packet, high).status).toBe(1);
      wipe(pair);
    }
  });

  test('gives the packet of RFC 7634 Appendix A', () => {
    interface File {
      case: { keymat: string; plaintext: string; esp_ip_packet: string };
    }
    const { keymat, plaintext, esp_ip_packet } = vectors<File>('rfc/rfc7634-chacha20-esp.json').case;
    const espKeys = keys({ encryption: octets(keymat).slice(0, 32), salt: octets(keymat).slice(32) });
    const pair = pairOf(engine, espSuite('chacha20-poly1305'), espKeys);
    const packet = octets(esp_ip_packet).slice(20);
    const laidOut = concat(packet.slice(0, 16), octets(plaintext), new Uint8Array(16));
    expect(hex(sealGiven(pair.seal, laidOut))).toBe(hex(packet));
    wipe(pair);
  });

  test.each(
    coverOf(engine)
      .filter((suite) => suite.encryption === 'null')
      .map((suite) => suite.name),
  )(
    'hashes packets of one size, and behind them one of another, at every distance from the end of a block: %s',
    (name) => {
      const suite = espSuite(name);
      const espKeys = keysFor(suite, 3);
      for (const esn of [false, true]) {
        const pair = pairOf(engine, suite, espKeys, esn);
        for (let text = 0; text <= 264; text += 4) {
          const lengths = [...new Array(9).fill(text), text + 60].map((octets) => packetOctets(suite, octets));
          const batch = jobs(...lengths.map((length, i) => ({ offset: 400 * i, length, sequenceHigh: 7 + i })));
          const memory = randomOctets(4000, text);
          const place = memory.slice();
          pair.seal.seal(place, batch, 'given');
          for (let job = 0; job < batch.count; job++) {
            const expected = referenceSeal(suite, espKeys, packetAt(memory, batch, job), esn ? 7 + job : undefined);
            expect(hex(packetAt(place, batch, job))).toBe(hex(expected));
          }
          pair.open.open(place, batch);
          for (let job = 0; job < batch.count; job++) expect(status(batch, job)).toBe(1);
        }
        wipe(pair);
      }
    },
  );

  test('seals the packets in front of one that is none', () => {
    const suite = espSuite('null/hmac-sha1-96');
    const espKeys = keysFor(suite, 5);
    const pair = pairOf(engine, suite, espKeys);
    const length = packetOctets(suite, 40);
    const memory = randomOctets(3 * length, 6);
    const place = memory.slice();
    const batch = jobs({ offset: 0, length }, { offset: length, length: 7 }, { offset: 2 * length, length });
    expect(() => pair.seal.seal(place, batch, 'given')).toThrow(RangeError);
    expect(hex(packetAt(place, batch, 0))).toBe(hex(referenceSeal(suite, espKeys, packetAt(memory, batch, 0))));
    expect(hex(packetAt(place, batch, 2))).toBe(hex(packetAt(memory, batch, 2)));
    wipe(pair);
  });

  test('keeps the SAs apart whose batches alternate', () => {
    const suites = ['3des-cbc/hmac-sha1-96', 'aes-128-gcm-16', 'aes-256-cbc/hmac-sha2-256-128'].map(espSuite);
    const sas = suites.flatMap((suite) => [1, 2, 3].map((n) => ({ suite, espKeys: keysFor(suite, 100 * n) })));
    const pairs = sas.map(({ suite, espKeys }) => pairOf(engine, suite, espKeys));
    for (const count of [20, 1, 6]) {
      for (const [i, { suite, espKeys }] of sas.entries()) {
        const { memory, batch } = layOut(suite, count, i);
        const place = memory.slice();
        pairs[i]?.seal.seal(place, batch, 'given');
        for (let job = 0; job < count; job++) {
          const expected = referenceSeal(suite, espKeys, packetAt(memory, batch, job));
          expect(hex(packetAt(place, batch, job))).toBe(hex(expected));
        }
        pairs[i]?.open.open(place, batch);
        for (let job = 0; job < count; job++) expect(status(batch, job)).toBe(1);
      }
    }
    pairs.forEach(wipe);
  });
});
