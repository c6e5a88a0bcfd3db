import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { type Endpoint, formatFailure, IkeEndpoint, type PeerConfig } from '@espalier/ike';
import { after, fqdnId, fromAscii, type Identification, instant, ipv4SubnetId, seconds } from '@espalier/wire';

const HUB: Endpoint = { address: '203.0.113.1', port: 500 };
const SHOP: Endpoint = { address: '198.51.100.7', port: 500 };
const VAN: Endpoint = { address: '192.0.2.66', port: 500 };
const hubNet = ipv4SubnetId('10.1.0.0/16');
const runsOn = { engine: nobleEngine(), rng: { fill: randomFillSync } };

const common = {
  proposals: [{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 19, authentication: 'pre-shared-key' }],
  lifetime: seconds(3600),
} as const satisfies Partial<PeerConfig>;
const child = { name: 'net', suites: [espSuite('aes-256-gcm-16')], lifetime: seconds(3600) };

/** The keys of who may come from anywhere, by the name that they say. Elsewhere this is a database. */
const keys = new Map([['van1.example.org', fromAscii('a key that van 1 has, and nobody else')]]);

const hub = new IkeEndpoint({
  ...runsOn,
  peers: [
    // In Main Mode the key is found by the address: nobody says who they are before it is needed.
    {
      ...common,
      name: 'shop',
      local: HUB,
      remote: SHOP,
      preSharedKey: fromAscii('a long and random secret'),
      children: [{ ...child, localIdentity: hubNet, remoteIdentity: ipv4SubnetId('10.2.0.0/16') }],
    },
    // In Aggressive Mode it is found by the name, wherever that comes from; here it is asked for.
    {
      ...common,
      name: 'vans',
      mode: 'aggressive',
      local: HUB,
      remote: { addresses: 'any' },
      remoteIdentity: 'any',
      preSharedKey: 'ask',
      children: [{ ...child, localIdentity: hubNet, remoteIdentity: { within: [ipv4SubnetId('10.3.0.0/16')] } }],
    },
  ],
});

/** Who calls the hub: its address, its net and its key. */
function caller(local: Endpoint, net: string, key: string, name?: Identification): IkeEndpoint {
  const aggressive = { mode: 'aggressive', ...(name && { localIdentity: name }) } as const;
  return new IkeEndpoint({
    ...runsOn,
    peers: [
      {
        ...common,
        ...(name === undefined ? {} : aggressive),
        name: 'hub',
        local,
        remote: HUB,
        preSharedKey: fromAscii(key),
        children: [{ ...child, localIdentity: ipv4SubnetId(net), remoteIdentity: hubNet }],
      },
    ],
  });
}

let now = instant(0);

function serve(end: IkeEndpoint, name: string): void {
  for (let asked = end.pollQuestion(); asked !== undefined; asked = end.pollQuestion()) {
    if (asked.kind !== 'shared-key') continue;
    const key = keys.get(String.fromCharCode(...(asked.identity?.data ?? [])));
    end.answer(now, asked.id, { kind: 'shared-key', key });
  }
  for (let event = end.pollEvent(); event !== undefined; event = end.pollEvent()) {
    if (event.kind === 'child-established') console.log(`${name}: a child with ${event.child.peer}`);
    if (event.kind === 'ike-failed') console.log(`${name}: ${formatFailure(event).split('\n')[0]}`);
  }
}

function call(end: IkeEndpoint, name: string): void {
  end.initiate(now, 'hub');
  for (let second = 0; second < 60; second++) {
    for (let busy = true; busy; ) {
      busy = false;
      serve(end, name);
      serve(hub, 'hub');
      for (const [from, to] of [
        [end, hub],
        [hub, end],
      ] as const) {
        for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
          to.handleDatagram(now, out.source, out.destination, out.octets);
          busy = true;
        }
      }
    }
    now = after(now, seconds(1));
    for (const one of [end, hub]) one.handleTimeout(now);
  }
}

const van1 = fqdnId('van1.example.org');
call(caller(SHOP, '10.2.0.0/16', 'a long and random secret'), 'shop');
call(caller(VAN, '10.3.1.0/24', 'a key that van 1 has, and nobody else', van1), 'van 1');
call(caller(VAN, '10.3.1.0/24', 'a guess', van1), 'a thief');
