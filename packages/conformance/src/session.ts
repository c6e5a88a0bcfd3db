import type { Endpoint } from '@espalier/ike';
import { monotonicNow } from '@espalier/node';
import { type Expectation, type MisbehavingPeer, type Seen, Trial } from '@espalier/testing/peer';
import { Call, type CallEnd } from './call.ts';
import type { Link } from './link.ts';

/** What came of one session. */
export interface SessionResult {
  readonly seen: Seen;
  /** Whether anything came from the target. */
  readonly isHeard: boolean;
  /** Of a command that had the target call. */
  readonly end: CallEnd | undefined;
}

/** How long is waited, in milliseconds: for what has to come, and for what must not, once the peer has misbehaved. */
export interface Waits {
  readonly comes: number;
  readonly comesNot: number;
}

/** What a session of a peer is, beside the peer. */
export interface SessionPlan {
  readonly expects: Expectation;
  readonly waits: Waits;
  /** Has the target call. */
  readonly call: string | undefined;
  readonly signal: AbortSignal | undefined;
}

const TICK_MS = 5;
/** Deletes go out, and what comes back of them is nobody's. */
const FAREWELL_MS = 40;
/** Notifications below are of errors (RFC 2408 §3.14.1). */
const STATUS_LEAST = 16_384;
/** More than any negotiation has timers. */
const TURNS_MOST = 100;

/** One session of a peer over a link, from its first message to its Deletes: these go out also where it is called off. */
export async function runSession(link: Link, peer: MisbehavingPeer, plan: SessionPlan): Promise<SessionResult> {
  const { expects, waits, signal } = plan;
  const trial = new Trial(peer, expects);
  let isHeard = false;
  link.received = (from: Endpoint, to: Endpoint, octets: Uint8Array) => {
    isHeard = true;
    peer.handleDatagram(monotonicNow(), from, to, octets);
    drain(peer, link);
  };
  const call = plan.call === undefined ? undefined : new Call(plan.call);
  if (call === undefined) trial.begin(monotonicNow());
  drain(peer, link);
  const began = performance.now();
  let settledAt: number | undefined;
  while (signal?.aborted !== true && !trial.goOn(monotonicNow())) {
    drain(peer, link);
    if (isSettled(peer, expects)) settledAt ??= performance.now();
    const isLate = settledAt !== undefined && performance.now() - settledAt > waits.comesNot;
    if (isLate || performance.now() - began > waits.comes || hasFailed(peer)) break;
    await pause(TICK_MS);
    const timeout = peer.pollTimeout();
    if (timeout !== undefined && timeout.at <= monotonicNow()) peer.handleTimeout(monotonicNow());
  }
  const { seen } = trial;
  if (isHonest(peer) && !seen.child && signal?.aborted !== true) giveUp(peer);
  peer.close(monotonicNow());
  drain(peer, link);
  await pause(FAREWELL_MS);
  const end = await call?.end();
  link.received = () => {};
  return { seen, isHeard, end };
}

/** What must not come, or need not, is not waited for as what has to; nor is it where somebody honest is told of an error. */
function isSettled(peer: MisbehavingPeer, expects: Expectation): boolean {
  if (isHonest(peer)) return peer.events.some((event) => event.kind === 'notified' && event.notifyType < STATUS_LEAST);
  return peer.done > 0 && (expects === 'refuse' || expects === 'live');
}

function isHonest({ misbehaviour }: MisbehavingPeer): boolean {
  return misbehaviour === undefined;
}

/** An honest peer whose negotiation is over has nothing to wait for. */
function hasFailed(peer: MisbehavingPeer): boolean {
  return isHonest(peer) && peer.events.some(({ kind }) => kind === 'ike-failed' || kind === 'child-failed');
}

/** Has time pass for the peer alone, and sends nothing of what it says: in the end it tells what it waited for. */
function giveUp(peer: MisbehavingPeer): void {
  for (let turn = 0; turn < TURNS_MOST && !hasFailed(peer); turn++) {
    const timeout = peer.pollTimeout();
    if (timeout === undefined) break;
    peer.handleTimeout(timeout.at);
  }
  while (peer.pollTransmit() !== undefined);
}

function drain(peer: MisbehavingPeer, link: Link): void {
  for (let sent = peer.pollTransmit(); sent !== undefined; sent = peer.pollTransmit()) link.send(sent);
}

/** So many milliseconds, or until all is called off. */
export async function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  const ends = performance.now() + milliseconds;
  while (performance.now() < ends && signal?.aborted !== true) {
    await new Promise((resolve) => setTimeout(resolve, Math.min(TICK_MS, milliseconds)));
  }
}
