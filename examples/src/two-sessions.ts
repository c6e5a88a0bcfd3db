import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { IkeEndpoint } from '@espalier/ike';
import { fromAscii, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const east = { address: '192.0.2.1', port: 500, subnet: '10.1.0.0/16' };
const west = { address: '192.0.2.2', port: 500, subnet: '10.2.0.0/16' };
const ends = { east: createEndpoint(east, west), west: createEndpoint(west, east) };
const now = instant(Date.now());

// No sockets, no timers: what one end has to send is handed to the other, until both have nothing more to say.
ends.east.initiate(now, 'peer');
while (deliver('east', 'west') || deliver('west', 'east')) {}

function deliver(from: 'east' | 'west', to: 'east' | 'west'): boolean {
  for (let event = ends[from].pollEvent(); event; event = ends[from].pollEvent()) {
    if (event.kind !== 'child-established') continue;
    const { inbound, outbound, protections } = event.child; // with the keys: all that is needed to build the ESP SAs
    const suites = protections.map(({ suite }) => suite.name);
    console.log(`${from}: IPsec SAs ${inbound} in, ${outbound} out, ${suites}`);
  }
  const message = ends[from].pollTransmit();
  if (message) ends[to].handleDatagram(now, message.source, message.destination, message.octets);
  return message !== undefined;
}

function createEndpoint(local: typeof east, remote: typeof west): IkeEndpoint {
  const algorithms = { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14 } as const;
  const proposals = [{ ...algorithms, authentication: 'pre-shared-key' }] as const;
  const peer = { name: 'peer', local, remote, mode: 'main', proposals, lifetime: seconds(3600) } as const;
  const child = {
    name: 'net-to-net',
    suites: [espSuite('aes-256-cbc/hmac-sha2-256-128')],
    localIdentity: ipv4SubnetId(local.subnet),
    remoteIdentity: ipv4SubnetId(remote.subnet),
    lifetime: seconds(28_800),
  } as const;
  const peers = [{ ...peer, preSharedKey: fromAscii('a long and random secret'), children: [child] }];
  return new IkeEndpoint({ engine: nobleEngine(), rng: { fill: randomFillSync }, peers });
}
