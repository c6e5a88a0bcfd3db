import { powerModulo } from '../dh/power.ts';
import { prf } from '../hash/prf.ts';
import { bitsOf, inverseModulo, toInteger, toOctets } from '../integers.ts';
import { type OwnOctets, octetsView } from '../octets.ts';
import { equalConstantTime } from '../secrets.ts';
import { privateKeyFault, publicKeyFault } from './faults.ts';
import type { RsaPrivateKey, RsaPublicKey } from './keys.ts';

/** How RSA is computed: by BigInt, or by what an engine has. Undefined for what is no number below n. */
export interface RsaPowers {
  /** block^d mod n, and whether it is right has been seen. */
  private(key: RsaPrivateKey, block: Uint8Array): OwnOctets | undefined;
  /** block^e mod n, as long as n. */
  public(key: RsaPublicKey, block: Uint8Array): OwnOctets | undefined;
}

/** Octets of 0 | 1 | padding | 0, with the least padding (RFC 8017 §9.2; §7.2 of 0 | 2). */
export const FRAME_LEAST = 11;
const PADDING = 0xff;

/**
 * Whether a signature is that of this hash: 0 | 1 | 255 ... 255 | 0 | hash, without a DigestInfo (RFC 2409 §5.1). The block
 * is made anew and compared whole, so that nothing is read out of what the peer sends. False for a key with a fault.
 * @throws TypeError for what is no Uint8Array.
 */
export function verifyRsaPkcs1Bare(key: RsaPublicKey, hash: Uint8Array, signature: Uint8Array): boolean {
  return verifyRsaBy(BIGINT_POWERS, key, hash, signature);
}

/**
 * The signature of a hash, as long as n. Undefined for a key with a fault, and for a hash that does not fit.
 * @throws TypeError for what is no Uint8Array.
 */
export function signRsaPkcs1Bare(key: RsaPrivateKey, hash: Uint8Array): OwnOctets | undefined {
  return signRsaBy(BIGINT_POWERS, key, hash);
}

/** As `verifyRsaPkcs1Bare`. */
export function verifyRsaBy(powers: RsaPowers, key: RsaPublicKey, hash: Uint8Array, signature: Uint8Array): boolean {
  const expected = octetsView('hash', hash);
  const came = openSignature(key, octetsView('signature', signature), powers);
  const block = came && signatureBlock(expected, came.length);
  return came !== undefined && block !== undefined && equalConstantTime(came, block);
}

/** As `signRsaPkcs1Bare`. */
export function signRsaBy(powers: RsaPowers, key: RsaPrivateKey, hash: Uint8Array): OwnOctets | undefined {
  const octets = octetsView('hash', hash);
  if (privateKeyFault(key) !== undefined) return undefined;
  const block = signatureBlock(octets, modulusOctets(key));
  return block && powers.private(key, block);
}

/**
 * What somebody has signed with the key, where the padding is right: for people who want to know why a signature does not
 * verify. Nothing is proved by it. @throws TypeError for what is no Uint8Array.
 */
export function signedByRsa(key: RsaPublicKey, signature: Uint8Array): OwnOctets | undefined {
  const block = openSignature(key, octetsView('signature', signature), BIGINT_POWERS);
  if (block === undefined || block[0] !== 0 || block[1] !== 1) return undefined;
  const end = block.indexOf(0, 2);
  const isPadded = end >= FRAME_LEAST - 1 && block.subarray(2, end).every((octet) => octet === PADDING);
  return isPadded ? block.slice(end + 1) : undefined;
}

/** Octets of n, without zeros in front: those of a signature. */
export function modulusOctets({ modulus }: RsaPublicKey): number {
  return Math.ceil(bitsOf(toInteger(modulus)) / 8);
}

function openSignature(key: RsaPublicKey, signature: Uint8Array, powers: RsaPowers): OwnOctets | undefined {
  if (publicKeyFault(key) !== undefined || signature.length !== modulusOctets(key)) return undefined;
  return powers.public(key, signature);
}

function signatureBlock(hash: Uint8Array, octets: number): OwnOctets | undefined {
  if (hash.length > octets - FRAME_LEAST) return undefined;
  const block = new Uint8Array(octets).fill(PADDING);
  block.set([0, 1]);
  block[octets - hash.length - 1] = 0;
  block.set(hash, octets - hash.length);
  return block;
}

export const BIGINT_POWERS: RsaPowers = {
  private: signBlinded,
  public({ modulus, exponent }, block) {
    const [n, s] = [toInteger(modulus), toInteger(block)];
    return s < n ? toOctets(powerModulo(s, exponent, n), block.length) : undefined;
  },
};

/**
 * block^d mod n by the two primes (RFC 8017 §5.1.2). What is computed with is another number than the block, which nobody
 * else knows; and what comes of it is verified, since one fault in one of the primes would give both away.
 */
function signBlinded(key: RsaPrivateKey, block: Uint8Array): OwnOctets | undefined {
  const [n, p, q] = [toInteger(key.modulus), toInteger(key.prime1), toInteger(key.prime2)];
  const m = toInteger(block);
  const r = blindingOf(key, block, n);
  const rInverse = inverseModulo(r, n);
  if (rInverse === undefined) return undefined;
  const blinded = (m * powerModulo(r, key.exponent, n)) % n;
  const s1 = powerModulo(blinded % p, key.exponent1, p);
  const s2 = powerModulo(blinded % q, key.exponent2, q);
  const h = ((((s1 - s2) * toInteger(key.coefficient)) % p) + p) % p;
  const s = ((s2 + q * h) * rInverse) % n;
  return powerModulo(s, key.exponent, n) === m ? toOctets(s, block.length) : undefined;
}

/** A number below n that only who has the key knows, another for each block: chance is not needed for it. */
function blindingOf({ privateExponent }: RsaPrivateKey, block: Uint8Array, n: bigint): bigint {
  let r = 0n;
  for (let i = 0; r < n; i++) r = (r << 512n) | toInteger(prf('sha2-512', privateExponent, Uint8Array.of(i), block));
  return r % n;
}
