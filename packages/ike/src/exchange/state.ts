import { type CbcCipher, wipe } from '@espalier/crypto';
import type { DecodedPayload, IsakmpHeader } from '@espalier/wire';
import type { Answer, QuestionAsked } from '../questions/question.ts';
import type { Tolerance } from '../tolerances.ts';
import type { Heard } from './heard.ts';
import type { PayloadRules } from './rules.ts';

/** With what an awaited message is opened: `HDR` comes in clear, `HDR*` encrypted, and some may come either way. */
export type Protection =
  | { readonly kind: 'clear' }
  | { readonly kind: 'encrypted' | 'either'; readonly cipher: CbcCipher; readonly iv: Uint8Array };

export const CLEAR: Protection = { kind: 'clear' };

/** A message of an exchange, decrypted if it was encrypted, its payloads within the rules of the state. */
export interface OpenedMessage {
  readonly header: IsakmpHeader;
  readonly payloads: readonly DecodedPayload[];
  /** The payloads' octets as received, without the padding after them: what a hash covers. */
  readonly chain: Uint8Array;
  /** The IV of the next message once this one is verified (RFC 2409 Appendix B); 0 octets where none is known yet. */
  readonly nextIv: Uint8Array;
}

/** What is to be overwritten: states that know the same secret have the same one. */
export type Secret = Uint8Array | { wipe(): void };

export const NO_SECRETS: readonly Secret[] = [];

/** Overwrites secrets, but for those that somebody else still needs. */
export function wipeAll(secrets: readonly Secret[], kept: readonly Secret[] = NO_SECRETS): void {
  for (const secret of secrets) {
    if (kept.includes(secret)) continue;
    if (secret instanceof Uint8Array) wipe(secret);
    else secret.wipe();
  }
}

/** A state that awaits one message. Nothing in it changes but that secrets are wiped; `receive` makes the next. */
export interface AwaitsMessage<State, Outcome> {
  readonly protection: Protection;
  readonly rules: PayloadRules;
  /** Whether the awaited message has a hash that covers every payload of it; default false. */
  readonly isHashed?: boolean;
  /** Whether what was sent last is repeated until the awaited message comes. */
  readonly repeats: boolean;
  /** @throws Refusal, with nothing changed. */
  receive(message: OpenedMessage): Step<State, Outcome>;
  /** What is to be overwritten when the exchange ends in this state. */
  readonly secrets: readonly Secret[];
}

/** A state that awaits what only the caller knows. Whoever repeats a message meanwhile hears nothing. */
export interface AwaitsAnswer<State, Outcome> {
  readonly asks: QuestionAsked;
  /** @throws Refusal, which ends the exchange. */
  answer(answer: Answer): Step<State, Outcome>;
  readonly secrets: readonly Secret[];
}

/** What a message, or an answer, leads to. */
export interface Step<State, Outcome> {
  /** None: the exchange is over. Several: the next message decides which of them it is. */
  readonly next: readonly State[];
  readonly reply: Uint8Array | undefined;
  /** What this step settles. */
  readonly outcome: Outcome | undefined;
  /** What it took of the message that an RFC has otherwise. */
  readonly tolerated?: readonly Tolerance[];
}

/** The step that a message leads to, with what it tells beside. */
export interface Heeded<State, Outcome> extends Step<State, Outcome> {
  readonly heard: readonly Heard[];
  readonly tolerated: readonly Tolerance[];
  /** What vendor IDs the message has. */
  readonly vendorIds: readonly Uint8Array[];
}

/** The step that begins an exchange: what is sent first, and what awaits the answer. */
export interface FirstStep<State, Outcome> extends Step<State, Outcome> {
  readonly next: readonly [State];
}

/** Drawn into docs/reference/states.md. */
export interface Transition {
  /** What is awaited, in the RFC's notation. */
  readonly on: string;
  /** What is sent. */
  readonly sends: string;
  readonly to: string;
}
