import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import { encodeIpv4, fqdnId, identificationText, instant, parseAddress, seconds } from '@espalier/wire';

const HUB = '203.0.113.1';
const now = instant(0);

/** What both sides have in common; in Aggressive Mode the peer says who it is before a key is needed. */
const phase1 = {
  mode: 'aggressive',
  proposals: [{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' }],
  lifetime: seconds(3600),
} as const satisfies Partial<GatewayPeer>;

function protect(name: string, peer: string, local: string, remote: string): PolicyConfig {
  const suites = [espSuite('aes-128-gcm-16')];
  return {
    name,
    selectors: { local, remote },
    action: { kind: 'protect', peer, suites, lifetime: seconds(28_800) },
  };
}

const gateway = (config: GatewayConfig) =>
  new Gateway({ config, engine: nobleEngine(), rng: { fill: randomFillSync } });

/** Whoever calls, from anywhere; each with a key of its own, that the hub looks up when it is asked for it. */
const hub = gateway({
  peers: [{ ...phase1, name: 'road', local: HUB, remote: { addresses: 'any' }, preSharedKey: 'ask' }],
  policies: [protect('road', 'road', '10.30.0.0/16', '10.80.0.0/16')],
});
const keys = new Map([
  ['alice.example', new TextEncoder().encode('a long and random secret')],
  ['bob.example', new TextEncoder().encode('another one')],
]);

/** One on the road. */
function caller(name: string, address: string, net: string): Gateway {
  const preSharedKey = keys.get(name) ?? new TextEncoder().encode('a guess');
  const peer = { ...phase1, name: 'hub', local: address, remote: HUB, localIdentity: fqdnId(name), preSharedKey };
  return gateway({ peers: [peer], policies: [protect('home', 'hub', net, '10.30.0.0/16')] });
}

/** Hands over what each has for the other until nobody has anything more. */
function converse(one: Gateway): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (let question = hub.pollQuestion(); question !== undefined; question = hub.pollQuestion()) {
      const name = question.identity && identificationText(question.identity);
      const key = keys.get(name ?? '');
      console.log('the key of', name, key === undefined ? 'is not known' : 'is known');
      hub.answer(now, question.id, { kind: 'shared-key', key });
    }
    for (const [from, to] of [
      [one, hub],
      [hub, one],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        to.handleOutside(now, out.octets);
        busy = true;
      }
    }
  }
  for (let event = hub.pollEvent(); event !== undefined; event = hub.pollEvent()) {
    if (event.kind === 'tunnel-added') console.log('tunnel', event.tunnel.peer, event.tunnel.remote);
    if (event.kind === 'tunnel-removed') console.log('no more', event.tunnel.peer);
    if (event.kind === 'ike-failed') console.log('failed', event.reason);
  }
}

function call(name: string, address: string, net: string): Gateway {
  const one = caller(name, address, net);
  const [source, destination] = [net.replace('.0/24', '.1'), '10.30.0.5'].map(parseAddress);
  if (source !== undefined && destination !== undefined) {
    one.handleInside(now, encodeIpv4({ source, destination, protocol: 17, payload: new Uint8Array(9) }));
  }
  converse(one);
  return one;
}

const alice = call('alice.example', '198.51.100.25', '10.80.1.0/24');
call('bob.example', '192.0.2.77', '10.80.2.0/24');
call('mallory.example', '192.0.2.66', '10.80.3.0/24');
console.log(
  'live:',
  hub
    .liveTunnels()
    .map(({ remote }) => remote)
    .join(' '),
);

alice.close(now);
converse(alice);

// A peer at a fixed address comes at run time, and stands before the template.
hub.addPeer(now, { ...phase1, name: 'branch', local: HUB, remote: '192.0.2.200', preSharedKey: 'ask' });
hub.addPolicy(now, protect('branch', 'branch', '10.30.0.0/16', '10.90.0.0/16'), 'road');
hub.removePolicy(now, 'road');
hub.removePeer(now, 'road');
console.log('live:', hub.liveTunnels().length, 'with', hub.ikeSas().length, 'IKE SAs');
