import { inspect } from 'node:util';
import {
  ESP_SUITES,
  type EspKeys,
  type EspSuite,
  type EspTransform,
  espSuite,
  JOB_WORDS,
  nobleEngine,
} from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { jobs, keysFor, openOne, randomOctets, sealGiven, status, transforms } from '../support/esp.ts';
import { referenceSeal } from '../support/reference.ts';
import { COVER } from '../support/suites.ts';
import { hex } from '../support/vectors.ts';

const HEADER = 8;

function packetOctets(suite: EspSuite, text: number): number {
  return HEADER + suite.ivOctets + text + suite.icvOctets;
}

/** Every length up to `most` that the cipher takes. */
function textLengths(suite: EspSuite, most: number): number[] {
  const step = suite.cipherBlockOctets;
  return Array.from({ length: Math.floor(most / step) + 1 }, (_, i) => i * step);
}

function expectUntouched(open: EspTransform, packet: Uint8Array): void {
  const opened = openOne(open, packet);
  expect(opened.status).toBe(0);
  expect(hex(opened.memory)).toBe(hex(packet));
}

describe.each(COVER.map((suite) => suite.name))('%s', (name) => {
  const suite = espSuite(name);
  const espKeys = keysFor(suite, 11);
  const text = 4 * suite.alignmentOctets;
  const plain = randomOctets(packetOctets(suite, text), 5);

  test.each([false, true])('seals as node:crypto does, at every length; extended sequence numbers: %s', (esn) => {
    const { seal, open } = transforms(suite, espKeys, esn);
    for (const length of textLengths(suite, 200)) {
      const packet = randomOctets(packetOctets(suite, length), length + 1);
      const high = esn ? 0x80000000 + length : undefined;
      const sealed = sealGiven(seal, packet, high);
      expect(hex(sealed)).toBe(hex(referenceSeal(suite, espKeys, packet, high)));
      const opened = openOne(open, sealed, high);
      expect(opened.status).toBe(1);
      const icv = packet.length - suite.icvOctets;
      expect(hex(opened.memory.subarray(0, icv))).toBe(hex(packet.subarray(0, icv)));
    }
  });

  test('refuses a packet with any octet changed, and leaves it as it came', () => {
    const { seal, open } = transforms(suite, espKeys);
    const sealed = sealGiven(seal, plain);
    for (let i = 0; i < sealed.length; i++) {
      const tampered = sealed.slice();
      tampered[i] = (tampered[i] ?? 0) ^ (1 << (i & 7));
      expectUntouched(open, tampered);
    }
    expect(openOne(open, sealed).status).toBe(1);
  });

  test('refuses a packet cut short or too long, and leaves it as it came', () => {
    const { seal, open } = transforms(suite, espKeys);
    const sealed = sealGiven(seal, plain);
    for (let length = 0; length < sealed.length; length++) {
      const cut = sealed.slice(0, length);
      expectUntouched(open, cut);
    }
    const long = Uint8Array.of(...sealed, 0);
    expectUntouched(open, long);
  });

  test('authenticates the high half of the sequence number where it is extended, and only there', () => {
    const extended = transforms(suite, espKeys, true);
    const sealed = sealGiven(extended.seal, plain, 1);
    expect(openOne(extended.open, sealed, 1).status).toBe(1);
    expect(openOne(extended.open, sealed, 2).status).toBe(0);
    const short = transforms(suite, espKeys, false);
    expect(openOne(short.open, sealGiven(short.seal, plain, 1), 2).status).toBe(1);
  });

  test('transforms a batch as it does one packet at a time, in place, touching nothing between', () => {
    const { seal, open } = transforms(suite, espKeys);
    const stride = plain.length + 13;
    const memory = randomOctets(5 * stride, 3);
    const before = memory.slice();
    const batch = jobs(...[0, 1, 2, 3, 4].map((i) => ({ offset: i * stride + 7, length: plain.length })));
    seal.seal(memory, batch, 'given');
    for (let i = 0; i < 5; i++) {
      const at = i * stride + 7;
      expect(status(batch, i)).toBe(1);
      expect(hex(memory.slice(at, at + plain.length))).toBe(hex(sealGiven(seal, before.slice(at, at + plain.length))));
      expect(memory.slice(i * stride, at)).toEqual(before.slice(i * stride, at));
      expect(memory.slice(at + plain.length, (i + 1) * stride)).toEqual(
        before.slice(at + plain.length, (i + 1) * stride),
      );
    }
    const bad = 2 * stride + 7;
    memory[bad + 4] = (memory[bad + 4] ?? 0) ^ 1;
    open.open(memory, batch);
    expect([0, 1, 2, 3, 4].map((i) => status(batch, i))).toEqual([1, 1, 0, 1, 1]);
  });

  test('refuses keys of another length, and says which', () => {
    for (const field of ['encryption', 'salt', 'integrity'] as const) {
      const wrong: EspKeys = { ...espKeys, [field]: new Uint8Array(espKeys[field].length + 1) };
      expect(() => transforms(suite, wrong)).toThrow(RangeError);
      expect(() => transforms(suite, wrong)).toThrow(`keys.${field} must be `);
    }
  });

  test('throws once wiped, whichever way it was made', () => {
    const { seal, open } = transforms(suite, espKeys);
    seal.wipe();
    open.wipe();
    expect(() => sealGiven(seal, plain)).toThrow(TypeError);
    expect(() => openOne(open, plain)).toThrow(TypeError);
  });

  test('seals only if made to seal, and opens only if made to open', () => {
    const { seal, open } = transforms(suite, espKeys);
    expect(() => sealGiven(open, plain)).toThrow(TypeError);
    expect(() => openOne(seal, plain)).toThrow(TypeError);
  });

  test('shows its keys to nobody', () => {
    const { seal } = transforms(suite, espKeys);
    sealGiven(seal, plain);
    const shown = inspect(seal, { showHidden: true, depth: 9, maxArrayLength: null }) + JSON.stringify(seal);
    for (const key of Object.values(espKeys)) {
      if (key.length === 0) continue;
      expect(shown).not.toContain(hex(key));
      expect(shown).not.toContain([...key].join(', '));
      expect(shown).not.toContain([...key].join(','));
    }
  });

  test('copies the keys that it is given', () => {
    const given = keysFor(suite, 11);
    const { seal } = transforms(suite, given);
    for (const key of Object.values(given)) key.fill(0);
    expect(sealGiven(seal, plain)).toEqual(sealGiven(transforms(suite, espKeys).seal, plain));
  });

  test('refuses to write a packet outside of memory, or one that is no packet of the suite', () => {
    const { seal } = transforms(suite, espKeys);
    const memory = randomOctets(plain.length, 1);
    for (const [offset, length] of [
      [1, plain.length],
      [-1, plain.length],
      [0, packetOctets(suite, 0) - 1],
    ]) {
      expect(() => seal.seal(memory, jobs({ offset: offset ?? 0, length: length ?? 0 }), 'given')).toThrow(RangeError);
    }
    expect(memory).toEqual(randomOctets(plain.length, 1));
  });
});

describe('IVs', () => {
  const cbc = ESP_SUITES.filter((suite) => suite.encryption.endsWith('-cbc') && suite.integrity === 'hmac-sha1-96');
  const aead = ESP_SUITES.filter((suite) => suite.aead && suite.iv === 'sequence');

  test.each(cbc.map((suite) => suite.name))('of %s are the octets of the generator, each used once', (name) => {
    const suite = espSuite(name);
    const { seal } = transforms(suite, keysFor(suite, 1));
    const packet = randomOctets(packetOctets(suite, suite.alignmentOctets), 1);
    const expected = randomOctets(1024, 7);
    const seen = new Set<string>();
    for (let i = 0; i < 200; i++) {
      const memory = packet.slice();
      seal.seal(memory, jobs({ offset: 0, length: memory.length }), 'fresh');
      const iv = memory.slice(HEADER, HEADER + suite.ivOctets);
      const at = i * suite.ivOctets;
      if (at < 1024) expect(iv).toEqual(expected.slice(at, at + suite.ivOctets));
      seen.add(hex(iv));
    }
    expect(seen.size).toBe(200);
  });

  test.each(aead.map((suite) => suite.name))('of %s are the sequence number, all 64 bits of it with ESN', (name) => {
    const suite = espSuite(name);
    const packet = randomOctets(packetOctets(suite, 8), 1);
    for (const esn of [false, true]) {
      const memory = packet.slice();
      const { seal, open } = transforms(suite, keysFor(suite, 1), esn);
      const batch = jobs({ offset: 0, length: memory.length, sequenceHigh: 0xfedcba98 });
      seal.seal(memory, batch, 'fresh');
      const iv = hex(memory.slice(HEADER, HEADER + 8));
      expect(iv).toBe((esn ? 'fedcba98' : '00000000') + hex(packet.slice(4, 8)));
      expect(openOne(open, memory, 0xfedcba98).status).toBe(1);
    }
  });

  test('a CBC suite seals nothing without a generator', () => {
    const suite = espSuite('3des-cbc/hmac-sha1-96');
    const options = { suite, keys: keysFor(suite, 1), direction: 'seal', esn: false } as const;
    expect(() => nobleEngine().createEspTransform(options)).toThrow(TypeError);
  });
});

describe('the noble engine', () => {
  test('opens what it sealed, wherever the packet lies', () => {
    const suites = fc.constantFrom(...ESP_SUITES);
    fc.assert(
      fc.property(suites, fc.nat(100), fc.nat(40), fc.nat(), fc.boolean(), (suite, offset, blocks, seed, esn) => {
        const length = packetOctets(suite, blocks * suite.alignmentOctets);
        const memory = randomOctets(offset + length + 9, seed);
        const before = memory.slice();
        const { seal, open } = transforms(suite, keysFor(suite, seed), esn);
        const batch = jobs({ offset, length, sequenceHigh: seed });
        seal.seal(memory, batch, 'fresh');
        open.open(memory, batch);
        expect(status(batch)).toBe(1);
        const from = offset + HEADER + suite.ivOctets;
        const to = offset + length - suite.icvOctets;
        expect(hex(memory.subarray(from, to))).toBe(hex(before.subarray(from, to)));
        expect(hex(memory.subarray(offset + length))).toBe(hex(before.subarray(offset + length)));
      }),
      { numRuns: 300 },
    );
  });

  test('says where it is not constant-time, and refuses to run there when asked', () => {
    const engine = nobleEngine();
    for (const suite of ESP_SUITES) {
      const options = { suite, keys: keysFor(suite, 1), direction: 'seal', esn: false, rng: seededRng(1) } as const;
      const { constantTime } = engine.createEspTransform(options);
      expect(constantTime).toBe(/^(null\/hmac|chacha20)/.test(suite.name));
      const strict = (): unknown => engine.createEspTransform({ ...options, strictConstantTime: true });
      if (constantTime) expect(strict()).toBeDefined();
      else expect(strict).toThrow(TypeError);
    }
  });

  test('refuses a suite that is not in the table', () => {
    const suite: EspSuite = { ...espSuite('aes-128-gcm-16'), name: 'aes-128-gcm-4', icvOctets: 4 };
    const engine = nobleEngine();
    expect(engine.supports(suite)).toBe(false);
    const options = { suite, keys: keysFor(suite, 1), direction: 'open', esn: false } as const;
    expect(() => engine.createEspTransform(options)).toThrow("suite 'aes-128-gcm-4' is not known");
  });

  test('gives memory of the length asked for, and agrees on Diffie-Hellman values', () => {
    const engine = nobleEngine();
    const memory = engine.allocate(100);
    expect(memory).toEqual(new Uint8Array(100));
    engine.release(memory);
    const pair = engine.createDhKeyPair(2, seededRng(1));
    expect(pair.agree(engine.createDhKeyPair(2, seededRng(2)).publicValue)?.length).toBe(128);
  });

  test('transforms nothing for an empty batch', () => {
    const suite = espSuite('null/hmac-sha1-96');
    const { open } = transforms(suite, keysFor(suite, 1));
    const words = new Int32Array(JOB_WORDS);
    open.open(new Uint8Array(0), { words, count: 0 });
    expect([...words]).toEqual([0, 0, 0, 0]);
  });
});
