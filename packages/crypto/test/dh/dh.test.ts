import { inspect } from 'node:util';
import { createDhKeyPair, DH_GROUPS, type DhGroupNumber, dhGroup, dhKeyPairFrom } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { hasShared, sharedJson } from '../../../../test/shared.ts';
import { seededRng } from '../../../../test/support/rng.ts';
import { MODP_GROUPS, type ModpNumber, type SubgroupNumber } from '../../src/dh/modp-groups.ts';
import { SUBGROUPS } from '../../src/dh/modp-subgroups.ts';
import { powerModulo } from '../../src/dh/power.ts';
import { hex, octets, vectors } from '../support/vectors.ts';

const GROUPS: readonly ModpNumber[] = [1, 2, 5, 14, 15, 16, 17, 18];

interface ModpFile {
  groups: { group: number; bits: number; p: string; g: number }[];
  dh_pairs: { x: string; y: string; valid: boolean }[];
}

const SUBS: readonly SubgroupNumber[] = [22, 23, 24];

function isGroup(number: number): number is DhGroupNumber {
  return number in DH_GROUPS;
}

function isKnown(number: number): number is ModpNumber {
  return number in MODP_GROUPS;
}

function ofGroup(group: ModpNumber, value: bigint): Uint8Array {
  return octets(value.toString(16).padStart(2 * MODP_GROUPS[group].octets, '0'));
}

describe('MODP groups', () => {
  test('the formula gives the primes that RFC 2409 and RFC 3526 print', () => {
    for (const { group, bits, p, g } of vectors<ModpFile>('rfc/modp-groups.json').groups) {
      if (!isKnown(group)) throw new Error(`group ${group} is missing`);
      const { prime, generator, ...sizes } = MODP_GROUPS[group];
      expect(prime.toString(16)).toBe(p);
      expect(generator).toBe(BigInt(g));
      expect(sizes).toMatchObject({ number: group, bits, octets: bits / 8 });
    }
  });

  test('private values are as long as RFC 3526 §8 asks for', () => {
    const bits = GROUPS.map((group) => 8 * MODP_GROUPS[group].privateOctets);
    [160, 160, 240, 320, 420, 480, 540, 620].forEach((least, i) => {
      expect(bits[i]).toBeGreaterThanOrEqual(least);
    });
  });

  test('g^x is that of ACVP in group 14, and is not where ACVP says so', () => {
    for (const { x, y, valid } of vectors<ModpFile>('rfc/modp-groups.json').dh_pairs) {
      expect(hex(dhKeyPairFrom(14, octets(x)).publicValue) === y.toLowerCase()).toBe(valid);
    }
  });

  test.runIf(hasShared)('values and shared secrets are those of strongSwan', () => {
    interface File {
      cases: { group: number; priv_a: string; priv_b: string; pub_a: string; pub_b: string; shared: string }[];
    }
    const known = new Set<number>();
    for (const one of sharedJson<File>('vectors/strongswan/dh-vectors.json').cases) {
      if (!isGroup(one.group)) throw new Error(`group ${one.group} is missing`);
      const a = dhKeyPairFrom(one.group, octets(one.priv_a));
      const b = dhKeyPairFrom(one.group, octets(one.priv_b));
      expect(hex(a.publicValue)).toBe(one.pub_a);
      expect(hex(b.publicValue)).toBe(one.pub_b);
      expect(hex(a.agree(b.publicValue) ?? new Uint8Array(0))).toBe(one.shared);
      expect(hex(b.agree(a.publicValue) ?? new Uint8Array(0))).toBe(one.shared);
      known.add(one.group);
    }
    expect([...known].sort((a, b) => a - b)).toEqual([...GROUPS, 19, 20, 21, ...SUBS, 25, 26, 31]);
  });
});

describe('groups with a subgroup (RFC 5114 §2)', () => {
  test.runIf(hasShared)('are those that RFC 5114 prints, and agree on what it prints', () => {
    interface File {
      cases: Readonly<Record<'p' | 'q' | 'g' | 'xstatcavs' | 'ystatcavs' | 'xstatiut' | 'ystatiut' | 'z', string>>[];
    }
    for (const [i, one] of sharedJson<File>('vectors/rfc/rfc5114-groups-22-24.json').cases.entries()) {
      const number = SUBS[i];
      if (number === undefined) throw new Error('there is one more');
      const { prime, generator, order, bits } = SUBGROUPS[number];
      expect([prime, order, generator]).toEqual([one.p, one.q, one.g].map((digits) => BigInt(`0x${digits}`)));
      expect(prime.toString(2)).toHaveLength(bits);
      const [a, b] = [dhKeyPairFrom(number, octets(one.xstatcavs)), dhKeyPairFrom(number, octets(one.xstatiut))];
      expect([hex(a.publicValue), hex(b.publicValue)]).toEqual([one.ystatcavs, one.ystatiut]);
      expect(hex(a.agree(b.publicValue) ?? new Uint8Array(0))).toBe(one.z);
    }
  });

  test.each(SUBS)(
    'take no value outside of it, which would give a private value away (RFC 6989 §2.2): %i',
    (number) => {
      const { prime, order = 1n, octets: length } = SUBGROUPS[number];
      const pair = createDhKeyPair(number, seededRng(1));
      expect(dhGroup(number).isPublicValue(pair.publicValue)).toBe(true);
      for (const base of [2n, 3n, 5n]) {
        const cofactor = (prime - 1n) / order;
        const small = powerModulo(base, octets(order.toString(16).padStart(80, '0')), prime);
        expect(powerModulo(small, octets(cofactor.toString(16).padStart(2 * length, '0')), prime)).toBe(1n);
        const value = octets(small.toString(16).padStart(2 * length, '0'));
        expect(dhGroup(number).isPublicValue(value)).toBe(false);
        expect(pair.agree(value)).toBeUndefined();
      }
    },
  );
});

describe.each(GROUPS)('group %i', (group) => {
  const { prime, octets: length } = MODP_GROUPS[group];

  test('both parties agree, on a value as long as the group', () => {
    const a = createDhKeyPair(group, seededRng(1));
    const b = createDhKeyPair(group, seededRng(2));
    const secret = a.agree(b.publicValue);
    expect(secret).toEqual(b.agree(a.publicValue));
    expect(secret?.length).toBe(length);
    expect(a.publicValue.length).toBe(length);
    expect(a.publicValue).not.toEqual(b.publicValue);
  });

  test('small values are padded with zeros on the left', () => {
    const one = dhKeyPairFrom(group, octets('01'));
    expect(one.publicValue).toEqual(ofGroup(group, 2n));
    expect(one.agree(ofGroup(group, 5n))).toEqual(ofGroup(group, 5n));
    expect(dhKeyPairFrom(group, octets('0003')).agree(ofGroup(group, 3n))).toEqual(ofGroup(group, 27n));
  });

  test('a public value that is 0, 1, p - 1 or more, or of another length, gives no secret', () => {
    const pair = createDhKeyPair(group, seededRng(1));
    const all = (1n << BigInt(8 * length)) - 1n;
    for (const bad of [0n, 1n, prime - 1n, prime, prime + 1n, all]) {
      expect(pair.agree(ofGroup(group, bad))).toBeUndefined();
      expect(dhGroup(group).isPublicValue(ofGroup(group, bad))).toBe(false);
    }
    const good = ofGroup(group, prime - 2n);
    expect(pair.agree(good)?.length).toBe(length);
    for (const bad of [new Uint8Array(0), good.subarray(1), Uint8Array.of(0, ...good)]) {
      expect(pair.agree(bad)).toBeUndefined();
      expect(dhGroup(group).isPublicValue(bad)).toBe(false);
    }
    expect(dhGroup(group).isPublicValue(good)).toBe(true);
  });
});

describe('a key pair', () => {
  test('is made by a generator of nothing but zeros without a public value of 1', () => {
    const pair = createDhKeyPair(2, { fill: (out) => out.fill(0) });
    expect(createDhKeyPair(2, seededRng(1)).agree(pair.publicValue)).toBeDefined();
  });

  test('refuses a private value of nothing, and one longer than the group', () => {
    for (const bad of [new Uint8Array(0), new Uint8Array(20), new Uint8Array(129).fill(1)]) {
      expect(() => dhKeyPairFrom(2, bad)).toThrow(/^privateValue must be /);
    }
  });

  test('is of a group that is known', () => {
    // @ts-expect-error: group 3 is an elliptic curve that nobody uses
    expect(() => createDhKeyPair(3, seededRng(1))).toThrow(RangeError);
  });

  test('agrees on nothing once wiped, and shows its private value to nobody', () => {
    const secret = 'c0ffee'.repeat(10);
    const pair = dhKeyPairFrom(2, octets(secret));
    const shown = inspect(pair, { showHidden: true, depth: 9 }) + JSON.stringify(pair);
    expect(shown).not.toMatch(/192,\s*255,\s*238|c0ffee/i);
    pair.wipe();
    expect(() => pair.agree(pair.publicValue)).toThrow(TypeError);
  });
});
