import { randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { Gateway, type GatewayPeer, type PolicyConfig } from '@espalier/gateway';
import {
  formatFailure,
  IkeEndpoint,
  type PeerConfig,
  type PeerProfileName,
  type ProtectionBundle,
} from '@espalier/ike';
import {
  encodeIpv4,
  fqdnId,
  type Identification,
  instant,
  ipv4RangeId,
  ipv4SubnetId,
  parseAddress,
  seconds,
} from '@espalier/wire';

const HERE = '203.0.113.1';
const OFFICE = '10.1.56.0/24';
const now = instant(0);
const engine = nodeEngine();
const rng = { fill: randomFillSync };
const octets = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A site, and what is known of the gateway there. `net`: what the policy here is for. */
interface Site {
  readonly address: string;
  readonly profile: PeerProfileName;
  readonly net: string;
  /** What the gateway there says that it is for: the office, and its own net as it writes it. */
  readonly says: readonly [office: Identification, own: Identification];
  readonly ours?: Partial<GatewayPeer>;
  readonly theirs?: Partial<PeerConfig>;
  readonly bundles?: readonly ProtectionBundle[];
  /** Whether this side calls. */
  readonly isCalled?: boolean;
}

const suites = [espSuite('aes-256-cbc/hmac-sha2-256-128')];
const office = ipv4SubnetId(OFFICE);
const fritz = fqdnId('site.myfritz.example');

const SITES: Readonly<Record<string, Site>> = {
  MikroTik: {
    ...{ address: '198.51.100.1', profile: 'mikrotik', net: '10.2.1.7' },
    // A host as /32, as this side writes it too.
    says: [office, ipv4SubnetId('10.2.1.7/32')],
  },
  FortiGate: {
    ...{ address: '198.51.100.2', profile: 'fortigate', net: '10.2.2.0/24' },
    says: [office, ipv4RangeId('10.2.2.0', '10.2.2.255')],
  },
  'Check Point': {
    ...{ address: '198.51.100.3', profile: 'check-point', net: '10.2.3.0/24' },
    // The largest subnet that holds what it is configured for.
    says: [office, ipv4SubnetId('10.2.2.0/23')],
  },
  'Cisco IOS': {
    ...{ address: '198.51.100.4', profile: 'cisco-ios', net: '10.2.4.0/24', isCalled: true },
    says: [office, ipv4SubnetId('10.2.4.0/24')],
    // Its own lifetime, which it tells behind message 6.
    theirs: { lifetime: seconds(3600) },
  },
  'FRITZ!Box': {
    ...{ address: '198.51.100.5', profile: 'fritzbox', net: '10.2.5.0/24' },
    says: [office, ipv4SubnetId('10.2.5.0/24')],
    // From whatever address it has today, by its name; and it would rather compress.
    ours: { mode: 'aggressive', remote: { addresses: 'any' }, remoteIdentity: fritz },
    theirs: { mode: 'aggressive', localIdentity: fritz },
    bundles: [{ ipcomp: 'deflate', esp: suites }],
  },
};

const common = {
  proposals: [{ encryption: 'aes-cbc', keyOctets: 32, hash: 'sha2-256', group: 14, authentication: 'pre-shared-key' }],
  // A FortiGate takes no more than 172,800 s.
  lifetime: seconds(86_400),
} as const satisfies Partial<PeerConfig>;
const keyOf = (site: string): Uint8Array => octets(`a long and random key for ${site}`);

function policyOf(name: string, remote: string): PolicyConfig {
  const action = { kind: 'protect', peer: name, suites, lifetime: seconds(3600) } as const;
  return { name, selectors: { local: OFFICE, remote }, action };
}

/** This side: a peer and a policy for each site. */
const gateway = new Gateway({
  config: {
    peers: Object.entries(SITES).map(([name, { address, profile, ours }]) => {
      const own = { name, local: HERE, remote: address, profile, preSharedKey: keyOf(name) };
      return { ...common, ...own, ...ours };
    }),
    policies: Object.entries(SITES).map(([name, { net }]) => policyOf(name, net)),
  },
  ...{ engine, rng, outside: 'udp' },
});

/** The other side, which says what such a gateway says. */
function gatewayAt(name: string, { address, says, theirs, bundles }: Site): IkeEndpoint {
  const [remoteIdentity, localIdentity] = says;
  const net = { name: 'net', suites, lifetime: seconds(3600), localIdentity, remoteIdentity };
  const own = { name: 'here', local: { address, port: 500 }, remote: { address: HERE, port: 500 } };
  const children = [{ ...net, ...(bundles && { bundles }) }];
  return new IkeEndpoint({
    engine,
    rng,
    peers: [{ ...common, ...own, preSharedKey: keyOf(name), children, ...theirs }],
  });
}

/** What happened here. */
function tell(name: string): void {
  for (let event = gateway.pollEvent(); event !== undefined; event = gateway.pollEvent()) {
    if (event.kind === 'ipsec-established') console.log(`${name}: a tunnel by ${event.suite}`);
    if (event.kind === 'tolerated') console.log(`${name}: taken, and told: ${event.tolerance}`);
    if (event.kind === 'negotiation-refused')
      console.log(`${name}: ${formatFailure(event).split('\n').at(-1)?.trim()}`);
  }
}

function converse(name: string, there: IkeEndpoint): void {
  for (let busy = true; busy; ) {
    busy = false;
    for (const [from, to] of [
      [there, gateway],
      [gateway, there],
    ] as const) {
      for (let out = from.pollTransmit(); out !== undefined; out = from.pollTransmit()) {
        if ('source' in out) to.handleDatagram(now, out.source, out.destination, out.octets);
        busy = true;
      }
    }
    tell(name);
  }
}

/** The first packet for a site: it waits for its SAs. */
function packet(from: string, to: string): Uint8Array {
  const [source, destination] = [parseAddress(from), parseAddress(to)];
  return encodeIpv4({ source, destination, protocol: 17, payload: octets('hello') });
}

function call(name: string, site: Site): void {
  const there = gatewayAt(name, site);
  if (site.isCalled === true) gateway.handleInside(now, packet('10.1.56.2', site.net.replace('.0/24', '.9')));
  else there.initiate(now, 'here');
  converse(name, there);
}

for (const [name, site] of Object.entries(SITES)) call(name, site);

// What Check Point asks for is more than the policy has: this side has to have as much.
const { 'Check Point': checkPoint } = SITES;
gateway.replacePolicy(now, policyOf('Check Point', '10.2.2.0/23'));
if (checkPoint !== undefined) call('Check Point', checkPoint);

for (const { softExpiry, hardExpiry } of gateway.ikeSas().filter(({ peer }) => peer === 'Cisco IOS')) {
  console.log(`Cisco IOS: renewed after ${Number(softExpiry) / 1000} s of ${Number(hardExpiry) / 1000}`);
}
