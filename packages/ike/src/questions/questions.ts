import type { ReceivedMessage } from '../exchange/message.ts';
import { CHAINS_IN_ALL, QUESTIONS_OF_UNREACHED_IN_ALL, QUESTIONS_OF_UNREACHED_PER_ADDRESS } from '../limits.ts';
import type { Path } from '../path.ts';
import { Crowd } from '../peer/crowd.ts';
import type { IkeRefusal } from '../refusals.ts';
import type { Answer, Question, QuestionAsked } from './question.ts';

/** Who asked, and waits for the answer. */
export interface Asker {
  /** Whether its peer has shown that it is reached at its address. */
  readonly isReached: boolean;
  /** Gives what the message that made it ask is refused for now, if it is. */
  answered(answer: Answer): IkeRefusal | undefined;
  /** Messages that came too early, and for which it is time now: they are to be handled again. */
  takeEarly?(): readonly ReceivedMessage[];
  /** Too many ask: this one is not to be answered. */
  crowdedOut(): void;
}

/**
 * What the caller has been asked and has not answered. Anybody can send a message that makes a question, so those whose
 * peer has not shown that it is reached at its address are only so many, and are handed out last.
 */
export class Questions {
  /** Those that the caller has not taken yet, by their numbers. */
  readonly #reached = new Map<number, Question>();
  readonly #unreached = new Map<number, Question>();
  readonly #askers = new Map<number, { readonly asker: Asker; readonly kind: QuestionAsked['kind'] }>();
  /** Unanswered, taken or not, whose peer is not known to be reached. */
  readonly #crowd = new Crowd<number>({
    perPlace: QUESTIONS_OF_UNREACHED_PER_ADDRESS,
    inAll: QUESTIONS_OF_UNREACHED_IN_ALL,
  });
  /** Octets of certificates of peers that have begun, and where they came from; the oldest first. */
  readonly #chains = new Map<number, { readonly octets: number; readonly address: string }>();
  #count = 0;

  /** Questions that the caller has not answered yet. */
  get length(): number {
    return this.#askers.size;
  }

  /** The number by which it is answered, or withdrawn. */
  ask(asker: Asker, asked: QuestionAsked, { local, remote }: Path): number {
    const { isReached } = asker;
    if (!isReached) this.#makeRoom(remote.address);
    const octets = octetsOfChain(asked);
    if (octets > 0) this.#makeRoomForChain(octets);
    this.#count += 1;
    const id = this.#count;
    this.#askers.set(id, { asker, kind: asked.kind });
    (isReached ? this.#reached : this.#unreached).set(id, { ...asked, id, local, remote });
    if (!isReached) this.#crowd.add(id, remote.address);
    if (octets > 0) this.#chains.set(id, { octets, address: remote.address });
    return id;
  }

  /** Nobody waits for the answer any more. */
  withdraw(id: number): void {
    this.#askers.delete(id);
    this.#reached.delete(id);
    this.#unreached.delete(id);
    this.#crowd.delete(id);
    this.#chains.delete(id);
  }

  take(): Question | undefined {
    return takeFirst(this.#reached) ?? takeFirst(this.#unreached);
  }

  /** What kind of answer is waited for; undefined where nobody waits. */
  kindOf(id: number): QuestionAsked['kind'] | undefined {
    return this.#askers.get(id)?.kind;
  }

  /** Who waits for an answer; asked for once. */
  takeAsker(id: number): Asker | undefined {
    const asker = this.#askers.get(id)?.asker;
    this.withdraw(id);
    return asker;
  }

  /** The oldest of its like gives way. */
  #makeRoom(address: string): void {
    const id = this.#crowd.displaced(address);
    if (id !== undefined) this.takeAsker(id)?.crowdedOut();
  }

  #makeRoomForChain(octets: number): void {
    let held = 0;
    for (const one of this.#chains.values()) held += one.octets;
    if (held + octets <= CHAINS_IN_ALL) return;
    const id = this.#oldestOfHeaviest();
    if (id === undefined) return;
    this.takeAsker(id)?.crowdedOut();
    this.#makeRoomForChain(octets);
  }

  #oldestOfHeaviest(): number | undefined {
    const byAddress = new Map<string, { readonly id: number; octets: number }>();
    for (const [id, { octets, address }] of this.#chains) {
      const here = byAddress.get(address) ?? { id, octets: 0 };
      here.octets += octets;
      byAddress.set(address, here);
    }
    const [heaviest] = [...byAddress.values()].toSorted((a, b) => b.octets - a.octets);
    return heaviest?.id;
  }
}

/** Of what this side has asked for itself there is as much as it has begun. */
function octetsOfChain(asked: QuestionAsked): number {
  if (asked.kind !== 'verify-chain' || asked.role === 'initiator') return 0;
  return asked.certificates.reduce((sum, { data }) => sum + data.length, 0);
}

function takeFirst(questions: Map<number, Question>): Question | undefined {
  for (const [id, question] of questions) {
    questions.delete(id);
    return question;
  }
  return undefined;
}
