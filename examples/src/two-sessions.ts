import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { IkeEndpoint, type IkeEvent } from '@espalier/ike';
import { fromAscii, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const east = { address: '192.0.2.1', port: 500, subnet: '10.1.0.0/16' };
const west = { address: '192.0.2.2', port: 500, subnet: '10.2.0.0/16' };
const ends = [createEndpoint(east, west), createEndpoint(west, east)] as const;
const now = instant(Date.now());

// No sockets, no timers: what one end has to send is handed to the other, until both have nothing more to say.
ends[0].initiate(now, 'peer');
while (deliver('east', ends[0], ends[1]) || deliver('west', ends[1], ends[0])) {}

function deliver(name: string, from: IkeEndpoint, to: IkeEndpoint): boolean {
  for (let event = from.pollEvent(); event; event = from.pollEvent()) tell(name, event);
  const message = from.pollTransmit();
  if (message) to.handleDatagram(now, message.source, message.destination, message.octets);
  return message !== undefined;
}

function tell(name: string, event: IkeEvent): void {
  if (event.kind === 'ike-established') {
    const { role, initiatorCookie, responderCookie } = event.ikeSa;
    console.log(`${name}: IKE SA ${initiatorCookie} ${responderCookie}, ${role}`);
  } else if (event.kind === 'child-established') {
    const { suite, inbound, outbound } = event.child; // with the keys: all that is needed to build the ESP SAs
    console.log(`${name}: IPsec SAs ${inbound.spi} in, ${outbound.spi} out, ${suite.name}`);
  }
}

function createEndpoint(local: typeof east, remote: typeof west): IkeEndpoint {
  const proposal = { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14 } as const;
  const child = {
    name: 'net-to-net',
    suites: [espSuite('aes-256-cbc/hmac-sha2-256-128')],
    encapsulation: 'tunnel',
    localIdentity: ipv4SubnetId(local.subnet),
    remoteIdentity: ipv4SubnetId(remote.subnet),
    lifetime: seconds(28_800),
  } as const;
  const peer = {
    name: 'peer',
    local,
    remote,
    preSharedKey: fromAscii('a long and random secret'),
    mode: 'main',
    proposals: [{ ...proposal, authentication: 'pre-shared-key' }],
    lifetime: seconds(3600),
    children: [child],
  } as const;
  return new IkeEndpoint({ engine: nobleEngine(), rng: { fill: randomFillSync }, peers: [peer] });
}
