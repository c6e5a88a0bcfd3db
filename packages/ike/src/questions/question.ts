import type { Identification } from '@espalier/wire';
import type { Endpoint, Role } from '../types.ts';

/** What a state needs to know and only the caller can say. */
export type QuestionAsked =
  /** The key shared with a peer (RFC 2409 §5.4). */
  {
    readonly kind: 'shared-key';
    /** Name of the `PeerConfig`. */
    readonly peer: string;
    readonly role: Role;
    /** Whom the peer says it is; undefined in Main Mode, where the key is found by the address only. */
    readonly identity: Identification | undefined;
  };

/** A question to the caller, to be answered with `answer(now, id, ...)`, at once or later. */
export type Question = QuestionAsked & {
  readonly id: number;
  readonly local: Endpoint;
  readonly remote: Endpoint;
};

/** What the caller says. */
export type Answer =
  /** At least 1 octet, copied. Undefined: there is none, and the negotiation ends. */
  { readonly kind: 'shared-key'; readonly key: Uint8Array | undefined };

/** What became of an answer: 'unknown-question' where nobody asks, or the one who asked has gone. */
export type AnswerResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'unknown-question' };
