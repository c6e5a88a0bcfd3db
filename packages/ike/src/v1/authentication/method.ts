import type { HashName, PrfName, PrivateKey, PublicKey } from '@espalier/crypto';
import type { CertificateRequestPayload, DecodedPayload, Identification, Payload } from '@espalier/wire';
import type { PayloadRules } from '../../exchange/rules.ts';
import type { CertificateRequest, Role } from '../../types.ts';
import type { Cookies } from '../cookies.ts';
import type { Phase1Context } from '../phase1/phase1.ts';
import type { Pending } from './pending.ts';
import type { Proof } from './proof.ts';

/** From what SKEYID may be made, whatever the method takes of it (RFC 2409 §5). */
interface SkeyidInput {
  readonly prf: PrfName;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
  readonly gxy: Uint8Array;
  readonly cookies: Cookies;
  /** What both sides know beforehand; 0 octets where they share nothing. */
  readonly secret: Uint8Array;
}

/** What this side proves to the peer. */
export interface Proving {
  readonly context: Phase1Context;
  /** Of this side. */
  readonly role: Role;
  /** HASH_I or HASH_R, which covers this side's identity. */
  readonly hash: Uint8Array;
  /** What the peer has asked for. */
  readonly requests: readonly CertificateRequest[];
}

/** What the peer is to have proved. */
export interface Verifying {
  readonly context: Phase1Context;
  /** Of this side. */
  readonly role: Role;
  /** HASH_I or HASH_R as it must be, which covers `identity`. */
  readonly hash: Uint8Array;
  /** Whom the peer says it is. */
  readonly identity: Identification;
  /** Of the message that proves it. */
  readonly payloads: readonly DecodedPayload[];
}

/** One way to authenticate phase 1: what SKEYID is made of, and what proves HASH_I or HASH_R (RFC 2409 §5). */
export interface AuthenticationMethod {
  /** The value of the attribute Authentication Method (RFC 2409 Appendix A). */
  readonly number: number;
  /** Whether both sides must know a key beforehand: then SKEYID takes it, and in Main Mode the address alone tells whose. */
  readonly sharesKey: boolean;
  /** Whether a side of this role proves who it is: of a hybrid method its user does not, whose identity is anybody's to write. */
  proves(role: Role): boolean;
  /** The hash of HASH_I and HASH_R where the method has its own (RFC 2409 §5.1); of all else it is the negotiated one. */
  readonly hash?: HashName;
  /** Whether a key is of the kind that makes the signatures, or verifies them; undefined where nothing is signed. */
  readonly signer?: (key: PrivateKey | PublicKey) => boolean;
  /** The payloads that prove a hash, beside the identification and certificates. */
  readonly counts: PayloadRules['counts'];
  skeyid(input: SkeyidInput): Uint8Array;
  /** What this side asks of the peer before it proves anything: nothing of one that proves itself without a certificate. */
  requests(context: Phase1Context, role: Role): readonly CertificateRequestPayload[];
  /** @throws Refusal where nothing is there to prove it with. */
  prove(proving: Proving): readonly Payload[] | Pending<readonly Payload[]>;
  /** @throws Refusal unless the payloads prove the hash. */
  verify(verifying: Verifying): Proof | Pending<Proof>;
}
