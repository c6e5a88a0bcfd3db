import type { ReceivedMessage } from '../exchange/message.ts';
import { EARLY_MESSAGES_MOST, EARLY_OCTETS_MOST } from '../limits.ts';

const NONE: readonly ReceivedMessage[] = [];

/** Messages of a peer that has gone on while something is awaited here: it repeats them seconds later. */
export class Early {
  #messages: readonly ReceivedMessage[] = NONE;

  /** Whether a message is kept, or was. */
  keeps(message: ReceivedMessage): boolean {
    const { octets, digest } = message;
    if (this.#messages.some((other) => other.digest === digest)) return true;
    if (this.#messages.length >= EARLY_MESSAGES_MOST || octets.length > EARLY_OCTETS_MOST) return false;
    this.#messages = [...this.#messages, message];
    return true;
  }

  take(): readonly ReceivedMessage[] {
    const messages = this.#messages;
    this.#messages = NONE;
    return messages;
  }
}
