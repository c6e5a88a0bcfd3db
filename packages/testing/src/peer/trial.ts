import type { Instant } from '@espalier/wire';
import { oneOf } from '../arguments.ts';
import { MisbehavingPeer } from './misbehaving-peer.ts';
import { EXPECTATIONS, type Expectation } from './misbehaviour.ts';

/** What was seen of a peer that was misbehaved to. */
export interface Seen {
  /** A child came of the session. */
  readonly child: boolean;
  /** After that, another one under the same IKE SA. */
  readonly another: boolean;
}

/** 'not reached': the session never came to the message. */
export type Verdict = 'as expected' | 'otherwise' | 'not reached';

/** Whether it did what is expected of a correct peer. */
export function verdictOf(expects: Expectation, done: number, { child, another }: Seen): Verdict {
  if (done === 0) return 'not reached';
  switch (expects) {
    case 'refuse':
      return child ? 'otherwise' : 'as expected';
    case 'take':
      return child ? 'as expected' : 'otherwise';
    case 'ignore':
      return child && another ? 'as expected' : 'otherwise';
    case 'live':
      return 'as expected';
  }
}

/** One session of a misbehaving peer, step by step: what is to be done next, and when all is seen. A responder waits to be called. */
export class Trial {
  readonly #peer: MisbehavingPeer;
  readonly #expects: Expectation;
  #hasAsked = false;

  /** `expects`: 'take' for a peer that is honest. @throws TypeError or RangeError that names what is bad. */
  constructor(peer: MisbehavingPeer, expects: Expectation) {
    if (!(peer instanceof MisbehavingPeer)) throw new TypeError('peer must be a MisbehavingPeer');
    oneOf('expects', expects, EXPECTATIONS);
    this.#peer = peer;
    this.#expects = expects;
  }

  /** Of a peer that begins. */
  begin(now: Instant): void {
    this.#peer.initiate(now);
  }

  get seen(): Seen {
    // Of a renewal that this side began it is known that both have it before it is used.
    const all = this.#peer.events.flatMap((event) => {
      if (event.kind !== 'child-established' && event.kind !== 'child-negotiated') return [];
      const isKnown = event.kind === 'child-established' || event.child.role === 'initiator';
      return isKnown ? [event.child.inbound] : [];
    });
    const children = new Set(all).size;
    return { child: children > 0, another: children > 1 };
  }

  /** To be called when anything has happened: asks for another child where one is there. True once nothing more is to be seen. */
  goOn(now: Instant): boolean {
    const { child, another } = this.seen;
    if (!child) return false;
    if (this.#expects !== 'ignore') return true;
    if (!this.#hasAsked) {
      this.#hasAsked = true;
      this.#peer.rekeyChild(now);
    }
    return another;
  }
}
