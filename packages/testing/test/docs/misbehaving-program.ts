import { MISBEHAVIOURS, MisbehavingPeer, Trial, verdictOf } from '@espalier/testing/peer';
import { PLAIN_SESSION, sessionEnds } from '@espalier/testing/sessions';
import { after, instant, milliseconds } from '@espalier/wire';

const names = ['jacob-two-two', 'ke-payload-zero', 'quick-nonce-omit', 'notify-empty'];
for (const misbehaviour of MISBEHAVIOURS.filter(({ name }) => names.includes(name))) {
  // Two endpoints of ours that know each other: put what you try in the place of the right one.
  const { left, right } = sessionEnds(PLAIN_SESSION);
  const peer = new MisbehavingPeer(left, misbehaviour);
  const trial = new Trial(peer, misbehaviour.expects);
  let now = instant(0);
  trial.begin(now);
  for (let turn = 0; turn < 100 && !trial.goOn(now); turn++) {
    now = after(now, milliseconds(10));
    for (let sent = peer.pollTransmit(); sent !== undefined; sent = peer.pollTransmit()) {
      right.endpoint.handleDatagram(now, sent.source, sent.destination, sent.octets);
    }
    for (let sent = right.endpoint.pollTransmit(); sent !== undefined; sent = right.endpoint.pollTransmit()) {
      peer.handleDatagram(now, sent.source, sent.destination, sent.octets);
    }
  }
  const { name, clause, expects } = misbehaviour;
  console.log(`${verdictOf(expects, peer.done, trial.seen)}: ${name} (${clause}), expected: ${expects}`);
}
