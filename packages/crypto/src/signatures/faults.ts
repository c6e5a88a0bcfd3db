import { bitsOf, inverseModulo, toInteger } from '../integers.ts';
import { octetsView } from '../octets.ts';
import { curveOf } from './curves.ts';
import type { PrivateKey, PublicKey, RsaPrivateKey, RsaPublicKey } from './keys.ts';

/** Why a key verifies nothing. */
export type PublicKeyFault =
  /** Below 1024 bits. */
  | 'modulus-short'
  /** Above 8192 bits: too much work for who can send it. */
  | 'modulus-long'
  /** Even: no product of two odd primes. */
  | 'modulus-even'
  /** Below 65,537, where sloppy padding has been enough to forge a signature (CVE-2006-4339); even, or above 256 bits. */
  | 'exponent'
  /** Not on its curve, or written otherwise than 4 | x | y. */
  | 'point';

/** Why a key signs nothing: as of its public part, or because its numbers do not belong together. */
export type PrivateKeyFault = PublicKeyFault | 'scalar' | 'contradiction';

const MODULUS_BITS_LEAST = 1024;
const MODULUS_BITS_MOST = 8192;
const EXPONENT_LEAST = 65_537n;
const EXPONENT_BITS_MOST = 256;

/** What is wrong with a key; undefined where it can be used. @throws TypeError unless its numbers are octets. */
export function publicKeyFault(key: PublicKey): PublicKeyFault | undefined {
  if (key.kind === 'rsa') return rsaFault(key);
  const point = octetsView('point', key.point);
  const { lengths, utils } = curveOf(key.curve);
  const isPoint = point.length === lengths.publicKeyUncompressed && utils.isValidPublicKey(point, false);
  return isPoint ? undefined : 'point';
}

/**
 * What is wrong with a key; undefined where it can be used. Whether the primes of RSA are prime is not looked at.
 * @throws TypeError unless its numbers are octets.
 */
export function privateKeyFault(key: PrivateKey): PrivateKeyFault | undefined {
  if (key.kind === 'rsa') return rsaFault(key) ?? (isConsistent(key) ? undefined : 'contradiction');
  const scalar = octetsView('scalar', key.scalar);
  const { lengths, utils } = curveOf(key.curve);
  return scalar.length === lengths.secretKey && utils.isValidSecretKey(scalar) ? undefined : 'scalar';
}

/** Bits of n. */
export function modulusBits(key: RsaPublicKey): number {
  return bitsOf(toInteger(octetsView('modulus', key.modulus)));
}

function rsaFault({ modulus, exponent }: RsaPublicKey): PublicKeyFault | undefined {
  // Before anything is computed with them: they may have any length.
  if (octetsView('modulus', modulus).length > MODULUS_BITS_MOST / 4) return 'modulus-long';
  if (octetsView('exponent', exponent).length > MODULUS_BITS_MOST / 4) return 'exponent';
  const [n, e] = [toInteger(modulus), toInteger(exponent)];
  const bits = bitsOf(n);
  if (bits < MODULUS_BITS_LEAST) return 'modulus-short';
  if (bits > MODULUS_BITS_MOST) return 'modulus-long';
  if (n % 2n === 0n) return 'modulus-even';
  return e < EXPONENT_LEAST || e % 2n === 0n || bitsOf(e) > EXPONENT_BITS_MOST ? 'exponent' : undefined;
}

/** RFC 8017 §3.2. */
function isConsistent(key: RsaPrivateKey): boolean {
  const [n, e] = [toInteger(key.modulus), toInteger(key.exponent)];
  const [p, q] = [toInteger(octetsView('prime1', key.prime1)), toInteger(octetsView('prime2', key.prime2))];
  const d = toInteger(octetsView('privateExponent', key.privateExponent));
  const dP = toInteger(octetsView('exponent1', key.exponent1));
  const dQ = toInteger(octetsView('exponent2', key.exponent2));
  const qInv = toInteger(octetsView('coefficient', key.coefficient));
  if (p <= 1n || q <= 1n || p * q !== n) return false;
  if (d % (p - 1n) !== dP || d % (q - 1n) !== dQ) return false;
  return (e * dP) % (p - 1n) === 1n && (e * dQ) % (q - 1n) === 1n && inverseModulo(q, p) === qInv;
}
