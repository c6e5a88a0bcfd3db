import { randomFillSync } from 'node:crypto';
import { ahSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type ManualProtection, type ManualSa } from '@espalier/gateway';
import { encodeIpv4, instant, PROTOCOL, parseAddress } from '@espalier/wire';

const [WEST, EAST] = ['192.0.2.1', '198.51.100.1'];
const now = instant(0);
const random = (octets: number) => randomFillSync(new Uint8Array(octets));

/** AH around ESP: keys of their own for each direction, which somebody has to bring to both ends. */
const sa = (spi: number): ManualSa => ({
  esp: {
    spi,
    suite: espSuite('aes-256-cbc/hmac-sha2-256-128'),
    keys: { encryption: random(32), salt: random(0), integrity: random(32) },
  },
  ah: { spi: spi + 1, suite: ahSuite('hmac-sha2-256-128'), key: random(32) },
});
const [eastward, westward] = [sa(1000), sa(2000)];

/** What is outbound here is inbound there. */
const gateway = (protection: ManualProtection) =>
  new Gateway({
    config: { peers: [], policies: [{ name: 'by hand', action: { kind: 'manual', ...protection } }] },
    engine: nobleEngine(),
    rng: { fill: randomFillSync },
  });
const west = gateway({ local: WEST, remote: EAST, inbound: westward, outbound: eastward });
const east = gateway({ local: EAST, remote: WEST, inbound: eastward, outbound: westward });

const packet = encodeIpv4({
  source: parseAddress('10.1.0.7'),
  destination: parseAddress('10.2.0.9'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(100),
});
const outcome = west.handleInside(now, packet);
const sent = west.pollTransmit();
if (sent === undefined) throw new Error('nothing was sent');
console.log('the first packet is', outcome.ok ? outcome.action : outcome.reason);
console.log('it leaves as', sent.octets.length, 'octets of protocol', sent.octets[9]);
console.log('at the other end it is taken:', east.handleOutside(now, sent.octets).ok);
console.log('and comes out with', east.pollInside()?.packet.length, 'octets');

for (const { sas, antiReplayWindow } of east.ipsecSas()) {
  console.log('inbound:', sas.inbound.map(({ protocol, spi, suite }) => `${protocol} ${spi} ${suite.name}`).join(', '));
  console.log('anti-replay:', antiReplayWindow);
}
