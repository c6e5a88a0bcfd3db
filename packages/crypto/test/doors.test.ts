import {
  createCbc,
  createHmac,
  desKeyFrom,
  equalConstantTime,
  expandKey,
  hash,
  isWeakDesKey,
  prf,
} from '@espalier/crypto';
import { describe, expect, it, test } from 'vitest';
import { hex, octets } from './support/vectors.ts';

const KEY = octets('000102030405060708090a0b0c0d0e0f');
const TEXT = octets('00112233445566778899aabbccddeeff');

/** Every door with octets in it, each given `bad` in place of one of them, and what the argument is called. */
const DOORS: readonly (readonly [string, (bad: never) => unknown])[] = [
  ['key', (bad) => createHmac('sha1', bad)],
  ['part', (bad) => createHmac('sha1', KEY).compute(TEXT, bad)],
  ['key', (bad) => prf('sha1', bad, TEXT)],
  ['part', (bad) => prf('sha1', KEY, bad)],
  ['part', (bad) => hash('md5', bad)],
  ['key', (bad) => expandKey('sha1', bad, 8)],
  ['key', (bad) => createCbc('aes-cbc', bad)],
  ['iv', (bad) => createCbc('aes-cbc', KEY).encrypt(bad, TEXT)],
  ['plain', (bad) => createCbc('aes-cbc', KEY).encrypt(TEXT, bad)],
  ['iv', (bad) => createCbc('aes-cbc', KEY).decrypt(bad, TEXT)],
  ['octets', (bad) => createCbc('aes-cbc', KEY).decrypt(TEXT, bad)],
  ['material', (bad) => desKeyFrom(bad)],
  ['key', (bad) => isWeakDesKey(bad)],
  ['one', (bad) => equalConstantTime(bad, KEY)],
  ['other', (bad) => equalConstantTime(KEY, bad)],
];

const NO_OCTETS: readonly unknown[] = [
  '0123456789abcdef',
  [...KEY],
  new DataView(KEY.buffer),
  KEY.buffer,
  16,
  null,
  undefined,
];

test.each(DOORS)('%s that is no Uint8Array is a TypeError that says so, and never octets of zero', (argument, call) => {
  for (const bad of NO_OCTETS) {
    expect(() => Reflect.apply(call, undefined, [bad])).toThrow(new TypeError(`${argument} must be a Uint8Array`));
  }
});

describe('octets in a pool that is used again, and wiped with what was made of them', () => {
  const lend = (value: Uint8Array) => {
    const pool = Buffer.alloc(64, 0xee);
    pool.set(value, 9);
    return { pool, lent: pool.subarray(9, 9 + value.length) };
  };

  it('a context of CBC has a key of its own', () => {
    const expected = hex(createCbc('aes-cbc', KEY).encrypt(TEXT, TEXT));
    const { pool, lent } = lend(KEY);
    const cipher = createCbc('aes-cbc', lent);
    pool.fill(0xaa);
    expect(hex(cipher.encrypt(lend(TEXT).lent, lend(TEXT).lent))).toBe(expected);
    cipher.wipe();
    expect(pool.every((octet) => octet === 0xaa)).toBe(true);
  });

  it('a key that is expanded or drawn from material is a copy', () => {
    for (const make of [(key: Uint8Array) => expandKey('sha1', key, 8), desKeyFrom]) {
      const { pool, lent } = lend(KEY);
      const made = make(lent);
      pool.fill(0xaa);
      expect(hex(made)).toBe(hex(KEY.subarray(0, 8)));
      made.fill(0);
      expect(pool.every((octet) => octet === 0xaa)).toBe(true);
    }
  });

  it('a context of HMAC has absorbed its key', () => {
    const { pool, lent } = lend(KEY);
    const hmac = createHmac('sha2-256', lent);
    pool.fill(0xaa);
    expect(hmac.compute(TEXT)).toEqual(prf('sha2-256', KEY, TEXT));
  });
});
