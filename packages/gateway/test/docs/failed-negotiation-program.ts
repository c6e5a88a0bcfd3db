import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway } from '@espalier/gateway';
import { formatFailure, type IkeProposal } from '@espalier/ike';
import { encodeIpv4, fromAscii, instant, PROTOCOL, parseAddress, seconds } from '@espalier/wire';

interface Side {
  readonly secret: string;
  readonly phase1: Pick<IkeProposal, 'keyOctets' | 'hash' | 'group'>;
  readonly suite: string;
  readonly far: string;
}

function gateway(local: string, remote: string, near: string, { secret, phase1, suite, far }: Side): Gateway {
  const peer = {
    ...{ name: 'the other', local, remote, preSharedKey: fromAscii(secret), lifetime: seconds(3600) },
    proposals: [{ encryption: 'aes-cbc', authentication: 'pre-shared-key', ...phase1 }],
  } as const;
  const protect = { kind: 'protect', peer: peer.name, suites: [espSuite(suite)], lifetime: seconds(3600) } as const;
  const policy = { name: 'net', selectors: { local: near, remote: far }, action: protect };
  const rng = { fill: randomFillSync };
  return new Gateway({ config: { peers: [peer], policies: [policy] }, engine: nobleEngine(), rng });
}

const packet = encodeIpv4({
  source: parseAddress('10.1.0.7'),
  destination: parseAddress('10.2.0.7'),
  protocol: PROTOCOL.udp,
  payload: new Uint8Array(40),
});

/** What both ends say when the west one begins. */
function negotiate(west: Side, east: Side): void {
  const ends = {
    west: gateway('192.0.2.1', '198.51.100.1', '10.1.0.0/16', west),
    east: gateway('198.51.100.1', '192.0.2.1', '10.2.0.0/16', east),
  };
  let now = instant(0);
  ends.west.handleInside(now, packet);
  for (const until = instant(120_000); now < until; now = instant(now + 1000)) {
    for (let isQuiet = false; !isQuiet; ) {
      isQuiet = true;
      for (const [from, to] of [
        [ends.west, ends.east],
        [ends.east, ends.west],
      ] as const) {
        for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
          to.handleOutside(now, out.octets);
          isQuiet = false;
        }
      }
    }
    for (const [name, end] of Object.entries(ends)) tell(name, end);
    for (const end of Object.values(ends)) end.handleTimeout(now);
  }
}

function tell(name: string, end: Gateway): void {
  for (let event = end.pollEvent(); event !== undefined; event = end.pollEvent()) {
    if (event.kind === 'ike-failed' || event.kind === 'negotiation-refused')
      console.log(`${name}: ${formatFailure(event)}`);
    if (event.kind === 'ipsec-failed' && event.failure !== undefined)
      console.log(`${name}: ${formatFailure(event.failure)}`);
  }
}

const west: Side = {
  secret: 'a long and random secret',
  phase1: { keyOctets: 16, hash: 'sha2-256', group: 14 },
  suite: 'aes-128-gcm-16',
  far: '10.2.0.0/16',
};
const east: Side = { ...west, far: '10.1.0.0/16' };

console.log('# a hash that is not allowed');
negotiate(west, { ...east, phase1: { ...east.phase1, hash: 'sha2-512' } });
console.log('# a key that is another');
negotiate(west, { ...east, secret: 'a long and random secret ' });
console.log('# a suite that is not allowed');
negotiate(west, { ...east, suite: 'aes-256-gcm-16' });
console.log('# networks that are not the same');
negotiate(west, { ...east, far: '10.1.0.0/24' });
