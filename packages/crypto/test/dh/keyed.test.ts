import { randomFillSync } from 'node:crypto';
import { DH_GROUPS, dhKeyPairFrom } from '@espalier/crypto';
import { describe, expect, it } from 'vitest';
import { MODP_GROUPS } from '../../src/dh/modp-groups.ts';
import { keyedPowers } from '../../src/node/dh/modp-keys.ts';

describe.each([1, 2, 5, 14, 15, 16] as const)('MODP group %i by keys in DER', (number) => {
  const powers = keyedPowers(MODP_GROUPS[number]) ?? expect.fail('OpenSSL reads keys in DER');
  const x = randomFillSync(new Uint8Array(40));
  const theirs = dhKeyPairFrom(number, randomFillSync(new Uint8Array(40)));

  it('has the values that BigInt has', () => {
    const ours = dhKeyPairFrom(number, x);
    expect(powers.publicValue(x)).toEqual(ours.publicValue);
    expect(powers.secret(x, theirs.publicValue)).toEqual(ours.agree(theirs.publicValue));
  });

  it('takes private values of any length, and gives values of one', () => {
    for (const value of [Uint8Array.of(2), Uint8Array.of(0, 0, 3), Uint8Array.of(0x80), Uint8Array.of(1, 0, 0)]) {
      const ours = dhKeyPairFrom(number, value);
      expect(powers.publicValue(value)).toEqual(ours.publicValue);
      expect(powers.publicValue(value)).toHaveLength(DH_GROUPS[number].octets);
    }
  });
});
