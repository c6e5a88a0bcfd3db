import type { HashName } from '@espalier/crypto';
import type { DecodedPayload, Identification, Payload } from '@espalier/wire';
import type { PayloadRules } from '../../exchange/rules.ts';
import type { Cookies } from '../cookies.ts';
import type { Proof } from './proof.ts';

/** From what SKEYID may be made, whatever the method takes of it (RFC 2409 §5). */
interface SkeyidInput {
  readonly hash: HashName;
  readonly niB: Uint8Array;
  readonly nrB: Uint8Array;
  readonly gxy: Uint8Array;
  readonly cookies: Cookies;
  /** What both sides know beforehand; 0 octets where they share nothing. */
  readonly secret: Uint8Array;
}

/** One way to authenticate phase 1: what SKEYID is made of, and what proves HASH_I or HASH_R (RFC 2409 §5). */
export interface AuthenticationMethod {
  /** The value of the attribute Authentication Method (RFC 2409 Appendix A). */
  readonly number: number;
  /** Whether both sides must know a key beforehand. */
  readonly sharesKey: boolean;
  /** The payloads that prove a hash, beside the identification. */
  readonly counts: PayloadRules['counts'];
  skeyid(input: SkeyidInput): Uint8Array;
  prove(hash: Uint8Array): readonly Payload[];
  /** @throws Refusal unless the payloads prove `expected`, which covers `identity`. */
  verify(payloads: readonly DecodedPayload[], expected: Uint8Array, identity: Identification): Proof;
}
