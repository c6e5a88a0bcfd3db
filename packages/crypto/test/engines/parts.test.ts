import {
  ESP_SUITES,
  type EspSuite,
  JOB_STATUS,
  JOB_WORDS,
  nobleEngine,
  UNAUTHENTICATED_SUITES,
} from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { armsOf, type EngineParts } from '../../src/engine-parts.ts';
import { AEADS } from '../../src/noble/aeads.ts';
import { CIPHERS } from '../../src/noble/ciphers.ts';
import { MACS } from '../../src/noble/macs.ts';
import { ENGINES, pairOf, wipe } from '../support/engines.ts';
import { jobs, keysFor, openOne, randomOctets, sealGiven, status } from '../support/esp.ts';
import { referenceSeal } from '../support/reference.ts';
import { isTested } from '../support/suites.ts';
import { hex } from '../support/vectors.ts';

const HEADER = 8;
/** Octets around a packet that are nobody's. */
const GUARD = 48;
const COUNT = 5;

function lengthOf(suite: EspSuite): number {
  return HEADER + suite.ivOctets + 6 * suite.alignmentOctets + suite.icvOctets;
}

const SUITES = [...ESP_SUITES, ...UNAUTHENTICATED_SUITES].filter(isTested);

describe.each(SUITES.map((suite) => [suite.name, suite] as const))('%s', (_, suite) => {
  const espKeys = keysFor(suite, 4);
  const length = lengthOf(suite);
  const stride = length + GUARD;
  const batch = () =>
    jobs(...Array.from({ length: COUNT }, (_unused, i) => ({ offset: GUARD + i * stride, length, sequenceHigh: 3 })));
  const before = randomOctets(GUARD + COUNT * stride, 9);
  const part = (memory: Uint8Array, i: number, from: number, to: number) =>
    memory.subarray(GUARD + i * stride + from, GUARD + i * stride + to);

  const engines = ENGINES.filter((engine) => engine.supports(suite));

  test.each(engines.map((engine) => [engine.name, engine] as const))(
    '%s seals to ciphertext and its ICV, if it has one, touches nothing around, and every engine opens it',
    (_name, engine) => {
      const pair = pairOf(engine, suite, espKeys, true);
      const memory = before.slice();
      const sealed = batch();
      pair.seal.seal(memory, sealed, 'fresh');
      const text = HEADER + suite.ivOctets;
      const icv = length - suite.icvOctets;
      for (let i = 0; i < COUNT; i++) {
        expect(status(sealed, i)).toBe(1);
        expect(hex(part(memory, i, -GUARD, HEADER))).toBe(hex(part(before, i, -GUARD, HEADER)));
        expect(hex(part(memory, i, length, stride))).toBe(hex(part(before, i, length, stride)));
        const isClear = hex(part(memory, i, text, icv)) === hex(part(before, i, text, icv));
        expect(isClear).toBe(suite.encryption === 'null' || suite.encryption === 'aes-gmac');
        const laidOut = part(memory, i, 0, length).slice();
        laidOut.set(part(before, i, text, icv), text);
        expect(hex(part(memory, i, 0, length))).toBe(hex(referenceSeal(suite, espKeys, laidOut, 3)));
      }
      for (const other of engines) {
        const { open, seal } = pairOf(other, suite, espKeys, true);
        const copy = memory.slice();
        const opened = batch();
        open.open(copy, opened);
        for (let i = 0; i < COUNT; i++) {
          expect(status(opened, i)).toBe(1);
          expect(hex(part(copy, i, text, icv))).toBe(hex(part(before, i, text, icv)));
        }
        wipe({ open, seal });
      }
      wipe(pair);
    },
  );
});

describe('the parts of an engine', () => {
  const parts = { ciphers: CIPHERS, macs: MACS, aeads: AEADS };

  test.each(SUITES.map((suite) => [suite.name, suite] as const))(
    'support %s as long as all of it is there',
    (_, suite) => {
      expect(armsOf(parts, suite)).toBeDefined();
      const without: EngineParts<unknown, unknown, (typeof AEADS)['aes-gcm']>[] = suite.aead
        ? [
            { ...parts, aeads: { ...AEADS, [suite.encryption]: undefined } },
            { ...parts, aeads: { ...AEADS, [suite.encryption]: { ...AEADS[suite.encryption], icvOctets: [4] } } },
            { ...parts, aeads: { ...AEADS, [suite.encryption]: { ...AEADS[suite.encryption], ivs: [] } } },
          ]
        : [
            { ...parts, ciphers: { ...CIPHERS, [suite.encryption]: undefined } },
            { ...parts, macs: { ...MACS, [suite.integrity]: undefined } },
          ];
      for (const lesser of without) expect(armsOf(lesser, suite)).toBeUndefined();
    },
  );

  test('do not compile with an arm left out', () => {
    // @ts-expect-error: no arm for AES-CTR
    const lesser: typeof CIPHERS = {
      null: CIPHERS.null,
      'des-cbc': CIPHERS['des-cbc'],
      '3des-cbc': CIPHERS['3des-cbc'],
      'aes-cbc': CIPHERS['aes-cbc'],
      'camellia-cbc': CIPHERS['camellia-cbc'],
    };
    expect(Object.keys(lesser)).toHaveLength(Object.keys(CIPHERS).length - 1);
  });

  test.each([8, 12, 16])('write no more of a tag of GCM than an ICV of %i octets', (icvOctets) => {
    const known = ESP_SUITES.find((suite) => suite.name === 'aes-128-gcm-16');
    if (known === undefined) throw new Error('no GCM');
    const suite: EspSuite = { ...known, icvOctets };
    const keys = keysFor(suite, 1);
    const options = { suite, keys, esn: false } as const;
    const packet = randomOctets(lengthOf(suite), 2);
    const seal = AEADS['aes-gcm'].key({ ...options, direction: 'seal' });
    const open = AEADS['aes-gcm'].key({ ...options, direction: 'open' });
    const sealed = sealGiven(seal, packet);
    expect(hex(sealed)).toBe(hex(referenceSeal(suite, keys, packet).subarray(0, packet.length)));
    expect(openOne(open, sealed).status).toBe(1);
    const words = new Int32Array(JOB_WORDS);
    words[1] = packet.length;
    const memory = new Uint8Array(packet.length + GUARD).fill(7);
    memory.set(packet);
    seal.seal(memory, { words, count: 1 }, 'given');
    expect(words[JOB_STATUS]).toBe(1);
    expect(memory.subarray(packet.length).every((octet) => octet === 7)).toBe(true);
  });
});

describe.each(ENGINES.map((engine) => [engine.name, engine] as const))('keys of %s', (_, engine) => {
  const suite = ESP_SUITES.find((known) => known.name === 'aes-128-ctr/hmac-sha1-96') ?? ESP_SUITES[0];
  if (suite === undefined) throw new Error('no suites');
  const espKeys = keysFor(suite, 1);

  test.each(['encryption', 'salt', 'integrity'] as const)(
    'are octets: %s as text or an array is a TypeError',
    (field) => {
      for (const bad of [
        'k'.repeat(espKeys[field].length),
        [...espKeys[field]],
        new DataView(new ArrayBuffer(espKeys[field].length)),
        undefined,
      ]) {
        const options = { suite, keys: { ...espKeys, [field]: bad }, direction: 'open', esn: false } as const;
        expect(() => Reflect.apply(engine.createEspTransform, engine, [options])).toThrow(
          `keys.${field} must be a Uint8Array`,
        );
      }
    },
  );

  test('are the engine’s own: what a caller does with its memory afterwards changes nothing', () => {
    const pool = Buffer.alloc(100);
    const inPool = (key: Uint8Array, at: number) => {
      pool.set(key, at);
      return pool.subarray(at, at + key.length);
    };
    const lent = {
      encryption: inPool(espKeys.encryption, 1),
      salt: inPool(espKeys.salt, 21),
      integrity: inPool(espKeys.integrity, 30),
    };
    const seal = engine.createEspTransform({ suite, keys: lent, direction: 'seal', esn: false, rng: seededRng(1) });
    pool.fill(0xaa);
    const packet = randomOctets(lengthOf(suite), 3);
    expect(hex(sealGiven(seal, packet))).toBe(hex(referenceSeal(suite, espKeys, packet)));
    seal.wipe();
    expect(pool.every((octet) => octet === 0xaa)).toBe(true);
  });
});

test('a suite that was copied is what its name says', () => {
  const suite = structuredClone(ESP_SUITES[0]);
  if (suite === undefined) throw new Error('no suites');
  for (const engine of [...ENGINES, nobleEngine()]) {
    expect(engine.supports(suite)).toBe(true);
    expect(engine.createEspTransform({ suite, keys: keysFor(suite, 1), direction: 'open', esn: false }).suite).toBe(
      ESP_SUITES[0],
    );
  }
});
