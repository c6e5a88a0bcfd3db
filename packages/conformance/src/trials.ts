import type { Endpoint } from '@espalier/ike';
import { MisbehavingPeer, type Misbehaviour, type Seen, Trial, type Verdict, verdictOf } from '@espalier/testing/peer';
import { type Instant, instant } from '@espalier/wire';
import { Call } from './call.ts';
import { honestEnd } from './end.ts';
import type { Link } from './link.ts';
import type { Options } from './options.ts';

/** What came of one misbehaviour. */
export interface Result {
  readonly name: string;
  readonly clause: string;
  readonly title: string;
  readonly expects: Misbehaviour['expects'];
  readonly verdict: Verdict;
  /** What was seen: a child, and another one under the same IKE SA. */
  readonly seen: Seen;
  /** Whether the peer served who called next. */
  readonly lives: boolean;
  /** Of a command that had it call: it ended by a fault, or not until it was killed. */
  readonly fault?: 'crashed' | 'hung';
  readonly seconds: number;
}

/** What came of one session. */
interface Session {
  readonly seen: Seen;
  readonly fault: Result['fault'];
}

/** How long is waited for what is to come, and for what is not. */
const COMES_MS = 12_000;
const COMES_NOT_MS = 2500;
const LIVES_MS = 8000;
const HONEST_ATTEMPTS = 3;
/** Deletes go out, and what comes back of them is nobody's. */
const FAREWELL_MS = 40;

/** One after the other; ends where the peer serves nobody any more. */
export async function* runTrials(
  link: Link,
  options: Options,
  all: readonly Misbehaviour[],
): AsyncGenerator<Result, void, void> {
  const spoken = new Map<string, boolean>();
  for (const misbehaviour of all) {
    const began = performance.now();
    const { name, clause, title, expects, session = {} } = misbehaviour;
    const kind = JSON.stringify(session);
    // What an honest session does not come to says nothing of one that is not.
    if (!spoken.has(kind)) spoken.set(kind, await serves(link, options, session));
    if (spoken.get(kind) !== true) {
      const seen = { child: false, another: false };
      yield { name, clause, title, expects, verdict: 'not reached', seen, lives: true, seconds: 0 };
      continue;
    }
    const peer = new MisbehavingPeer(honestEnd(options, misbehaviour), misbehaviour);
    const { seen, fault } = await runOne(link, options, peer, expects);
    const lives = await serves(link, options, session);
    const seconds = (performance.now() - began) / 1000;
    const verdict = verdictOf(expects, peer.done, seen);
    yield { name, clause, title, expects, verdict, seen, lives, ...(fault === undefined ? {} : { fault }), seconds };
    if (!lives) return;
  }
}

/** Whether an honest session comes to its child. */
export async function serves(
  link: Link,
  options: Options,
  session: NonNullable<Misbehaviour['session']> = {},
): Promise<boolean> {
  for (let attempt = 0; attempt < HONEST_ATTEMPTS; attempt++) {
    const end = honestEnd(options, { key: 'right', session });
    const { seen } = await runOne(link, options, new MisbehavingPeer(end), 'take', LIVES_MS);
    if (seen.child) return true;
  }
  return false;
}

async function runOne(
  link: Link,
  { role, call: command }: Options,
  peer: MisbehavingPeer,
  expects: Misbehaviour['expects'],
  most = COMES_MS,
): Promise<Session> {
  const trial = new Trial(peer, expects);
  const driver = new Driver(link, peer);
  const call = role === 'responder' ? new Call(command) : undefined;
  if (call === undefined) trial.begin(driver.now());
  driver.drain();
  const began = performance.now();
  let doneAt: number | undefined;
  await driver.until(() => {
    if (trial.goOn(driver.now())) return true;
    driver.drain();
    if (peer.done > 0) doneAt ??= performance.now();
    const waited = performance.now() - (doneAt ?? began);
    // What is not to come has been waited for, once the deed is done.
    const isOver = (expects === 'refuse' || expects === 'live') && doneAt !== undefined && waited > COMES_NOT_MS;
    return isOver || performance.now() - began > most;
  });
  const { seen } = trial;
  peer.close(driver.now());
  driver.drain();
  await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
  const hasEnded = (await call?.end()) ?? true;
  driver.close();
  return { seen, fault: call?.hasCrashed ? 'crashed' : hasEnded ? undefined : 'hung' };
}

const TICK_MS = 20;

/** A sans-I/O peer on sockets and on the clock. */
class Driver {
  readonly #link: Link;
  readonly #peer: MisbehavingPeer;

  constructor(link: Link, peer: MisbehavingPeer) {
    this.#link = link;
    this.#peer = peer;
    link.received = (from: Endpoint, to: Endpoint, octets: Uint8Array) => {
      peer.handleDatagram(this.now(), from, to, octets);
      this.drain();
    };
  }

  now(): Instant {
    return instant(performance.now());
  }

  drain(): void {
    for (let sent = this.#peer.pollTransmit(); sent !== undefined; sent = this.#peer.pollTransmit()) {
      this.#link.send(sent);
    }
  }

  async until(isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
      const timeout = this.#peer.pollTimeout();
      if (timeout !== undefined && timeout.at <= this.now()) this.#peer.handleTimeout(this.now());
      this.drain();
    }
  }

  close(): void {
    this.#link.received = () => {};
  }
}
