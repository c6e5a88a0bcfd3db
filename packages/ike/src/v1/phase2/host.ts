import type { Line } from '../../exchange/exchange.ts';
import type { ReceivedMessage } from '../../exchange/message.ts';
import type { Path } from '../../path.ts';
import type { LedgerOfMessageIds } from './message-ids.ts';
import type { Hearer, Spoken } from './notices.ts';

/** Through what the exchanges of phase 2 speak, and what they tell of themselves. */
export interface Phase2Host extends Line, Hearer {
  /** Between which ends the IKE SA is. */
  readonly path: Path;
  /** A message came again: its answer is sent again. @throws Refusal */
  repeat(message: ReceivedMessage, answer: Uint8Array): void;
  /** A message is new and authentic. */
  verified(message: ReceivedMessage): void;
}

/** What all exchanges of the IKE SA together are to those of one kind. */
export interface OtherExchanges extends Spoken, LedgerOfMessageIds {
  /** Keeps no more than it needs while nothing is under way. */
  rest(): void;
}
