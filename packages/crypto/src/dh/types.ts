import type { Rng } from '../rng.ts';
import type { ModpNumber, SubgroupNumber } from './modp-groups.ts';
import type { EcpNumber } from './other-curves.ts';

/**
 * Groups by their IKE number: MODP (RFC 2409 §6, RFC 3526; with subgroups RFC 5114), ECP (RFC 5903, RFC 5114), Brainpool's
 * (RFC 6932), Curve25519 (RFC 8031).
 */
export type DhGroupNumber = ModpNumber | SubgroupNumber | EcpNumber | 31;

/** One way to agree on a secret: the group, and how its values are written. */
export interface DhGroup {
  readonly number: DhGroupNumber;
  /** For example `modp-2048`, `ecp-256`, `brainpool-256`, `curve25519`. */
  readonly name: string;
  /** Of the prime that it is a group modulo, or over. */
  readonly bits: number;
  /** Octets of a public value. */
  readonly octets: number;
  /** Octets of a shared secret. */
  readonly secretOctets: number;
  /**
   * Whether a value is one that a peer may send: of this length, and of this group, but for those that give the secret
   * away. Cheap beside making a key pair; to be asked before one is made.
   * @throws TypeError unless `value` is a Uint8Array.
   */
  isPublicValue(value: Uint8Array): boolean;
  /** A fresh key pair, whose private value is drawn from `rng`. */
  createKeyPair(rng: Rng): DhKeyPair;
  /**
   * The key pair of a known private value, most significant octet first, but for Curve25519, where it is least
   * significant first (RFC 7748 §5). @throws RangeError for a value that is none.
   */
  keyPairFrom(privateValue: Uint8Array): DhKeyPair;
}

/** One party's side of a Diffie-Hellman exchange in a group that has a number. */
export interface DhKeyPair extends DhSide {
  readonly group: DhGroupNumber;
}

/** One party's side of a Diffie-Hellman exchange, in whatever group. */
export interface DhSide {
  /** What the other party is sent, as long as the group says (RFC 2409 §5, RFC 5903 §7, RFC 8031 §3.1). */
  readonly publicValue: Uint8Array;
  /**
   * The shared secret, as long as the group says; undefined for a value that `isPublicValue` refuses.
   * @throws TypeError unless `peerPublicValue` is a Uint8Array, and after `wipe`.
   */
  agree(peerPublicValue: Uint8Array): Uint8Array | undefined;
  /** Forgets the private value. `agree` throws TypeError afterwards. */
  wipe(): void;
}
