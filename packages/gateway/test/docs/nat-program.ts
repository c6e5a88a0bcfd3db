import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig } from '@espalier/gateway';
import { Nat, Network, ofGateway } from '@espalier/testing/network';
import { encodeIpv4, fqdnId, fromAscii, PROTOCOL, parseAddress, seconds } from '@espalier/wire';

const HUB = '203.0.113.1';
const BRANCH = '192.168.1.2'; // as it knows itself; the world sees the NAT
const network = new Network({ seed: 1, latency: 20 });

const phase1 = {
  mode: 'aggressive',
  preSharedKey: fromAscii('a long and random secret'),
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' }],
  lifetime: seconds(28_800),
} as const;
const phase2 = { kind: 'protect', suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) } as const;
const gateway = (config: GatewayConfig) =>
  new Gateway({ config, engine: nobleEngine(), rng: network.chance.fork().rng(), outside: 'udp' });

/** Nobody can call the branch, nor know from where it calls: the hub knows it by its identity. */
const hub = gateway({
  peers: [
    {
      ...phase1,
      ...{ name: 'branch', local: HUB, remote: { addresses: 'any' }, remoteIdentity: fqdnId('branch.example') },
    },
  ],
  policies: [
    {
      name: 'branch',
      selectors: { local: '10.1.0.0/16', remote: '10.2.0.0/16' },
      action: { ...phase2, peer: 'branch' },
    },
  ],
});
const branch = gateway({
  peers: [{ ...phase1, name: 'hub', local: BRANCH, remote: HUB, localIdentity: fqdnId('branch.example') }],
  policies: [
    { name: 'hub', selectors: { local: '10.2.0.0/16', remote: '10.1.0.0/16' }, action: { ...phase2, peer: 'hub' } },
  ],
});

const nat = new Nat({ kind: 'port-restricted', publicAddress: '198.51.100.9', memory: seconds(60) });
network.attach('hub', ofGateway(hub, 'udp'), { addresses: [HUB] });
network.attach('branch', ofGateway(branch, 'udp'), { addresses: [BRANCH], nat });

function packet(source: string, destination: string): Uint8Array {
  const [from, to] = [parseAddress(source), parseAddress(destination)];
  return encodeIpv4({ source: from, destination: to, protocol: PROTOCOL.udp, payload: new Uint8Array(40) });
}

/** Whether a packet of the hub's network comes out at the branch. */
function reachesBranch(): boolean {
  network.on('hub', (now) => hub.handleInside(now, packet('10.1.0.7', '10.2.0.7')));
  network.run(seconds(1));
  return branch.pollInside() !== undefined;
}

const placeText = (place: { address: string; port: number } | undefined) => `${place?.address} port ${place?.port}`;

function tell(gatewayTold: Gateway): void {
  for (let event = gatewayTold.pollEvent(); event !== undefined; event = gatewayTold.pollEvent()) {
    if (event.kind === 'ipsec-established') console.log(`${event.peer}: a pair of SAs, ${event.suite}`);
    if (event.kind === 'peer-moved') console.log('the peer has moved to', placeText(event.remote));
  }
}

network.on('branch', (now) => branch.handleInside(now, packet('10.2.0.7', '10.1.0.7')));
network.run(seconds(5));
tell(hub);
console.log('the hub sees the branch at', placeText(hub.ikeSas()[0]?.remote));

network.run(seconds(3000));
console.log('50 minutes later, in which nothing was said, a packet reaches it:', reachesBranch());

nat.rebind('198.51.100.77');
console.log('the NAT has another address, and it does:', reachesBranch());
network.on('branch', (now) => branch.handleInside(now, packet('10.2.0.7', '10.1.0.7')));
network.run(seconds(1));
tell(hub);
console.log('once the branch has sent something, it does:', reachesBranch());
