import { MisbehavingPeer, type Misbehaviour, Trial, type Verdict, verdictOf } from '@espalier/testing/peer';
import { PLAIN_SESSION, type SessionEnd, type SessionSpecification, sessionEnds } from '@espalier/testing/sessions';
import { after, type Instant, instant, milliseconds } from '@espalier/wire';

const LATENCY = milliseconds(5);
/** How long a session is looked at. */
const SECONDS = 12;

/** A misbehaving peer, and ours at the other end, which serves an honest one afterwards. */
export function trialInMemory(misbehaviour: Misbehaviour): { readonly verdict: Verdict; readonly lives: boolean } {
  const specification: SessionSpecification = { ...PLAIN_SESSION, seed: 5, ...misbehaviour.session };
  const { left, right } = sessionEnds({ ...specification, isStranger: misbehaviour.key === 'wrong' });
  const clock = { now: instant(1_000_000) };
  const peer = new MisbehavingPeer(left, misbehaviour);
  const trial = new Trial(peer, misbehaviour.expects);
  trial.begin(clock.now);
  run(trial, peer, right, clock, SECONDS);
  const verdict = verdictOf(misbehaviour.expects, peer.done, trial.seen);
  if (misbehaviour.key === 'wrong') return { verdict, lives: true };
  const honest = new MisbehavingPeer(sessionEnds({ ...specification, seed: 6 }).left);
  const again = new Trial(honest, 'take');
  again.begin(clock.now);
  run(again, honest, right, clock, SECONDS * 5);
  return { verdict, lives: again.seen.child };
}

/** Likewise a misbehaving responder: ours calls, and calls an honest one afterwards. */
export function responderTrialInMemory(misbehaviour: Misbehaviour): {
  readonly verdict: Verdict;
  readonly lives: boolean;
} {
  const specification: SessionSpecification = { ...PLAIN_SESSION, seed: 5, ...misbehaviour.session };
  const { left, right } = sessionEnds({ ...specification, isStranger: misbehaviour.key === 'wrong' });
  const clock = { now: instant(1_000_000) };
  const peer = new MisbehavingPeer(right, misbehaviour);
  const trial = new Trial(peer, misbehaviour.expects);
  left.endpoint.initiate(clock.now, left.peerName);
  run(trial, peer, left, clock, SECONDS);
  const verdict = verdictOf(misbehaviour.expects, peer.done, trial.seen);
  const honest = new MisbehavingPeer(sessionEnds({ ...specification, seed: 6 }).right);
  const again = new Trial(honest, 'take');
  if (misbehaviour.key === 'wrong') return { verdict, lives: true };
  // What is under way ends first.
  run(again, honest, left, clock, SECONDS * 15);
  left.endpoint.initiate(clock.now, left.peerName);
  left.endpoint.rekeyIke(clock.now, left.peerName);
  run(again, honest, left, clock, SECONDS * 5);
  return { verdict, lives: honest.events.some(({ kind }) => kind === 'ike-established') };
}

function run(
  trial: Trial,
  peer: MisbehavingPeer,
  { endpoint }: SessionEnd,
  clock: { now: Instant },
  seconds: number,
): void {
  const end = after(clock.now, milliseconds(seconds * 1000));
  for (let steps = 0; steps < 10_000; steps++) {
    if (exchange(peer, endpoint, clock)) {
      if (trial.goOn(clock.now)) return;
      continue;
    }
    const [mine, theirs] = [peer.pollTimeout(), endpoint.pollTimeout()];
    const at = Math.min(mine?.at ?? Number.POSITIVE_INFINITY, theirs?.at ?? Number.POSITIVE_INFINITY);
    if (at > end) break;
    clock.now = instant(Math.max(clock.now, at));
    if (mine?.at === at) peer.handleTimeout(clock.now);
    else endpoint.handleTimeout(clock.now);
  }
  clock.now = end;
}

/** One datagram in either direction; false where there is none. */
function exchange(peer: MisbehavingPeer, endpoint: SessionEnd['endpoint'], clock: { now: Instant }): boolean {
  while (endpoint.pollEvent() !== undefined);
  const out = peer.pollTransmit();
  const back = out === undefined ? endpoint.pollTransmit() : undefined;
  const sent = out ?? back;
  if (sent === undefined) return false;
  clock.now = after(clock.now, LATENCY);
  const { source, destination, octets } = sent;
  if (out !== undefined) endpoint.handleDatagram(clock.now, source, destination, octets);
  else peer.handleDatagram(clock.now, source, destination, octets);
  return true;
}
