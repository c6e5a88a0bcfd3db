import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig, type Outcome } from '@espalier/gateway';
import { encodeIpv4, instant, parseAddress, seconds } from '@espalier/wire';

/** One end of a tunnel between two networks. */
function site(local: string, remote: string, near: string, far: string): Gateway {
  const config: GatewayConfig = {
    peers: [
      {
        name: 'other site',
        local,
        remote,
        preSharedKey: new TextEncoder().encode('a long and random secret'),
        proposals: [
          { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 14, authentication: 'pre-shared-key' },
        ],
        lifetime: seconds(3600),
      },
    ],
    policies: [
      {
        name: 'between the networks',
        selectors: { local: near, remote: far },
        action: {
          kind: 'protect',
          peer: 'other site',
          suites: [espSuite('aes-128-gcm-16')],
          lifetime: seconds(28_800),
        },
      },
      { name: 'everything else', action: { kind: 'bypass' } },
    ],
  };
  const rng = { fill: randomFillSync };
  return new Gateway({ config, engine: nobleEngine(), rng });
}

const west = site('192.0.2.1', '198.51.100.1', '10.1.0.0/16', '10.2.0.0/16');
const east = site('198.51.100.1', '192.0.2.1', '10.2.0.0/16', '10.1.0.0/16');
const now = instant(0);

/** What one gateway has for the outside, the other takes; whether there was anything. */
function relay(from: Gateway, to: Gateway): boolean {
  let busy = false;
  for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
    to.handleOutside(now, out.octets);
    busy = true;
  }
  for (let event = from.pollEvent(); event !== undefined; event = from.pollEvent()) {
    if (event.kind === 'ipsec-established') console.log(event.role, event.sa.policy, event.suite);
  }
  return busy;
}

const packet = encodeIpv4({
  source: parseAddress('10.1.0.7'),
  destination: parseAddress('10.2.0.9'),
  protocol: 17,
  payload: new Uint8Array(100),
});
const told = (outcome: Outcome) => (outcome.ok ? outcome.action : `refused: ${outcome.reason}`);

console.log('the first packet is', told(west.handleInside(now, packet)));
while ([relay(west, east), relay(east, west)].includes(true));
console.log('of which come out', east.pollInside()?.packet.length, 'octets');
console.log('the second is', told(west.handleInside(now, packet)));
console.log('in the clear it is', told(east.handleOutside(now, packet)));
console.log('opened so far', east.statistics('between the networks')?.espDecryptedPackets);
