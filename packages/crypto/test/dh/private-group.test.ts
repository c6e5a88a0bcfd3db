import {
  checkPrivateGroup,
  createDhKeyPair,
  createPrivateGroupKeyPair,
  DH_GROUPS,
  isPrivateGroupValue,
  nobleEngine,
  type PrivateGroup,
  withOwnSuites,
} from '@espalier/crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { toOctets } from '../../src/integers.ts';

const { prime } = DH_GROUPS[2];
/** Group 2, as if nobody knew it by its number. */
const GROUP: PrivateGroup = { prime: toOctets(prime, 128), generator: Uint8Array.of(2) };

describe('a group that has no number', () => {
  test('agrees with who knows it by one, in private values as long as its prime', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, other) => {
        let drawn = 0;
        const rng = seededRng(one);
        const ours = createPrivateGroupKeyPair(GROUP, {
          fill(out) {
            drawn += out.length;
            rng.fill(out);
          },
        });
        const theirs = createDhKeyPair(2, seededRng(other));
        expect(drawn).toBe(128);
        expect(isPrivateGroupValue(GROUP, ours.publicValue)).toBe(true);
        expect(ours.agree(theirs.publicValue)).toEqual(theirs.agree(ours.publicValue));
        ours.wipe();
        expect(() => ours.agree(theirs.publicValue)).toThrow(TypeError);
      }),
      { numRuns: 5 },
    );
  });

  test.each([0n, 1n, prime - 1n, prime, prime + 1n])('has no public value %#', (value) => {
    const octets = toOctets(value, 128);
    expect(isPrivateGroupValue(GROUP, octets)).toBe(false);
    expect(createPrivateGroupKeyPair(GROUP, seededRng(1)).agree(octets)).toBeUndefined();
  });

  test('has public values as long as its prime', () => {
    const { publicValue } = createPrivateGroupKeyPair(GROUP, seededRng(1));
    for (const bad of [new Uint8Array(0), publicValue.subarray(1), Uint8Array.of(0, ...publicValue)]) {
      expect(isPrivateGroupValue(GROUP, bad)).toBe(false);
    }
  });

  const changed = (at: number, octet: number): Uint8Array => GROUP.prime.with(at, octet);
  test.each<readonly [string, Partial<PrivateGroup>]>([
    ['prime', { prime: new Uint8Array(127).fill(255) }],
    ['prime', { prime: new Uint8Array(513).fill(255) }],
    ['prime', { prime: changed(0, 0x7f) }],
    ['prime', { prime: changed(127, 0xfe) }],
    ['generator', { generator: new Uint8Array(0) }],
    ['generator', { generator: Uint8Array.of(1) }],
    ['generator', { generator: toOctets(prime - 1n, 128) }],
    ['generator', { generator: new Uint8Array(129).fill(1) }],
  ])('is none whose %s cannot be: case %#', (field, changes) => {
    const group = { ...GROUP, ...changes };
    expect(() => checkPrivateGroup('group', group)).toThrow(new RegExp(`^group\\.${field}: `));
    expect(() => createPrivateGroupKeyPair(group, seededRng(1))).toThrow(RangeError);
  });

  test('may have p - 2 for a generator', () => {
    expect(() => checkPrivateGroup('group', { ...GROUP, generator: toOctets(prime - 2n, 128) })).not.toThrow();
  });

  test('is an engine’s own where it has its own, beside suites of the caller’s, too', () => {
    const pair = createPrivateGroupKeyPair(GROUP, seededRng(1));
    const engine = withOwnSuites({ ...nobleEngine(), createPrivateGroupKeyPair: () => pair });
    expect(engine.createPrivateGroupKeyPair?.(GROUP, seededRng(2))).toBe(pair);
    expect(withOwnSuites(nobleEngine()).createPrivateGroupKeyPair).toBeUndefined();
  });
});
