import {
  expandKey,
  type HashName,
  hash,
  type OwnOctets,
  type PrfName,
  prf,
  secretOctets,
  wipe,
} from '@espalier/crypto';
import { concat } from '@espalier/wire';
import type { IkeProposal } from '../types.ts';

/**
 * The key lines of RFC 2409 §5 and Appendix B. Every function names its inputs as the RFC does: `niB` is Ni_b, the body
 * of the initiator's nonce payload, `gxy` is g^xy, left-padded to the length of the group.
 */

const ZERO = Uint8Array.of(0);
const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2);

/** The negotiated prf: the HMAC of the negotiated hash, unless another was agreed on (RFC 2409 §4). */
export function prfOf({ prf: other, hash: own }: Pick<IkeProposal, 'prf' | 'hash'>): PrfName {
  return other ?? own;
}

/** SKEYID_d, SKEYID_a and SKEYID_e. */
export interface Phase1Secrets {
  /** Derives the keys of other SAs. */
  readonly d: Uint8Array;
  /** Authenticates messages. */
  readonly a: Uint8Array;
  /** Encrypts messages. */
  readonly e: Uint8Array;
}

/** What HASH_I and HASH_R cover. */
export interface Phase1Transcript {
  readonly gxi: Uint8Array;
  readonly gxr: Uint8Array;
  readonly cookieI: Uint8Array;
  readonly cookieR: Uint8Array;
  /** The body of the initiator's SA payload as it was sent, every proposal included. */
  readonly saiB: Uint8Array;
}

/** SKEYID for authentication with a pre-shared key. */
export function skeyidOfPreSharedKey(
  name: PrfName,
  preSharedKey: Uint8Array,
  niB: Uint8Array,
  nrB: Uint8Array,
): OwnOctets {
  // SKEYID = prf(pre-shared-key, Ni_b | Nr_b)
  return prf(name, preSharedKey, niB, nrB);
}

/** SKEYID for authentication with signatures. */
export function skeyidOfSignature(name: PrfName, niB: Uint8Array, nrB: Uint8Array, gxy: Uint8Array): OwnOctets {
  // SKEYID = prf(Ni_b | Nr_b, g^xy)
  return prf(name, concat(niB, nrB), gxy);
}

/**
 * SKEYID for authentication with public-key encryption (§5.2), and with its revised form (§5.3). `form`: 'cisco-ios' leaves
 * the hash out, as Cisco's does.
 */
export function skeyidOfEncryption(
  name: HashName,
  niB: Uint8Array,
  nrB: Uint8Array,
  cookieI: Uint8Array,
  cookieR: Uint8Array,
  form: 'rfc2409' | 'cisco-ios' = 'rfc2409',
): OwnOctets {
  // SKEYID = prf(hash(Ni_b | Nr_b), CKY-I | CKY-R)
  const key = form === 'rfc2409' ? hash(name, niB, nrB) : concat(niB, nrB);
  return prf(name, key, cookieI, cookieR);
}

/**
 * Ke_i, or Ke_r, of the revised form of public-key encryption (§5.3): it encrypts the payloads of one side in clear
 * messages, under an IV of zeros. `nonceB`: Ni_b, or Nr_b, `cookie`: of the same side.
 */
export function encryptionKeyOf(name: HashName, nonceB: Uint8Array, cookie: Uint8Array, octets: number): OwnOctets {
  // Ne_i = prf(Ni_b, CKY-I)
  // Ke_i = K1 | K2 | K3 and K1 = prf(Ne_i, 0), K2 = prf(Ne_i, K1), K3 = prf(Ne_i, K2)
  const ne = prf(name, nonceB, cookie);
  const whole = secretOctets(octets);
  let k: Uint8Array = ZERO;
  for (let at = 0; at < octets; at += k.length) {
    k = prf(name, ne, k);
    whole.set(k.subarray(0, octets - at), at);
  }
  wipe(ne);
  return whole;
}

/** SKEYID_d, SKEYID_a and SKEYID_e (§5), each as long as the hash; the cookies have 8 octets each. */
export function phase1Secrets(
  name: PrfName,
  skeyid: Uint8Array,
  gxy: Uint8Array,
  cookieI: Uint8Array,
  cookieR: Uint8Array,
): Phase1Secrets {
  // SKEYID_d = prf(SKEYID, g^xy | CKY-I | CKY-R | 0)
  const d = prf(name, skeyid, gxy, cookieI, cookieR, ZERO);
  // SKEYID_a = prf(SKEYID, SKEYID_d | g^xy | CKY-I | CKY-R | 1)
  const a = prf(name, skeyid, d, gxy, cookieI, cookieR, ONE);
  // SKEYID_e = prf(SKEYID, SKEYID_a | g^xy | CKY-I | CKY-R | 2)
  const e = prf(name, skeyid, a, gxy, cookieI, cookieR, TWO);
  return { d, a, e };
}

/** The key of the cipher (Appendix B): the first `octets` of SKEYID_e, or of Ka where SKEYID_e is shorter. */
export function phase1Key(name: PrfName, skeyidE: Uint8Array, octets: number): OwnOctets {
  // Ka = K1 | K2 | K3 and K1 = prf(SKEYID_e, 0), K2 = prf(SKEYID_e, K1), K3 = prf(SKEYID_e, K2)
  return expandKey(name, skeyidE, octets);
}

/** The first IV of phase 1 (Appendix B), truncated to the cipher's block. */
export function phase1Iv(name: HashName, gxi: Uint8Array, gxr: Uint8Array, blockOctets: number): OwnOctets {
  // IV = hash(g^xi | g^xr)
  return hash(name, gxi, gxr).subarray(0, blockOctets);
}

/** The first IV of a phase 2 exchange (Appendix B), truncated to the cipher's block. */
export function phase2Iv(
  name: HashName,
  lastPhase1Block: Uint8Array,
  messageId: number,
  blockOctets: number,
): OwnOctets {
  // IV = hash(last phase 1 CBC output block | M-ID)
  return hash(name, lastPhase1Block, messageIdOctets(messageId)).subarray(0, blockOctets);
}

/** The initiator's proof in phase 1 (§5): `idiiB` is IDii_b, the body of its Identification payload. */
export function hashI(name: PrfName, skeyid: Uint8Array, of: Phase1Transcript, idiiB: Uint8Array): OwnOctets {
  // HASH_I = prf(SKEYID, g^xi | g^xr | CKY-I | CKY-R | SAi_b | IDii_b )
  return prf(name, skeyid, of.gxi, of.gxr, of.cookieI, of.cookieR, of.saiB, idiiB);
}

/** The responder's proof in phase 1 (§5): `idirB` is IDir_b, the body of its Identification payload. */
export function hashR(name: PrfName, skeyid: Uint8Array, of: Phase1Transcript, idirB: Uint8Array): OwnOctets {
  // HASH_R = prf(SKEYID, g^xr | g^xi | CKY-R | CKY-I | SAi_b | IDir_b )
  return prf(name, skeyid, of.gxr, of.gxi, of.cookieR, of.cookieI, of.saiB, idirB);
}

/** Of Quick Mode's first message, and of an Informational exchange: `rest` is what follows the HASH payload. */
export function hash1(name: PrfName, skeyidA: Uint8Array, messageId: number, rest: Uint8Array): OwnOctets {
  // HASH(1) = prf(SKEYID_a, M-ID | SA | Ni [ | KE ] [ | IDci | IDcr )
  // HASH(1) = prf(SKEYID_a, M-ID | N/D)
  return prf(name, skeyidA, messageIdOctets(messageId), rest);
}

/** Of Quick Mode's second message (§5.5): `rest` is what follows the HASH payload. */
export function hash2(
  name: PrfName,
  skeyidA: Uint8Array,
  messageId: number,
  niB: Uint8Array,
  rest: Uint8Array,
): OwnOctets {
  // HASH(2) = prf(SKEYID_a, M-ID | Ni_b | SA | Nr [ | KE ] [ | IDci | IDcr )
  return prf(name, skeyidA, messageIdOctets(messageId), niB, rest);
}

/** Of Quick Mode's third message (§5.5), which has no other payload. */
export function hash3(
  name: PrfName,
  skeyidA: Uint8Array,
  messageId: number,
  niB: Uint8Array,
  nrB: Uint8Array,
): OwnOctets {
  // HASH(3) = prf(SKEYID_a, 0 | M-ID | Ni_b | Nr_b)
  return prf(name, skeyidA, ZERO, messageIdOctets(messageId), niB, nrB);
}

/** What goes into KEYMAT of one direction of a child SA. */
export interface KeymatInput {
  /** g(qm)^xy with perfect forward secrecy, else 0 octets. */
  readonly gqmxy: Uint8Array;
  readonly protocol: number;
  /** The SPI that the receiver of this direction chose, 4 octets. */
  readonly spi: Uint8Array;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
}

/** The first `octets` of KEYMAT (§5.5). */
export function keymat(name: PrfName, skeyidD: Uint8Array, of: KeymatInput, octets: number): OwnOctets {
  // KEYMAT = K1 | K2 | K3 | ...
  // K1 = prf(SKEYID_d, [ g(qm)^xy | ] protocol | SPI | Ni_b | Nr_b)
  // Kn = prf(SKEYID_d, Kn-1 | [ g(qm)^xy | ] protocol | SPI | Ni_b | Nr_b)
  const seed = concat(of.gqmxy, Uint8Array.of(of.protocol), of.spi, of.niB, of.nrB);
  const whole = secretOctets(octets);
  let k: Uint8Array = new Uint8Array(0);
  for (let at = 0; at < octets; at += k.length) {
    const next = prf(name, skeyidD, k, seed);
    wipe(k);
    k = next;
    whole.set(k.subarray(0, octets - at), at);
  }
  wipe(seed, k);
  return whole;
}

function messageIdOctets(messageId: number): Uint8Array {
  return Uint8Array.of(messageId >>> 24, messageId >>> 16, messageId >>> 8, messageId);
}
