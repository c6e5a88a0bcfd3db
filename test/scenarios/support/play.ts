import { expect } from 'vitest';
import { ahSuite, espSuite } from '../../../packages/crypto/src/index.ts';
import type { GatewayConfig, GatewayPeer, PolicyConfig, Protection } from '../../../packages/gateway/src/index.ts';
import type { IkeProposal } from '../../../packages/ike/src/index.ts';
import { answerWith } from '../../../packages/pki/src/index.ts';
import {
  decodeUdp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  fqdnId,
  fromAscii,
  identificationText,
  ip,
  PROTOCOL,
  parseAddress,
  seconds,
} from '../../../packages/wire/src/index.ts';
import { groupOf, ikeProposal } from '../../interop/gateways/ike-suite.ts';
import { ecdsaKey, publicKeyOf, rsaKey } from '../../support/signing-keys.ts';
import { AT, credentialOf, pkiOf } from './authority.ts';
import { type Answers, type Host, Internet } from './internet.ts';

type Family = 4 | 6;

/** 'other raw keys': those of somebody else. */
export type Auth =
  | 'pre-shared-key'
  | 'certificates'
  | 'raw keys'
  | 'other raw keys'
  | 'ecdsa-256'
  | 'ecdsa-384'
  | 'ecdsa-521';

/** What one end wants. */
export interface Wishes {
  readonly mode?: 'main' | 'aggressive';
  /** Default 'pre-shared-key'. Raw keys are known beforehand, by the name of who has them. */
  readonly auth?: Auth;
  /** Phase 1 as strongSwan writes it, in order of preference. */
  readonly ike?: readonly string[];
  /** Names of the library's suites, in order of preference. */
  readonly esp?: readonly string[];
  readonly ah?: readonly string[];
  readonly ipcomp?: true;
  readonly esn?: true;
  readonly pfs?: string;
  readonly child?: 'tunnel' | 'transport';
  readonly key?: string;
  /** The last words on the peer, the policy's action and its selectors. */
  readonly peer?: Partial<GatewayPeer>;
  readonly action?: Partial<Protection>;
  readonly selectors?: PolicyConfig['selectors'];
}

/** Who is where: two gateways with nets behind, two hosts, or a hub that two clients call whom it does not know. */
type Shape = 'net-net' | 'host-host' | 'road';

export interface Row extends Wishes {
  readonly name: string;
  readonly shape: Shape;
  readonly outer?: Family;
  readonly inner?: Family;
  /** The clients of a hub: by which identities it knows them, each with a key of its own. Default: it knows neither. */
  readonly known?: 'by address' | 'by name';
  /** Who is behind one: the clients of a hub behind the same. */
  readonly nat?: 'initiator' | 'both';
  /** Diffie-Hellman as it is: else it is for show. */
  readonly realDh?: true;
  /** In which the ends differ. */
  readonly initiator?: Wishes;
  readonly responder?: Wishes;
  /** Nothing is established: what the initiator says of it. Default: all that is asked for is. */
  readonly fails?: string;
  /** What protects the child, outermost last; default what was asked for. */
  readonly gets?: { readonly esp?: string; readonly pfs?: string };
}

const OUTSIDE = {
  4: { west: '203.0.113.1', east: '203.0.113.2', carol: '192.0.2.10', dave: '192.0.2.20' },
  6: { west: '2001:db8::1', east: '2001:db8::2', carol: '2001:db8:a::10', dave: '2001:db8:a::20' },
} as const;
const NAT = { west: '198.51.100.1', east: '198.51.100.2' } as const;
const PRIVATE = { west: '10.9.1.2', east: '10.9.2.2', carol: '10.9.1.10', dave: '10.9.1.20' } as const;
const NETS = {
  4: { west: '10.1.0.0/16', east: '10.2.0.0/16', carol: '10.81.0.0/24', dave: '10.82.0.0/24' },
  6: { west: 'fec1::/16', east: 'fec2::/16', carol: 'fec8:1::/32', dave: 'fec8:2::/32' },
} as const;
const INSIDE = {
  4: { west: '10.1.0.10', east: '10.2.0.10', carol: '10.81.0.9', dave: '10.82.0.9' },
  6: { west: 'fec1::10', east: 'fec2::10', carol: 'fec8:1::9', dave: 'fec8:2::9' },
} as const;

type Name = 'west' | 'east' | 'carol' | 'dave';

const DEFAULT: Required<Pick<Wishes, 'mode' | 'ike' | 'key'>> = {
  mode: 'main',
  ike: ['aes128-sha256-modp2048'],
  key: 'of the scenarios',
};
const DEFAULT_ESP = ['aes-128-cbc/hmac-sha2-256-128'];

/** What a row comes to: each of the two ends once the initiator, where the row does not tell them apart. */
export function play(row: Row): void {
  if (row.shape === 'road') {
    playRoad(row);
    return;
  }
  playPair(row, 'west', 'east');
  const isSame = row.nat === undefined && row.initiator === undefined && row.responder === undefined;
  if (isSame) playPair(row, 'east', 'west');
}

function playPair(row: Row, initiator: Name, responder: Name): void {
  const { shape, nat, outer = 4 } = row;
  const internet = new Internet(row);
  const places = { [initiator]: nat === undefined ? undefined : 'initiator', [responder]: natOfResponder(row) };
  const addressOf = (name: Name): string => (places[name] === undefined ? OUTSIDE[outer][name] : PRIVATE[name]);
  if (places[initiator] !== undefined) internet.nat('initiator', NAT.west);
  if (places[responder] !== undefined) internet.nat('responder', NAT.east, responder);
  const reached = places[responder] === undefined ? addressOf(responder) : NAT.east;
  const insideOf = (name: Name): string => (shape === 'host-host' ? addressOf(name) : INSIDE[row.inner ?? 4][name]);
  const netOf = (name: Name): string => (shape === 'host-host' ? addressOf(name) : NETS[row.inner ?? 4][name]);
  const config = (own: Name, other: Name): GatewayConfig => {
    const isInitiator = own === initiator;
    const wishes = { ...row, ...(isInitiator ? row.initiator : row.responder) };
    const peer: Partial<GatewayPeer> = isInitiator
      ? { remote: reached, ...(reached === addressOf(responder) ? {} : { remoteIdentity: 'any' }) }
      : nat === undefined
        ? { remote: addressOf(initiator) }
        : { remote: { addresses: 'any' }, allowWildcardKey: true };
    const { peer: proof } = authOf(wishes.auth, own, isInitiator || nat === undefined ? other : 'anybody');
    return configOf(wishes, { local: addressOf(own), ...peer, ...proof }, { local: netOf(own), remote: netOf(other) });
  };
  for (const [own, other] of [
    [responder, initiator],
    [initiator, responder],
  ] as const) {
    const { answers } = authOf(row.auth, own, other);
    internet.join(own, addressOf(own), config(own, other), { behind: places[own], answers });
  }
  expectWay(internet, row, [initiator, insideOf(initiator)], [responder, insideOf(responder)]);
}

function natOfResponder({ nat }: Row): string | undefined {
  return nat === 'both' ? 'responder' : undefined;
}

function playRoad(row: Row): void {
  const { nat, outer = 4, inner = 4 } = row;
  const internet = new Internet(row);
  if (nat !== undefined) internet.nat('nat', NAT.west);
  const hub = OUTSIDE[outer].east;
  const callers = { remote: { addresses: 'any' }, allowWildcardKey: true } as const;
  const clients = inner === 4 ? ['10.80.0.0/12'] : ['fec8::/16'];
  const own = { local: NETS[inner].east, remote: clients };
  const proof = authOf(row.auth, 'east', 'anybody');
  const hubConfig = configOf({ ...row, ...row.responder }, { local: hub, ...callers, ...proof.peer }, own);
  const { answers } = proof;
  internet.join('east', hub, row.known === undefined ? hubConfig : hubOfKnown(row, hub), { answers });
  for (const name of ['carol', 'dave'] as const) {
    const address = nat === undefined ? OUTSIDE[outer][name] : PRIVATE[name];
    const selectors = { local: NETS[inner][name], remote: NETS[inner].east };
    const own =
      row.known === undefined ? {} : { preSharedKey: fromAscii(`the key of ${name}`), ...identityOf(row, name) };
    const { peer: shown, answers: told } = authOf(row.auth, name, 'east');
    const config = configOf({ ...row, ...row.initiator }, { local: address, remote: hub, ...own, ...shown }, selectors);
    internet.join(name, address, config, { behind: nat === undefined ? undefined : 'nat', answers: told });
    expectWay(internet, row, [name, INSIDE[inner][name]], ['east', INSIDE[inner].east]);
  }
  if (row.fails !== undefined) return;
  // The one that came first has kept its way.
  expectWay(internet, row, ['carol', INSIDE[inner].carol], ['east', INSIDE[inner].east]);
}

/** A hub with an entry and a policy for each client. */
function hubOfKnown(row: Row, local: string): GatewayConfig {
  const { outer = 4, inner = 4 } = row;
  const configs = (['carol', 'dave'] as const).map((name): GatewayConfig => {
    const identity = row.known === 'by name' ? { remoteIdentity: fqdnId(`${name}.example`) } : {};
    const preSharedKey = fromAscii(`the key of ${name}`);
    const selectors = { local: NETS[inner].east, remote: NETS[inner][name] };
    const peer = { local, remote: OUTSIDE[outer][name], preSharedKey, ...identity };
    return named(configOf({ ...row, ...row.responder }, peer, selectors), name);
  });
  return { peers: configs.flatMap(({ peers }) => peers), policies: configs.flatMap(({ policies }) => policies) };
}

function identityOf({ known }: Row, name: Name): Partial<GatewayPeer> {
  return known === 'by name' ? { localIdentity: fqdnId(`${name}.example`) } : {};
}

/** The same under another name. */
export function named({ peers, policies }: GatewayConfig, name: string): GatewayConfig {
  return {
    peers: peers.map((peer) => ({ ...peer, name })),
    policies: policies.map((policy) => ({
      ...policy,
      name,
      ...(policy.action.kind === 'protect' ? { action: { ...policy.action, peer: name } } : {}),
    })),
  };
}

function methodOf(auth: Auth = 'pre-shared-key'): IkeProposal['authentication'] {
  return auth === 'certificates' || auth.endsWith('raw keys')
    ? 'rsa-signature'
    : (auth as IkeProposal['authentication']);
}

const ECDSA_CURVES = { 'ecdsa-256': 'P-256', 'ecdsa-384': 'P-384', 'ecdsa-521': 'P-521' } as const;

function keyOf(auth: Auth, name: Name) {
  const isFirst = name === 'west' || name === 'carol' || name === 'dave';
  if (auth.startsWith('ecdsa'))
    return ecdsaKey(ECDSA_CURVES[auth as keyof typeof ECDSA_CURVES], isFirst ? 'one' : 'other');
  return rsaKey(auth === 'other raw keys' ? 'long' : isFirst ? 'one' : 'other');
}

/** How one of them proves who it is, and whom it believes; nothing for pre-shared keys. */
function authOf(
  auth: Auth | undefined,
  name: Name,
  other: Name | 'anybody',
): { peer: Partial<GatewayPeer>; answers: Answers } {
  if (auth === undefined || auth === 'pre-shared-key') return { peer: {}, answers: () => undefined };
  const identities = {
    localIdentity: fqdnId(`${name}.example`),
    remoteIdentity: other === 'anybody' ? ('any' as const) : fqdnId(`${other}.example`),
  };
  if (auth.endsWith('raw keys')) {
    const credentials = { privateKey: keyOf(auth, name), remoteKey: 'ask' } as const;
    const answers: Answers = (question) => {
      if (question.kind !== 'verify-chain') return undefined;
      const who = NAMES.find((one) => identificationText(question.identity) === `${one}.example`);
      if (who === undefined) return { kind: 'verify-chain', reason: 'nobody of that name is known' };
      return { kind: 'verify-chain', key: publicKeyOf(keyOf('raw keys', who)) };
    };
    return { peer: { ...identities, credentials }, answers };
  }
  const pki = pkiOf(credentialOf(name, { key: keyOf(auth, name) }));
  const answering = answerWith(pki);
  return {
    peer: { ...identities, credentials: { privateKey: 'ask', remoteKey: 'ask', requests: pki.certificateRequests() } },
    answers: (question) => answering(question, AT),
  };
}

const NAMES: readonly Name[] = ['west', 'east', 'carol', 'dave'];

export function configOf(
  wishes: Wishes,
  peer: Pick<GatewayPeer, 'local'> & Partial<GatewayPeer>,
  selectors: PolicyConfig['selectors'],
): GatewayConfig {
  const { mode, ike, key } = { ...DEFAULT, ...wishes };
  const { pfs, child = 'tunnel', esn, auth } = wishes;
  return {
    peers: [
      {
        name: 'peer',
        remote: '192.0.2.99',
        mode,
        ...(auth === undefined || auth === 'pre-shared-key' ? { preSharedKey: fromAscii(key) } : {}),
        proposals: ike.map((one) => ikeProposal(one, methodOf(wishes.auth))),
        lifetime: seconds(3600),
        ...peer,
        ...wishes.peer,
      },
    ],
    policies: [
      {
        name: 'child',
        selectors: { ...selectors, ...wishes.selectors },
        action: {
          kind: 'protect',
          peer: 'peer',
          mode: child,
          ...protectionOf(wishes),
          ...(pfs === undefined ? {} : { pfsGroup: groupOf(pfs) }),
          ...(esn === undefined ? {} : { esn }),
          lifetime: seconds(3600),
          ...wishes.action,
        },
      },
    ],
  };
}

function protectionOf({ esp, ah, ipcomp }: Wishes): Pick<Protection, 'suites' | 'bundles'> {
  if (ah === undefined && ipcomp === undefined) return { suites: (esp ?? DEFAULT_ESP).map(espSuite) };
  const inner = esp ?? (ah === undefined ? DEFAULT_ESP : undefined);
  return {
    suites: [],
    bundles: [
      {
        ...(ipcomp === undefined ? {} : { ipcomp: 'deflate' }),
        ...(inner === undefined ? {} : { esp: inner.map(espSuite) }),
        ...(ah === undefined ? {} : { ah: ah.map(ahSuite) }),
      },
    ],
  };
}

type Place = readonly [name: Name, inside: string];

/** Packets go both ways, protected as was asked for; or there is no way, for the reason that is told. */
function expectWay(internet: Internet, row: Row, from: Place, to: Place): void {
  const [asked, answered] = [internet.host(from[0]), internet.host(to[0])];
  const before = [asked.received.length, answered.received.length];
  send(internet, from, to);
  internet.run(seconds(row.fails === undefined ? 3 : 100));
  if (row.fails !== undefined) {
    expect(asked.gateway.ipsecSas()).toEqual([]);
    expect(answered.gateway.ipsecSas()).toEqual([]);
    expect(answered.received).toEqual([]);
    expect(failuresOf(asked)).toContain(row.fails);
    return;
  }
  expect(failuresOf(asked)).toEqual([]);
  expect(marksIn(answered, before[1])).toEqual([MARK]);
  send(internet, to, from);
  internet.run(seconds(1));
  expect(marksIn(asked, before[0])).toEqual([MARK]);
  expectProtection(row, asked, answered);
  expectNothingInClear(internet, row);
}

export function failuresOf({ events }: Host): readonly string[] {
  return events.flatMap((event) =>
    event.kind === 'ike-failed' || event.kind === 'ipsec-failed' ? [String(event.reason)] : [],
  );
}

function expectProtection(row: Row, asked: Host, answered: Host): void {
  const [own] = asked.gateway.ipsecSas();
  const other = answered.gateway.ipsecSas().find(({ inbound }) => inbound === own?.outbound);
  const wishes = { ...row, ...row.initiator };
  const wanted = row.gets?.esp ?? wishes.esp?.[0] ?? (wishes.ah === undefined ? DEFAULT_ESP[0] : undefined);
  for (const sa of [own, other]) {
    expect(sa).toMatchObject({ state: 'established', mode: wishes.child ?? 'tunnel' });
    for (const way of [sa?.sas.inbound, sa?.sas.outbound]) {
      const names = way?.map(({ suite }) => suite.name);
      const compressed = wishes.ipcomp && 'deflate';
      expect(names).toEqual([compressed, wanted, wishes.ah?.[0]].filter((suite) => suite !== undefined));
    }
  }
  expect([own?.role, other?.role]).toEqual(['initiator', 'responder']);
  expect(own?.inUdp).toBe(row.nat !== undefined || wishes.peer?.natTraversal === 'force');
  const [ike] = asked.gateway.ikeSas();
  expect(ike).toMatchObject({ role: 'initiator', exchange: wishes.mode ?? 'main' });
  expect(ike?.proposal?.authentication).toBe(methodOf(row.auth));
}

function expectNothingInClear(internet: Internet, row: Row): void {
  if (row.ah !== undefined || /^null|gmac/.test(row.gets?.esp ?? row.esp?.[0] ?? '')) return;
  for (const { packet } of internet.sent) expect(Buffer.from(packet).includes(MARK)).toBe(false);
}

const MARK = 'what nobody on the way may read, and who waits for it should';
const PORT = 9;

/** UDP, as a host behind sends it. */
function send(internet: Internet, [name, source]: Place, [, destination]: Place): void {
  internet.send(name, markedPacket(source, destination));
}

export function markedPacket(source: string, destination: string, ports: readonly [number, number] = [PORT, PORT]) {
  const addresses = { source: parseAddress(source), destination: parseAddress(destination) };
  const payload = encodeUdp({ sourcePort: ports[0], destinationPort: ports[1], payload: fromAscii(MARK) }, addresses);
  if (addresses.source.length === 4) return encodeIpv4({ ...addresses, protocol: PROTOCOL.udp, payload });
  return encodeIpv6({
    ...addresses,
    trafficClass: 0,
    flowLabel: 0,
    hopLimit: 64,
    nextHeader: PROTOCOL.udp,
    payload,
  });
}

/** What has come out of a host's inside since. */
export function marksIn({ received }: Host, since = 0): readonly string[] {
  return received.slice(since).map(({ packet }) => {
    const header = ip.version(packet, 0) === 4 ? 20 : 40;
    return Buffer.from(decodeUdp(packet.subarray(header)).payload).toString('latin1');
  });
}
