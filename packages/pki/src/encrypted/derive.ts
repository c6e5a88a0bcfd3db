import { HASH_OCTETS, type HashName, hash } from '@espalier/crypto';
import { concat } from '@espalier/wire';

/** What the octets are for (RFC 7292 Appendix B.3). */
export const DERIVED = { key: 1, iv: 2, mac: 3 } as const;

/** More than any program writes: each costs a hash. */
export const ITERATIONS_MOST = 2_000_000;

/** Of what a password and a salt make. */
export interface Derivation {
  readonly hash: Exclude<HashName, 'md5'>;
  readonly id: (typeof DERIVED)[keyof typeof DERIVED];
  readonly octets: number;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** RFC 7292 Appendix B.2, with its letters. */
export function derive({ hash: name, id, octets, salt, iterations }: Derivation, password: Uint8Array): Uint8Array {
  const [u, v] = [HASH_OCTETS[name], BLOCK_OCTETS[name]];
  const D = new Uint8Array(v).fill(id);
  const I = concat(repeated(salt, v), repeated(password, v));
  const out = new Uint8Array(Math.ceil(octets / u) * u);
  for (let at = 0; at < octets; at += u) {
    let A = hash(name, D, I);
    for (let i = 1; i < iterations; i++) A = hash(name, A);
    out.set(A, at);
    const B = Uint8Array.from({ length: v }, (_, i) => A[i % u] ?? 0);
    for (let j = 0; j < I.length; j += v) addOneMore(I.subarray(j, j + v), B);
  }
  I.fill(0);
  return out.subarray(0, octets);
}

/** v of Appendix B.2, in octets. */
const BLOCK_OCTETS: Readonly<Record<Derivation['hash'], number>> = {
  sha1: 64,
  'sha2-256': 64,
  'sha2-384': 128,
  'sha2-512': 128,
};

/** To whole blocks of the hash. */
function repeated(octets: Uint8Array, block: number): Uint8Array {
  const length = Math.ceil(octets.length / block) * block;
  return Uint8Array.from({ length }, (_, i) => octets[i % octets.length] ?? 0);
}

/** I_j = (I_j + B + 1) mod 2^v */
function addOneMore(block: Uint8Array, b: Uint8Array): void {
  let carry = 1;
  for (let i = block.length - 1; i >= 0; i--) {
    carry += (block[i] ?? 0) + (b[i] ?? 0);
    block[i] = carry & 0xff;
    carry >>= 8;
  }
}
