import { x25519 } from '@noble/curves/ed25519.js';
import { copyOctets, octetsView } from '../octets.ts';
import { type DhPowers, KeyPair } from './key-pair.ts';
import type { DhGroup } from './types.ts';

const NUMBER = 31;
const OCTETS = 32;

/** Curve25519 (RFC 8031, RFC 7748 §6.1) by @noble/curves, or by what an engine has for its powers. */
export function curve25519Group(powers: DhPowers = NOBLE_POWERS): DhGroup {
  return {
    number: NUMBER,
    name: 'curve25519',
    bits: 255,
    octets: OCTETS,
    secretOctets: OCTETS,
    isPublicValue: (value) => isOfHighOrder(octetsView('value', value)),
    createKeyPair: (rng) => {
      const privateValue = new Uint8Array(OCTETS);
      rng.fill(privateValue);
      return new KeyPair(NUMBER, privateValue, powers);
    },
    keyPairFrom: (privateValue) => {
      const own = copyOctets('privateValue', privateValue);
      if (own.length !== OCTETS) throw new RangeError(`privateValue must be ${OCTETS} octets, not ${own.length}`);
      return new KeyPair(NUMBER, own, powers);
    },
  };
}

/** The u of the points whose order divides 8, which give a secret of zeros to everybody (RFC 7748 §6.1, RFC 8031 §2). */
const P = 2n ** 255n - 19n;
const LOW_ORDER: readonly bigint[] = [
  0n,
  1n,
  325606250916557431795983626356110631294008115727848805560023387167927233504n,
  39382357235489614581723060781553021112529911719440698176882885853963445705823n,
  P - 1n,
];

/** Whether these are octets of a u that no such point has; the highest bit does not count (RFC 7748 §5). */
export function isOfHighOrder(value: Uint8Array): boolean {
  if (value.length !== OCTETS) return false;
  let u = 0n;
  for (let i = OCTETS - 1; i >= 0; i--) u = (u << 8n) | BigInt((value[i] ?? 0) & (i === OCTETS - 1 ? 0x7f : 0xff));
  return !LOW_ORDER.includes(u % P);
}

const NOBLE_POWERS: DhPowers = {
  publicValue: (privateValue) => x25519.getPublicKey(privateValue),
  secret: (privateValue, value) => (isOfHighOrder(value) ? x25519.getSharedSecret(privateValue, value) : undefined),
};
