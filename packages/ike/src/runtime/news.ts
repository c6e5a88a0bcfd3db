import { after, type Instant } from '@espalier/wire';
import type { IkeEvent } from '../events.ts';
import { NEWS_KINDS, NEWS_OF_PEERS, NEWS_OF_STRANGERS, NEWS_PAUSE } from '../limits.ts';
import type { Outbox } from './outbox.ts';

/** Whom an event is about, and what it says of him: events of the same kind are told once in a while. */
interface Kind {
  /** Name of the peer; undefined for a stranger. */
  readonly peer: string | undefined;
  /** Where a stranger is. */
  readonly address: string;
  readonly what: string;
}

/** Events that anybody can cause: the first of a kind is told at once, and of a flood only how many there were. */
export class News {
  readonly #outbox: Outbox;
  readonly #now: () => Instant;
  readonly #peers = new Moderator(NEWS_OF_PEERS);
  readonly #strangers = new Moderator(NEWS_OF_STRANGERS);

  constructor(outbox: Outbox, now: () => Instant) {
    this.#outbox = outbox;
    this.#now = now;
  }

  /** `make` is called only where the event is told; `suppressed`: how many of its like were not, since the last. */
  tell({ peer, address, what }: Kind, make: (suppressed: number) => IkeEvent): void {
    const moderator = peer === undefined ? this.#strangers : this.#peers;
    const admitted = moderator.admit(`${peer ?? address} ${what}`, this.#now());
    if (admitted === undefined) return;
    this.#outbox.emit(make(peer === undefined ? admitted.ofAll : admitted.ofKind));
  }
}

/** What has been told of one kind. */
interface Told {
  readonly next: Instant | undefined;
  readonly suppressed: number;
}

/** Decides which event is told. */
class Moderator {
  readonly #most: number;
  /** Heard of longest ago first. */
  readonly #kinds = new Map<string, Told>();
  #suppressed = 0;
  /** Of this while. */
  #count = 0;
  #ends: Instant | undefined;

  /** `most`: events in a while. */
  constructor(most: number) {
    this.#most = most;
  }

  /** How many were suppressed since the last that was told, of this kind and of all; undefined where this is one more. */
  admit(kind: string, now: Instant): { readonly ofKind: number; readonly ofAll: number } | undefined {
    if (this.#ends === undefined || now >= this.#ends) {
      this.#ends = after(now, NEWS_PAUSE);
      this.#count = 0;
    }
    const { next, suppressed } = this.#kinds.get(kind) ?? { next: undefined, suppressed: 0 };
    const isEarly = next !== undefined && now < next;
    if (isEarly || this.#count >= this.#most) {
      this.#suppressed++;
      this.#remember(kind, { next, suppressed: suppressed + 1 });
      return undefined;
    }
    const ofAll = this.#suppressed;
    this.#suppressed = 0;
    this.#count++;
    this.#remember(kind, { next: after(now, NEWS_PAUSE), suppressed: 0 });
    return { ofKind: suppressed, ofAll };
  }

  #remember(kind: string, told: Told): void {
    this.#kinds.delete(kind);
    this.#kinds.set(kind, told);
    if (this.#kinds.size <= NEWS_KINDS) return;
    for (const oldest of this.#kinds.keys()) {
      this.#kinds.delete(oldest);
      return;
    }
  }
}
