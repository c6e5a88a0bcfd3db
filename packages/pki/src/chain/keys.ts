import { type PublicKey, publicKeyFault } from '@espalier/crypto';
import type { Certificate } from '../certificate/certificate.ts';
import { refuse } from './path-fault.ts';
import type { CompleteTrustPolicy } from './policy.ts';
import type { RefusalReason } from './reasons.ts';

const FAULTS: Readonly<Record<NonNullable<ReturnType<typeof publicKeyFault>>, readonly [RefusalReason, string]>> = {
  'modulus-short': ['small-key', 'fewer bits than are taken'],
  'modulus-even': ['small-key', 'an even modulus'],
  'modulus-long': ['large-key', 'more bits than are computed with'],
  exponent: ['bad-exponent', 'a public exponent that is even, below 65537 or too long'],
  point: ['unsupported-key', 'a point that is not on its curve'],
};

/** A certificate's key, when it is one that signatures may be verified with. */
export function usableKey(certificate: Certificate, { leastRsaBits }: CompleteTrustPolicy): PublicKey {
  const { key, algorithm } = certificate.subjectKey;
  if (key === undefined)
    refuse(certificate, 'unsupported-key', `of algorithm ${algorithm}, or on a curve that is not known`);
  const fault = publicKeyFault(key);
  if (fault !== undefined) refuse(certificate, ...FAULTS[fault]);
  const bits = key.kind === 'rsa' ? bitLength(key.modulus) : undefined;
  if (bits !== undefined && bits < leastRsaBits) {
    refuse(certificate, 'small-key', `${bits} bits, of which ${leastRsaBits} are the least`);
  }
  return key;
}

/** Bits of a number without leading zeros. */
function bitLength(number: Uint8Array): number {
  return number.length === 0 ? 0 : 8 * number.length - Math.clz32(number[0] ?? 0) + 24;
}
