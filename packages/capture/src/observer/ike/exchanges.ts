import type { DecodedPayload, SaPayload } from '@espalier/wire';
import type { ExchangeRow } from '../../report/report.ts';
import type { SeenHeader } from './reading/header.ts';
import type { Side } from './reading/learnt.ts';

/** Frames of an exchange that its row names. */
const MOST_FRAMES = 16;

/** One exchange as it is seen to go on. */
export class ExchangeWatch {
  readonly index: number;
  readonly ikeSa: number;
  readonly name: string;
  readonly type: number;
  readonly messageId: number;
  readonly firstFrame: number;
  readonly firstTime: number;
  readonly frames: number[] = [];
  lastFrame: number;
  lastTime: number;
  messages = 0;
  retransmissions = 0;
  about: string | undefined;
  /** Which messages of it were seen, by their numbers in the exchange. */
  readonly numbers: Set<number> = new Set();
  readonly senders: Set<string> = new Set();
  /** Of Quick Mode, what messages 1 and 2 said. */
  offer: SaPayload | undefined;
  choice: SaPayload | undefined;
  ids: readonly DecodedPayload[] = [];
  readonly keys: [Uint8Array | undefined, Uint8Array | undefined] = [undefined, undefined];
  hasChildren = false;
  /** Whether it asks for a sign of life, and has got one, in an exchange of its own (RFC 3706 §5.2). */
  question: 'none' | 'open' | 'answered' = 'none';
  /** The address of who began it. */
  starterSource: string | undefined;

  constructor(
    index: number,
    ikeSa: number,
    name: string,
    header: SeenHeader,
    at: { readonly frame: number; readonly time: number },
  ) {
    this.index = index;
    this.ikeSa = ikeSa;
    this.name = name;
    this.type = header.exchangeType;
    this.messageId = header.messageId;
    this.firstFrame = at.frame;
    this.firstTime = at.time;
    this.lastFrame = at.frame;
    this.lastTime = at.time;
  }

  /** One message that had not come before. */
  take(frame: number, time: number, sender: string, number: number | undefined): void {
    this.messages += 1;
    if (this.frames.length < MOST_FRAMES) this.frames.push(frame);
    if (this.senders.size < 4) this.senders.add(sender);
    if (number !== undefined) this.numbers.add(number);
    this.touch(frame, time);
  }

  touch(frame: number, time: number): void {
    this.lastFrame = frame;
    this.lastTime = time;
  }

  /** The last message of it that this side has sent, 0 for none: odd ones are of who began. */
  lastSent(side: Side): number {
    return Math.max(0, ...[...this.numbers].filter((number) => (number % 2 === 1) === (side === 'initiator')));
  }

  row(): ExchangeRow {
    const { ikeSa, name, messageId, firstFrame, lastFrame, firstTime, lastTime, frames } = this;
    const { messages, retransmissions, about } = this;
    const times = { firstFrame, lastFrame, firstTime, lastTime, frames: [...frames] };
    return { ikeSa, name, messageId, ...times, messages, retransmissions, outcome: this.outcome(), about };
  }

  outcome(): ExchangeRow['outcome'] {
    const last = LAST_MESSAGE[this.name];
    if (last === undefined) {
      if (this.senders.size > 1 || this.question === 'answered') return 'complete';
      if (this.question === 'open') return 'unanswered';
      return ONE_WAY.includes(this.name) ? 'one-way' : 'unanswered';
    }
    if (this.numbers.has(last) || this.messages > last) return 'complete';
    return this.senders.size > 1 ? 'incomplete' : 'unanswered';
  }
}

/** The number of the message that ends an exchange of IKEv1 (RFC 2409 §5). */
const LAST_MESSAGE: Readonly<Record<string, number>> = { 'Main Mode': 6, 'Aggressive Mode': 3, 'Quick Mode': 3 };
const ONE_WAY: readonly string[] = ['Informational'];
