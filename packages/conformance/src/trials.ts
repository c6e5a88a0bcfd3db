import type { Engine } from '@espalier/crypto';
import { autoEngine } from '@espalier/crypto/node';
import type { Endpoint } from '@espalier/ike';
import {
  type Expectation,
  MISBEHAVIOURS,
  MisbehavingPeer,
  type Misbehaviour,
  RESPONDER_MISBEHAVIOURS,
  type Seen,
  type Verdict,
  verdictOf,
} from '@espalier/testing/peer';
import { type Duration, milliseconds, requireObject, seconds } from '@espalier/wire';
import { honestEnd, type Kind } from './end.ts';
import { Link } from './link.ts';
import { pause, runSession, type SessionResult, type Waits } from './session.ts';
import { IKE_PORT, type KnownTarget, readTarget, type Target } from './target.ts';
import { Unreachable } from './unreachable.ts';
import { whyNot } from './why-not.ts';

/** What is tried of a target, and how. */
export interface TrialOptions {
  /** In their order. Default: `MISBEHAVIOURS`, and of a target that calls `RESPONDER_MISBEHAVIOURS`, of `@espalier/testing/peer`. */
  readonly misbehaviours?: readonly Misbehaviour[];
  /** How long is waited for what must not come, once the peer has misbehaved. Default 2.5 s. */
  readonly wait?: Duration;
  /** How long is waited for what has to come. Default 12 s: a message that was lost has been sent again by then. */
  readonly patience?: Duration;
  /** Calls everything off: Deletes go out, the command that has the target call is ended, ports are free. */
  readonly signal?: AbortSignal;
}

/** What came of one misbehaviour. */
export interface Result {
  readonly name: string;
  readonly clause: string;
  readonly title: string;
  readonly expects: Misbehaviour['expects'];
  readonly verdict: Verdict;
  /** Of one that was not tried, since no honest session of its kind comes to its child: what is in the way. */
  readonly why?: string;
  /** What was seen: a child, and another one under the same IKE SA. */
  readonly seen: Seen;
  /** Whether the target served who called next. */
  readonly lives: boolean;
  /** Of a command that had it call: it ended by a fault, or not until it was killed. */
  readonly fault?: 'crashed' | 'hung';
  readonly seconds: number;
}

const WAIT = milliseconds(2500);
const PATIENCE = seconds(12);
/** A target that is busy with what came of a trial may refuse the first. */
const HONEST_ATTEMPTS = 2;
const BETWEEN_ATTEMPTS = seconds(1);

/**
 * Misbehaves to a target, once in each session, and says what came of it, one after the other; ends behind the first after which
 * the target serves nobody any more. Before the first one an honest session has to come to its child.
 *
 * The iteration rejects with an `Unreachable` that says what is in the way where no honest session comes to its child, with the
 * system's error where a port is not to be had, and with the reason of `signal` once that is aborted.
 * @throws TypeError or RangeError that names what is bad; RangeError for a target that is neither on loopback nor in a namespace of
 * its own, unless it has `iOwnThis`.
 */
export function runTrials(target: Target, options: TrialOptions = {}): AsyncGenerator<Result, void, void> {
  const known = readTarget(target);
  requireObject('options', options);
  const { wait = WAIT, patience = PATIENCE, signal } = options;
  requireTime('options.wait', wait);
  requireTime('options.patience', patience);
  const { misbehaviours = known.call === undefined ? MISBEHAVIOURS : RESPONDER_MISBEHAVIOURS } = options;
  if (!Array.isArray(misbehaviours) || misbehaviours.length === 0)
    throw new TypeError('options.misbehaviours must be an array, and not empty');
  return new Trials(known, { comes: patience, comesNot: wait }, signal).run(misbehaviours);
}

/** One target, one link, one engine. */
class Trials {
  readonly #target: KnownTarget;
  readonly #waits: Waits;
  readonly #signal: AbortSignal | undefined;
  readonly #engine: Engine = autoEngine().engine;

  constructor(target: KnownTarget, waits: Waits, signal: AbortSignal | undefined) {
    this.#target = target;
    this.#waits = waits;
    this.#signal = signal;
  }

  /** @throws TypeError or RangeError that names what of a misbehaviour is bad, or cannot be configured. */
  run(all: readonly Misbehaviour[]): AsyncGenerator<Result, void, void> {
    // Before anything is opened: at a port, for 0 is none.
    const local = { ...this.#target.local, port: this.#target.local.port || IKE_PORT };
    for (const misbehaviour of all) this.#peer(local, misbehaviour, misbehaviour);
    return this.#run(all);
  }

  async *#run(all: readonly Misbehaviour[]): AsyncGenerator<Result, void, void> {
    this.#signal?.throwIfAborted();
    const link = await Link.open(this.#target);
    try {
      const why = await this.#whyNot(link, {});
      if (why !== undefined) throw new Unreachable(`no honest session comes to its child: ${why}`);
      yield* this.#each(link, all);
    } finally {
      await link.close();
    }
  }

  async *#each(link: Link, all: readonly Misbehaviour[]): AsyncGenerator<Result, void, void> {
    /** Of each kind of session why an honest one does not come to its child. */
    const unspoken = new Map<string, string | undefined>([['{}', undefined]]);
    for (const misbehaviour of all) {
      const { session = {} } = misbehaviour;
      const kind = JSON.stringify(session);
      // What an honest session does not come to says nothing of one that is not.
      if (!unspoken.has(kind)) unspoken.set(kind, await this.#whyNot(link, session));
      const why = unspoken.get(kind);
      const result = why === undefined ? await this.#try(link, misbehaviour) : notReached(misbehaviour, why);
      yield result;
      if (!result.lives) return;
    }
  }

  async #try(link: Link, misbehaviour: Misbehaviour): Promise<Result> {
    const began = performance.now();
    const { name, clause, title, expects, session = {} } = misbehaviour;
    const peer = this.#peer(link.local, misbehaviour, misbehaviour);
    const { seen, end } = await this.#session(link, peer, expects);
    const lives = (await this.#whyNot(link, session)) === undefined;
    const verdict = verdictOf(expects, peer.done, seen);
    const seconds = (performance.now() - began) / 1000;
    const fault = end?.fault === undefined ? {} : { fault: end.fault };
    return { name, clause, title, expects, verdict, seen, lives, ...fault, seconds };
  }

  /** Why no honest session comes to its child; undefined where one does. */
  async #whyNot(link: Link, session: NonNullable<Misbehaviour['session']>): Promise<string | undefined> {
    for (let attempt = 1; ; attempt++) {
      const peer = this.#peer(link.local, { key: 'right', session });
      const result = await this.#session(link, peer, 'take');
      if (result.seen.child) return undefined;
      if (attempt === HONEST_ATTEMPTS) return whyNot(this.#target, link, peer, result);
      await pause(Math.min(BETWEEN_ATTEMPTS, this.#waits.comesNot), this.#signal);
    }
  }

  #peer(local: Endpoint, kind: Kind, misbehaviour?: Misbehaviour): MisbehavingPeer {
    return new MisbehavingPeer(honestEnd(this.#target, local, this.#engine, kind), misbehaviour);
  }

  async #session(link: Link, peer: MisbehavingPeer, expects: Expectation): Promise<SessionResult> {
    const [waits, signal] = [this.#waits, this.#signal];
    const result = await runSession(link, peer, { expects, waits, call: this.#target.call, signal });
    signal?.throwIfAborted();
    return result;
  }
}

function notReached({ name, clause, title, expects }: Misbehaviour, why: string): Result {
  const seen = { child: false, another: false };
  return { name, clause, title, expects, verdict: 'not reached', why, seen, lives: true, seconds: 0 };
}

function requireTime(argument: string, time: Duration): void {
  if (!(Number.isFinite(time) && time > 0)) throw new RangeError(`${argument} must be a time, and more than nothing`);
}
