import { espSuite, nobleEngine } from '@espalier/crypto';
import { IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { duplication, jitter, loss, Network, ofDatagrams } from '@espalier/testing/network';
import { fromAscii, ipv4SubnetId, seconds } from '@espalier/wire';

const SPOKES = 20; // or 1000
const HUB = { address: '192.0.2.1', port: 500 };
const addressOf = (spoke: number) => `198.51.${100 + (spoke >> 8)}.${spoke & 255}`;

const network = new Network({ seed: 7, latency: 20 });
const hub = endpoint(Array.from({ length: SPOKES }, (_, spoke) => tunnel(spoke, 'hub')));
network.attach('hub', ofDatagrams(hub), { addresses: [HUB.address], inwards: [loss(0.1), duplication(0.1)] });
const spokes = Array.from({ length: SPOKES }, (_, spoke) => {
  const own = endpoint([tunnel(spoke, 'spoke')]);
  network.attach(`spoke ${spoke}`, ofDatagrams(own), { addresses: [addressOf(spoke)], outwards: [jitter(200)] });
  network.on(`spoke ${spoke}`, (now) => own.initiate(now, 'hub'));
  return own;
});

const areUp = () => spokes.every((spoke) => spoke.children().length === 1);
console.log(`all up: ${network.runUntil(areUp, seconds(120))}, after ${Math.ceil(network.now / 1000)} s`);
network.run(seconds(3600));
console.log(`an hour later: ${hub.ikeSas().length} IKE SAs, ${hub.children().length} children at the hub`);
console.log(`${network.packetsHandled > 9 * SPOKES ? 'more' : 'fewer'} packets than a network without loss would need`);

function endpoint(peers: readonly PeerConfig[]): IkeEndpoint {
  return new IkeEndpoint({ engine: nobleEngine(), rng: network.chance.fork().rng(), peers });
}

function tunnel(spoke: number, at: 'hub' | 'spoke'): PeerConfig {
  const remote = { address: addressOf(spoke), port: 500 };
  const [inner, outer] = [ipv4SubnetId(`10.${1 + (spoke >> 8)}.${spoke & 255}.0/24`), ipv4SubnetId('10.0.0.0/16')];
  const algorithms = { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 31 } as const;
  return {
    name: at === 'hub' ? `spoke ${spoke}` : 'hub',
    ...(at === 'hub' ? { local: HUB, remote } : { local: remote, remote: HUB }),
    preSharedKey: fromAscii(`a key of spoke ${spoke} alone`),
    proposals: [{ ...algorithms, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-256-gcm-16')],
        ...(at === 'hub'
          ? { localIdentity: outer, remoteIdentity: inner }
          : { localIdentity: inner, remoteIdentity: outer }),
        lifetime: seconds(1800),
      },
    ],
  };
}
