import type { PublicKey } from '@espalier/crypto';
import type { Identification } from '@espalier/wire';
import type { IkeRefusal } from '../refusals.ts';
import type { Certificate, CertificateRequest, Endpoint, Role, SignatureMethod } from '../types.ts';
import type {
  CredentialsAnswer,
  CredentialsQuestion,
  LeaseAnswer,
  LeaseQuestion,
  VerifyCredentialsAnswer,
  VerifyCredentialsQuestion,
} from './transaction-questions.ts';

/** The key shared with a peer (RFC 2409 §5.4). */
export interface SharedKeyQuestion {
  readonly kind: 'shared-key';
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  /** Whom the peer says it is; undefined in Main Mode, where the key is found by the address only. */
  readonly identity: Identification | undefined;
}

/** This side's signature (RFC 2409 §5.1): the key may be in a token, or in another process. */
export interface SignQuestion {
  readonly kind: 'sign';
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  readonly method: SignatureMethod;
  /** Whom this side says it is: what its certificate is to be for. */
  readonly identity: Identification;
  /** What is signed as it is: with RSA in PKCS#1 type 1 without a DigestInfo, with ECDSA without hashing it again. */
  readonly hash: Uint8Array;
  /** What the peer asked for. */
  readonly requests: readonly CertificateRequest[];
}

/** Whose the peer's key is: `certificates` are what it sent, and nobody has looked into them. */
export interface VerifyChainQuestion {
  readonly kind: 'verify-chain';
  /** Name of the `PeerConfig`. */
  readonly peer: string;
  readonly role: Role;
  readonly method: SignatureMethod;
  /** Whom the peer says it is. */
  readonly identity: Identification;
  /** In the order in which they came; none where it sent none. */
  readonly certificates: readonly Certificate[];
}

/** What a state needs to know and only the caller can say. */
export type QuestionAsked =
  | SharedKeyQuestion
  | SignQuestion
  | VerifyChainQuestion
  | CredentialsQuestion
  | VerifyCredentialsQuestion
  | LeaseQuestion;

/** A question to the caller, to be answered with `answer(now, id, ...)`, at once or later. */
export type Question = QuestionAsked & {
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
};

export interface SharedKeyAnswer {
  readonly kind: 'shared-key';
  /** At least 1 octet, copied. Undefined: there is none, and the negotiation ends. */
  readonly key: Uint8Array | undefined;
}

export interface SignAnswer {
  readonly kind: 'sign';
  /** As long as the modulus, or r | s (RFC 4754 §7). Undefined: there is none, and the negotiation ends. */
  readonly signature: Uint8Array | undefined;
  /** What is sent along, in this order. Default: none. */
  readonly certificates?: readonly Certificate[];
}

export type VerifyChainAnswer =
  /** The peer's key, with which its signature is verified then. */
  | {
      readonly kind: 'verify-chain';
      readonly key: PublicKey;
      /** Whom it is proved to be, once the signature is verified. Default: whom it says it is. */
      readonly identity?: Identification;
    }
  /** There is none that may be believed, and the negotiation ends. */
  | {
      readonly kind: 'verify-chain';
      /** Which certificate, and why; comes back in events. Of a longer text the first 512 characters. */
      readonly reason: string;
    };

/** What the caller says. */
export type Answer =
  | SharedKeyAnswer
  | SignAnswer
  | VerifyChainAnswer
  | CredentialsAnswer
  | VerifyCredentialsAnswer
  | LeaseAnswer;

/**
 * What became of an answer. `refused`: why the message is refused now that made the endpoint ask. 'unknown-question': nobody
 * asks, or the one who asked has gone.
 */
export type AnswerResult =
  | { readonly ok: true; readonly refused?: IkeRefusal }
  | { readonly ok: false; readonly reason: 'unknown-question' };
