import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { type Endpoint, IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { fromAscii, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const WEST: Endpoint = { address: '192.0.2.1', port: 500 };
const EAST: Endpoint = { address: '198.51.100.1', port: 500 };
const NET = { west: ipv4SubnetId('10.1.0.0/16'), east: ipv4SubnetId('10.2.0.0/16') };

/** One side's view of the other. */
function peer(name: string, local: Endpoint, remote: Endpoint, net: 'west' | 'east'): PeerConfig {
  return {
    name,
    local,
    remote,
    preSharedKey: fromAscii('a long and random secret'),
    proposals: [
      { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 19, authentication: 'pre-shared-key' },
    ],
    lifetime: seconds(3600),
    children: [
      {
        name: 'net',
        suites: [espSuite('aes-256-gcm-16')],
        localIdentity: NET[net],
        remoteIdentity: NET[net === 'west' ? 'east' : 'west'],
        lifetime: seconds(3600),
      },
    ],
  };
}

const runsOn = { engine: nobleEngine(), rng: { fill: randomFillSync } };
const west = new IkeEndpoint({ ...runsOn, peers: [peer('east', WEST, EAST, 'west')] });
const east = new IkeEndpoint({ ...runsOn, peers: [peer('west', EAST, WEST, 'east')] });

/** Takes what an endpoint gives out: events for us, datagrams for the network, which here is the other endpoint. */
function drain(name: string, from: IkeEndpoint, to: IkeEndpoint): boolean {
  for (let event = from.pollEvent(); event; event = from.pollEvent()) {
    if (event.kind === 'child-established')
      console.log(`${name}: ${event.child.protections[0]?.suite.name} with ${event.child.peer}`);
  }
  let isIdle = true;
  for (let out = from.pollTransmit(); out; out = from.pollTransmit()) {
    to.handleDatagram(now, out.source, out.destination, out.octets);
    isIdle = false;
  }
  return isIdle;
}

const now = instant(Date.now());
west.initiate(now, 'east');
while (!drain('west', west, east) || !drain('east', east, west)) {}
console.log(`west is to be called next for: ${west.pollTimeout()?.reason}`);
