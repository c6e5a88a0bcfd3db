import { createDhKeyPair, dhKeyPairFrom, espSuite, JOB_LENGTH, JOB_WORDS } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { MODP_GROUPS, type ModpNumber } from '../../src/dh/modp-groups.ts';
import { pairOf } from '../support/engines.ts';
import { jobs, keysFor, openOne, randomOctets, status } from '../support/esp.ts';
import { hex, octets } from '../support/vectors.ts';

const GROUPS: readonly ModpNumber[] = [1, 2, 5, 14, 15, 16, 17, 18];
const engine = nodeEngine();

describe.each(GROUPS)('Diffie-Hellman group %i by node:crypto', (number) => {
  const group = MODP_GROUPS[number];
  const value = (n: bigint, length = group.octets): Uint8Array => octets(n.toString(16).padStart(2 * length, '0'));

  test('gives what BigInt arithmetic gives, from the same random octets', () => {
    const ours = engine.createDhKeyPair(number, seededRng(3));
    const portable = createDhKeyPair(number, seededRng(3));
    expect(hex(ours.publicValue)).toBe(hex(portable.publicValue));
    const peer = createDhKeyPair(number, seededRng(4));
    const shared = ours.agree(peer.publicValue);
    expect(shared?.length).toBe(group.octets);
    expect(hex(shared ?? new Uint8Array(0))).toBe(hex(peer.agree(ours.publicValue) ?? new Uint8Array(1)));
  });

  test('refuses every value outside of 2 to p - 2, and every other length', () => {
    const pair = engine.createDhKeyPair(number, seededRng(5));
    for (const y of [0n, 1n, group.prime - 1n, group.prime, group.prime + 1n]) {
      expect(pair.agree(value(y))).toBeUndefined();
    }
    for (const length of [0, 1, group.octets - 1, group.octets + 1]) {
      expect(pair.agree(new Uint8Array(length).fill(2))).toBeUndefined();
    }
    for (const y of [2n, 4n]) expect(pair.agree(value(y))?.length).toBe(group.octets);
  });

  test('agrees on values that g does not generate as BigInt arithmetic does, though OpenSSL of Node 22 refuses them', () => {
    const pair = engine.createDhKeyPair(number, seededRng(5));
    const portable = createDhKeyPair(number, seededRng(5));
    for (const y of [3n, 5n, 7n, group.prime - 2n]) {
      expect(hex(pair.agree(value(y)) ?? octets(''))).toBe(hex(portable.agree(value(y)) ?? octets('00')));
    }
  });

  test('pads what has leading zeros', () => {
    // Of 2^x with a small x nearly all octets are zero.
    const small = dhKeyPairFrom(number, Uint8Array.of(9));
    expect(hex(small.publicValue)).toBe(hex(value(512n)));
    const pair = engine.createDhKeyPair(number, seededRng(6));
    expect(hex(pair.agree(small.publicValue) ?? octets(''))).toBe(hex(small.agree(pair.publicValue) ?? octets('00')));
  });

  test('forgets the private value', () => {
    const pair = engine.createDhKeyPair(number, seededRng(7));
    pair.wipe();
    expect(() => pair.agree(value(2n))).toThrow(TypeError);
  });
});

test('a group that is not known is a RangeError', () => {
  const unknown = Number('32');
  // @ts-expect-error the type forbids it
  expect(() => engine.createDhKeyPair(unknown, seededRng(1))).toThrow(RangeError);
});

describe.each(['aes-128-cbc/hmac-sha1-96', 'aes-256-gcm-16'])('the one cipher object of %s', (name) => {
  const suite = espSuite(name);
  const length = 8 + suite.ivOctets + 1024 + suite.icvOctets;
  const batchOf = (count: number): ReturnType<typeof jobs> => {
    return jobs(...Array.from({ length: count }, (_, i) => ({ offset: i * length, length })));
  };

  test('carries nothing over a refused packet', () => {
    const pair = pairOf(engine, suite, keysFor(suite, 1));
    const plain = randomOctets(16 * length, 9);
    for (let round = 0; round < 20; round++) {
      const memory = plain.slice();
      const batch = batchOf(16);
      pair.seal.seal(memory, batch, 'fresh');
      const bad = (round * 5) % 16;
      const at = bad * length + 30 + round;
      memory[at] = (memory[at] ?? 0) ^ 0x40;
      pair.open.open(memory, batch);
      for (let i = 0; i < 16; i++) {
        expect(status(batch, i)).toBe(i === bad ? 0 : 1);
        if (i === bad) continue;
        const from = i * length + 8 + suite.ivOctets;
        const to = (i + 1) * length - suite.icvOctets;
        expect(Buffer.compare(memory.subarray(from, to), plain.subarray(from, to))).toBe(0);
      }
      const garbage = randomOctets(16 * length, round);
      pair.open.open(garbage, batch);
      expect(status(batch, 0)).toBe(0);
    }
  });

  test('serves batches of every size, and IVs given between those that are its own', () => {
    const pair = pairOf(engine, suite, keysFor(suite, 2));
    const plain = randomOctets(64 * length, 9);
    for (const [count, iv] of [
      [1, 'fresh'],
      [64, 'fresh'],
      [2, 'given'],
      [3, 'fresh'],
      [40, 'given'],
      [1, 'fresh'],
    ] as const) {
      const memory = plain.slice();
      pair.seal.seal(memory, batchOf(count), iv);
      for (let i = 0; i < count; i++) {
        const packet = memory.slice(i * length, (i + 1) * length);
        if (iv === 'given') expect(hex(packet.slice(0, 16))).toBe(hex(plain.slice(i * length, i * length + 16)));
        expect(openOne(pair.open, packet).status).toBe(1);
      }
    }
  });
});

test('chains of AES-CBC that end at different times are opened as they were sealed', () => {
  const suite = espSuite('aes-128-cbc/hmac-sha1-96');
  const pair = pairOf(engine, suite, keysFor(suite, 3));
  const room = 8 + 16 + 1024 + 12;
  for (const count of [95, 96, 128, 256]) {
    const plain = randomOctets(count * room, count);
    const memory = plain.slice();
    const batch = jobs(
      ...Array.from({ length: count }, (_, i) => ({
        offset: i * room,
        length: room - (i % 9 === 0 ? 16 * (i % 61) : 0),
      })),
    );
    pair.seal.seal(memory, batch, 'fresh');
    pair.open.open(memory, batch);
    for (let i = 0; i < count; i++) {
      const [from, to] = [i * room + 24, i * room + (batch.words[JOB_WORDS * i + JOB_LENGTH] ?? 0) - 12];
      expect(status(batch, i)).toBe(1);
      expect(Buffer.compare(memory.subarray(from, to), plain.subarray(from, to))).toBe(0);
    }
  }
});

test('no IV of AES-CBC comes twice, though its generator gives the same block again and again', () => {
  const suite = espSuite('aes-128-cbc/hmac-sha1-96');
  const length = 8 + 16 + 96 + 12;
  const constant = { fill: (out: Uint8Array) => void out.fill(5) };
  const seal = engine.createEspTransform({
    suite,
    keys: keysFor(suite, 1),
    direction: 'seal',
    esn: false,
    rng: constant,
  });
  const seen = new Set<string>();
  for (let round = 0; round < 10; round++) {
    const memory = randomOctets(64 * length, round);
    seal.seal(memory, jobs(...Array.from({ length: 64 }, (_, i) => ({ offset: i * length, length }))), 'fresh');
    for (let i = 0; i < 64; i++) seen.add(hex(memory.slice(i * length + 8, i * length + 24)));
  }
  expect(seen.size).toBe(640);
});
