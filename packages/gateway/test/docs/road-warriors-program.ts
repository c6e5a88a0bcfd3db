import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import { AddressPool, Passwords } from '@espalier/ike';
import { encodeIpv4, instant, keyId, parseAddress, seconds } from '@espalier/wire';

const GATEWAY = '203.0.113.1';
const OFFICE = '10.1.56.0/24';
const now = instant(0);
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What every user has: the group's name and key, the way to the gateway. Who they are themselves is asked afterwards. */
const group = {
  mode: 'aggressive',
  preSharedKey: octets('the key of the group'),
  proposals: [
    {
      ...{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14 },
      authentication: 'xauth-initiator-pre-shared-key',
    },
  ],
  lifetime: seconds(28_800),
} as const satisfies Partial<GatewayPeer>;
const groupName = keyId(octets('staff'));

function policy(peer: string, assigned: 'local' | 'remote', selectors: PolicyConfig['selectors']): PolicyConfig {
  const suites = [espSuite('aes-256-cbc/hmac-sha2-256-128')];
  const action = { kind: 'protect', peer, suites, lifetime: seconds(3600), assigned } as const;
  return { name: 'road', ...(selectors && { selectors }), action };
}

const make = (config: GatewayConfig): Gateway =>
  new Gateway({ config, engine: nobleEngine(), rng: { fill: randomFillSync } });

/** The gateway: anybody of the group, from anywhere, who then proves to be a user, and is given an address. */
const gateway = make({
  peers: [
    {
      ...group,
      name: 'users',
      local: GATEWAY,
      remote: { addresses: 'any' },
      remoteIdentity: groupName,
      xauth: { side: 'gateway' },
      modeConfig: { side: 'gateway' },
    },
  ],
  policies: [policy('users', 'remote', { local: OFFICE })],
});
const passwords = new Passwords([{ userName: 'alice', password: octets('wonderland') }]);
const pool = new AddressPool({ ipv4: '10.1.77.0/24', dns: ['10.1.56.53'], domain: 'example.org' });

/** A client: what goes to the office goes through the tunnel, from the address that it is given. */
function client(address: string, userName: string, password: string): Gateway {
  const xauth = { side: 'user', userName, password: octets(password) } as const;
  const own = { name: 'office', local: address, remote: GATEWAY, localIdentity: groupName };
  const peer: GatewayPeer = { ...group, ...own, xauth, modeConfig: { side: 'client' } };
  return make({ peers: [peer], policies: [policy('office', 'local', { remote: OFFICE })] });
}

/** What the gateway is asked, and what happens at either end. */
function serve(user: Gateway): void {
  for (let asked = gateway.pollQuestion(); asked !== undefined; asked = gateway.pollQuestion()) {
    if (asked.kind === 'verify-credentials') gateway.answer(now, asked.id, passwords.answer(asked));
    if (asked.kind === 'lease') gateway.answer(now, asked.id, pool.answer(asked));
  }
  for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
    pool.handleEvent(event);
    if (event.kind === 'ike-established') console.log('gateway: here is', event.ikeSa.user);
    if (event.kind === 'tunnel-added') console.log('gateway: a tunnel for', event.tunnel.remote);
    if (event.kind === 'ike-failed') console.log('gateway: nobody is let in,', event.reason);
  }
  for (let event = user.pollEvent(); event !== undefined; event = user.pollEvent()) {
    if (event.kind === 'configured') console.log('client: I am', event.configuration.addresses[0]);
    if (event.kind === 'ike-failed') console.log('client:', event.reason);
  }
}

/** Hands over what each has for the other until nobody has anything more. */
function converse(user: Gateway): void {
  for (let busy = true; busy; ) {
    busy = false;
    serve(user);
    for (const [from, to] of [
      [user, gateway],
      [gateway, user],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        to.handleOutside(now, out.octets);
        busy = true;
      }
    }
  }
}

function packet(from: string, to: string): Uint8Array {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  return encodeIpv4({ source, destination, protocol: 17, payload: octets('hello') });
}

const alice = client('198.51.100.25', 'alice', 'wonderland');
alice.handleInside(now, packet('10.1.77.1', '10.1.56.2'));
converse(alice);
gateway.handleInside(now, packet('10.1.56.2', '10.1.77.1'));
converse(alice);
console.log('to the office:', gateway.pollInside()?.packet.length, 'octets; back:', alice.pollInside()?.packet.length);

const mallory = client('192.0.2.66', 'alice', 'looking-glass');
mallory.handleInside(now, packet('10.1.77.1', '10.1.56.2'));
converse(mallory);

alice.close(now);
converse(alice);
console.log('addresses in use:', pool.size);
