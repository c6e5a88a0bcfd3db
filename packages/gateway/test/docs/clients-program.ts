import { randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { Gateway, type GatewayConfig, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import { AddressPool, type Endpoint, type IkeProposal, Passwords } from '@espalier/ike';
import { concat, encodeIpv4, fromAscii, instant, keyId, parseAddress, seconds } from '@espalier/wire';

const GATEWAY = '203.0.113.1';
const SERVER = '10.1.56.2';
const EVERYTHING = '0.0.0.0/0';
const now = instant(0);
const engine = nodeEngine();

/** Group 2 for the oldest: vpnc and Cisco's own client begin with the group that they are set to. */
const proposals = ([14, 2] as const).flatMap((group): IkeProposal[] => [
  {
    ...{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group },
    authentication: 'xauth-initiator-pre-shared-key',
  },
  {
    ...{ encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group },
    authentication: 'xauth-initiator-pre-shared-key',
  },
]);
const common = { mode: 'aggressive', proposals, lifetime: seconds(28_800) } as const satisfies Partial<GatewayPeer>;

/** Two groups, since Android's SHA2 needs a profile: what a profile changes is told by no vendor ID, but by the group's name. */
const GROUPS = {
  staff: { preSharedKey: fromAscii('the key of the staff') },
  phones: { preSharedKey: fromAscii('the key of the phones'), profile: 'android-l2tp' },
} as const satisfies Record<string, Partial<GatewayPeer>>;
type Group = keyof typeof GROUPS;
const nameOf = (group: Group) => keyId(fromAscii(group));

function policy(peer: string, assigned: 'local' | 'remote', suites: readonly string[]): PolicyConfig {
  // Cisco's clients ask for everything, whatever networks they are told of.
  const selectors = assigned === 'remote' ? { local: EVERYTHING } : { remote: EVERYTHING };
  const esp = suites.flatMap((name) => espSuite(name) ?? []);
  return { name: peer, selectors, action: { kind: 'protect', peer, suites: esp, lifetime: seconds(3600), assigned } };
}

/** Sockets outside: ESP in UDP, whoever is behind a NAT. */
const make = (config: GatewayConfig): Gateway =>
  new Gateway({ config, engine, rng: { fill: randomFillSync }, outside: 'udp' });

const ofGroup = (group: Group): GatewayPeer => ({
  ...common,
  ...GROUPS[group],
  name: group,
  local: GATEWAY,
  remote: { addresses: 'any' },
  remoteIdentity: nameOf(group),
  xauth: { side: 'gateway' },
  modeConfig: { side: 'gateway' },
});
const SUITES = ['aes-256-cbc/hmac-sha2-256-128', 'aes-128-cbc/hmac-sha1-96'] as const;
const gateway = make({
  peers: [ofGroup('staff'), ofGroup('phones')],
  policies: [policy('staff', 'remote', SUITES), policy('phones', 'remote', SUITES)],
});
const USERS = ['alice', 'bob', 'carol', 'dave'] as const;
const passwords = new Passwords(USERS.map((userName) => ({ userName, password: fromAscii('wonderland') })));
const pool = new AddressPool({
  ...{ ipv4: '10.1.77.0/24', dns: ['10.1.56.53'], domain: 'example.org' },
  ...{ banner: 'Welcome', splitInclude: ['10.1.56.0/24'] },
});

/** What a client has that others have not. `manner`: what becomes of a message of IKE before it leaves. */
interface Kind {
  readonly group: Group;
  readonly suite: string;
  readonly password?: Uint8Array;
  readonly peer?: Partial<GatewayPeer>;
  readonly manner?: (message: Uint8Array) => Uint8Array;
}
const [SHA2, SHA1] = SUITES;
const FRAGMENT = 132;

const KINDS: Readonly<Record<string, Kind>> = {
  vpnc: {
    ...{ group: 'staff', suite: SHA1 },
    peer: { lifetime: seconds(2_147_483), proposals: proposals.slice(3) },
  },
  'Cisco VPN client': {
    ...{ group: 'staff', suite: SHA1 },
    // Sixteen zero octets behind each message.
    manner: (message) => concat(message, new Uint8Array(16)),
  },
  'iOS or macOS': {
    ...{ group: 'staff', suite: SHA2 },
    peer: { fragmentOctets: 128 },
    // The flag of encryption in the header of a fragment, which is in clear.
    manner: (message) => message.map((octet, i) => (i === 19 && message[16] === FRAGMENT ? octet | 1 : octet)),
  },
  Android: {
    // 96 bits of HMAC-SHA2-256, under the number of 128; and a NUL behind the password.
    ...{ group: 'phones', suite: 'aes-256-cbc/hmac-sha2-256-96' },
    password: fromAscii('wonderland\0'),
  },
};

function client(local: string, userName: string, { group, suite, password, peer }: Kind): Gateway {
  const { preSharedKey } = GROUPS[group];
  const own = { name: 'office', local, remote: GATEWAY, localIdentity: nameOf(group), preSharedKey };
  const xauth = { side: 'user', userName, password: password ?? fromAscii('wonderland') } as const;
  const begins = { ...common, proposals: proposals.slice(0, 2) };
  return make({
    peers: [{ ...begins, ...own, xauth, modeConfig: { side: 'client' }, ...peer }],
    policies: [policy('office', 'local', [suite])],
  });
}

/** What the gateway is asked, and what happens there. */
function serve(name: string): void {
  for (let asked = gateway.pollQuestion(); asked !== undefined; asked = gateway.pollQuestion()) {
    if (asked.kind === 'verify-credentials') gateway.answer(now, asked.id, passwords.answer(asked));
    if (asked.kind === 'lease') gateway.answer(now, asked.id, pool.answer(asked));
  }
  for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
    pool.handleEvent(event);
    if (event.kind === 'ike-established') console.log(`${name}: here is ${event.ikeSa.user}`);
    if (event.kind === 'tunnel-added') console.log(`${name}: a tunnel for ${event.tunnel.remote}`);
    if (event.kind === 'tolerated') console.log(`${name}: taken, and told: ${event.tolerance}`);
    if (event.kind === 'ike-failed') console.log(`${name}: ${event.reason}`);
  }
}

const isIke = ({ port }: Endpoint, octets: Uint8Array): boolean =>
  port === 500 || octets.subarray(0, 4).every((octet) => octet === 0);

/** As it leaves this kind of client: behind the non-ESP marker where there is one. */
function mannered(source: Endpoint, octets: Uint8Array, { manner }: Kind): Uint8Array {
  if (manner === undefined || !isIke(source, octets)) return octets;
  const marker = source.port === 500 ? 0 : 4;
  return concat(octets.slice(0, marker), manner(octets.slice(marker)));
}

/** Hands over what each has for the other until nobody has anything more. */
function converse(name: string, kind: Kind, host: Gateway): void {
  for (let busy = true; busy; ) {
    busy = false;
    serve(name);
    for (const [from, to] of [
      [host, gateway],
      [gateway, host],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        if (out.kind !== 'datagram') continue;
        const { source, destination, octets } = out;
        to.handleDatagram(now, source, destination, from === host ? mannered(source, octets, kind) : octets);
        busy = true;
      }
    }
  }
}

function packet(from: string, to: string): Uint8Array {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  return encodeIpv4({ source, destination, protocol: 17, payload: fromAscii('hello') });
}

Object.entries(KINDS).forEach(([name, kind], i) => {
  const host = client(`198.51.100.${i + 1}`, USERS[i] ?? name, kind);
  host.handleInside(now, packet('192.168.1.9', SERVER));
  converse(name, kind, host);
  let own: string | undefined;
  for (let event = host.pollEvent(); event !== undefined; event = host.pollEvent()) {
    if (event.kind === 'configured') [own] = event.configuration.addresses;
  }
  host.handleInside(now, packet(own ?? EVERYTHING, SERVER));
  converse(name, kind, host);
  gateway.handleInside(now, packet(SERVER, own ?? EVERYTHING));
  converse(name, kind, host);
  const came = [gateway, host].map((end) => end.pollInside()?.packet.length);
  console.log(`${name}: to the office ${came[0]} octets, and back ${came[1]}`);
});
