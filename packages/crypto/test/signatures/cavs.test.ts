import { hash, type SignatureCurve, verifyEcdsa } from '@espalier/crypto';
import { describe, expect, it } from 'vitest';
import { ENGINES } from '../support/engines.ts';
import { octets, vectors } from '../support/vectors.ts';

interface Signed {
  readonly message: string;
  readonly x: string;
  readonly y: string;
  readonly r: string;
  readonly s: string;
}

interface OfCurve {
  readonly hash: 'sha2-256' | 'sha2-384' | 'sha2-512';
  readonly verify: readonly (Signed & { readonly valid: boolean; readonly why?: string })[];
  readonly sign: readonly Signed[];
}

const CAVS = vectors<Readonly<Record<SignatureCurve, OfCurve>>>('nist-cavs/ecdsa.json');
const CURVES = ['P-256', 'P-384', 'P-521'] as const;

describe.each(CURVES)('NIST CAVS, FIPS 186-3, on %s with the hash of RFC 4754', (curve) => {
  const { hash: name, verify, sign } = CAVS[curve];
  const parts = ({ message, x, y, r, s }: Signed) =>
    [{ kind: 'ecdsa', curve, point: octets(`04${x}${y}`) }, hash(name, octets(message)), octets(r + s)] as const;

  it('has signatures that are right and some that are not, by each of what can be changed', () => {
    expect(verify.filter(({ valid }) => valid)).toHaveLength(3);
    expect(new Set(verify.flatMap(({ why }) => why ?? []))).toEqual(
      new Set(['Message changed', 'R changed', 'S changed', 'Q changed']),
    );
  });

  it.each(ENGINES)('is verified by $name as it says', ({ signatures }) => {
    for (const one of verify)
      expect({ ...one, is: signatures.verify(...parts(one)) }).toEqual({ ...one, is: one.valid });
  });

  it('has signatures that verify, each with its own message alone', () => {
    for (const [i, one] of sign.entries()) {
      expect(verifyEcdsa(...parts(one))).toBe(true);
      const { message = '' } = sign[(i + 1) % sign.length] ?? {};
      expect(verifyEcdsa(...parts({ ...one, message }))).toBe(false);
    }
  });
});
