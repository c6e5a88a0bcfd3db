import { randomFillSync } from 'node:crypto';
import { espSuite, nobleEngine } from '@espalier/crypto';
import { Gateway, type GatewayConfig } from '@espalier/gateway';
import { encodeIpv4, fqdnId, instant, parseAddress, seconds } from '@espalier/wire';

/** What `swanctl.conf` above says; `own` and `other` change places at the other end. */
function site(own: 'moon' | 'sun', other: 'moon' | 'sun'): GatewayConfig {
  const address = { moon: '192.0.2.1', sun: '192.0.2.2' };
  const net = { moon: '10.1.0.0/16', sun: '10.2.0.0/16' };
  return {
    establish: 'on-traffic', // start_action = trap
    peers: [
      {
        name: 'net-net',
        local: address[own], // local_addrs
        remote: address[other], // remote_addrs
        localIdentity: fqdnId(`${own}.strongswan.org`), // local.id
        remoteIdentity: fqdnId(`${other}.strongswan.org`), // remote.id
        preSharedKey: new TextEncoder().encode('a long and random secret'), // secrets.ike-*.secret
        // proposals = aes256-sha256-ecp384, aes128-sha256-modp3072
        proposals: [
          { encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 20, authentication: 'pre-shared-key' },
          { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 15, authentication: 'pre-shared-key' },
        ],
        lifetime: seconds(4 * 3600), // reauth_time or rekey_time, and over_time
        deadPeerDetection: { idle: seconds(30), interval: seconds(10), retries: 4 }, // dpd_delay, dpd_timeout
      },
    ],
    policies: [
      {
        name: 'net-net',
        selectors: { local: net[own], remote: net[other] }, // local_ts, remote_ts
        action: {
          kind: 'protect',
          peer: 'net-net',
          // esp_proposals = aes128gcm16-ecp384, aes256-sha256-ecp384
          suites: [espSuite('aes-128-gcm-16'), espSuite('aes-256-cbc/hmac-sha2-256-128')],
          pfsGroup: 20,
          lifetime: seconds(3600), // life_time
        },
      },
    ],
  };
}

const gateway = (config: GatewayConfig) =>
  new Gateway({ config, engine: nobleEngine(), rng: { fill: randomFillSync } });

const moon = gateway(site('moon', 'sun'));
const sun = gateway(site('sun', 'moon'));
const now = instant(0);

/** Hands over what each has for the other until neither has anything more. */
function converse(): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (const [from, to] of [
      [moon, sun],
      [sun, moon],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        to.handleOutside(now, out.octets);
        busy = true;
      }
    }
  }
}

const packet = encodeIpv4({
  source: parseAddress('10.1.0.10'),
  destination: parseAddress('10.2.0.10'),
  protocol: 17,
  payload: new Uint8Array(16),
});
moon.handleInside(now, packet);
converse();

for (let event = sun.pollEvent(); event !== undefined; event = sun.pollEvent()) {
  if (event.kind === 'ike-established') console.log('IKE SA', event.ikeSa.proposal?.hash, event.ikeSa.proposal?.group);
  if (event.kind === 'ipsec-established') console.log('CHILD_SA', event.sa.policy, event.suite);
}
console.log('at sun came', sun.pollInside()?.packet.length, 'octets');
