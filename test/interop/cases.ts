import type { Case } from './case.ts';
import type { GatewaySettings, Program, Role, Tally } from './gateways/gateway.ts';
import { makeGateway } from './gateways/make.ts';
import { type ChosenProtection, PROTECTIONS } from './gateways/protection.ts';
import type { RoadSettings } from './gateways/road.ts';
import type { Signing } from './gateways/signing.ts';
import { STRONGSWAN_ESP_SUITES, STRONGSWAN_IKE_SUITES, suite } from './gateways/suite.ts';
import { type Families, routeHosts } from './machine/network.ts';
import type { Testbed } from './machine/testbed.ts';
import { type Form, titleOf } from './packets/association.ts';
import { espWithLinux } from './packets/linux.ts';
import { ahWithScapy } from './packets/scapy-ah.ts';
import { espWithScapy } from './packets/scapy-esp.ts';
import { espInWireshark } from './packets/tshark.ts';
import type { Need } from './requirements.ts';
import { crack } from './scenarios/crack.ts';
import { deadPeer } from './scenarios/dead-peer.ts';
import { FIRST_SUITE, firstTunnel } from './scenarios/first-tunnel.ts';
import { l2tpBehindNat } from './scenarios/l2tp-behind-nat.ts';
import { longChain } from './scenarios/long-chain.ts';
import { lossyRenewal } from './scenarios/lossy-renewal.ts';
import { nat } from './scenarios/nat.ts';
import { nonsense } from './scenarios/nonsense.ts';
import { ospf } from './scenarios/ospf.ts';
import { makePair, type Pair } from './scenarios/pair.ts';
import { smallLink, smallLinkFarAway } from './scenarios/path-mtu.ts';
import { reauthentication } from './scenarios/reauthentication.ts';
import { renewal } from './scenarios/renewal.ts';
import { quietRestart, restart } from './scenarios/restart.ts';
import { revoked } from './scenarios/revoked.ts';
import { road } from './scenarios/road.ts';
import { SCAN_SUITE, scan } from './scenarios/scan.ts';
import { tunnel } from './scenarios/tunnel.ts';
import { BEHIND_NAT, twoBehindNat } from './scenarios/two-behind-nat.ts';

const SEED_SUITE = '3des-sha1-modp1024';
const STRONGSWAN_SUITES = [SEED_SUITE, 'aes128-sha256-modp2048-pfs', 'aes256-sha1-modp1536'] as const;
/** Groups 31, 20 and 21, 19: what strongSwan takes by itself, and what is asked of it. */
const STRONGSWAN_CURVES = ['default', 'aes256-sha384-ecp384-pfs', 'aes192-sha256-ecp256-pfs'] as const;
const SIGNING_SUITE = 'ike-aes128-sha1-modp1536';
const LIBRESWAN_SUITES = ['3des-sha1-modp1536', 'aes256-sha256-modp2048-pfs'] as const;
const ROLES: readonly Role[] = ['initiator', 'responder'];

/** What either end does in one scenario, and how long that may take. */
interface Plan {
  readonly title: string;
  readonly seconds: number;
  readonly runs?: Case['runs'];
  readonly needs?: readonly Need[];
  readonly selectors?: GatewaySettings['selectors'];
  readonly families?: Families;
  readonly ours?: Partial<GatewaySettings>;
  readonly theirs?: Partial<GatewaySettings>;
  readonly run: (bed: Testbed, pair: Pair) => Promise<void>;
}

const TUNNEL: Plan = { title: 'tunnel', seconds: 80, run: tunnel };

/** IPv6 outside, inside, or both: the names say which. */
function tunnelOf(outer: Families['outer'], inner: Families['inner']): Plan {
  return { ...TUNNEL, title: `tunnel-${inner}in${outer}`, seconds: 120, families: { outer, inner } };
}

const IPV6_TUNNELS: readonly Plan[] = [tunnelOf(6, 4), tunnelOf(6, 6), tunnelOf(4, 6)];

/** Ours on sockets of Linux, with a TUN of its own; where the kernel cuts and joins datagrams, of both families as well. */
const ON_LINUX: readonly Plan[] = [
  { ...TUNNEL, title: 'tunnel-mmsg', ours: { sockets: 'mmsg' } },
  { ...TUNNEL, title: 'tunnel-gso', ours: { sockets: 'gso' } },
  { ...tunnelOf(6, 6), title: 'tunnel-gso-6in6', ours: { sockets: 'gso' } },
];

const QUICKLY = { renew: { child: 6, ike: 9 } };
const RENEWED_QUICKLY: Tally = { ike: 2, child: 3 };
const RENEWED_BY_PEER: Plan = {
  title: 'rekey',
  seconds: 90,
  theirs: QUICKLY,
  run: (bed, pair) => renewal(bed, pair, RENEWED_QUICKLY, 60),
};

/** The shortest lifetime that Junos text can say; ours renews 45 or 30 seconds before. */
const SHORTEST = { renew: { child: 180, ike: 180 } };
const RENEWED_BY_OURS: Plan = {
  title: 'rekey-by-ours',
  seconds: 240,
  ours: SHORTEST,
  run: (bed, pair) => renewal(bed, pair, { ike: 2, child: 2 }, 200),
};

const REAUTHENTICATED_BY_PEER: Plan = {
  title: 'reauthentication',
  seconds: 90,
  theirs: { reauthenticate: 6 },
  run: (bed, pair) => reauthentication(bed, pair, 4, 60),
};

const REAUTHENTICATED_BY_OURS: Plan = {
  title: 'reauthentication-by-ours',
  seconds: 240,
  ours: { reauthenticate: 180 },
  run: (bed, pair) => reauthentication(bed, pair, 1, 200),
};

/** So that there are twenty renewals in a minute and a half, and nothing of what went before is deleted meanwhile. */
const AT_SPEED: Plan = {
  title: 'rekey-at-speed',
  seconds: 180,
  ours: { renewAfter: 4 },
  run: (bed, pair) =>
    renewal(bed, pair, { ike: 2, child: 21 }, 140, { packetsPerSecond: 1000, mostAtOnce: { ike: 24, child: 24 } }),
};

/**
 * Each datagram of the exchange by which the initiator renews a phase is lost once. Of one phase only: strongSwan forgets to renew
 * a child where an IKE SA is renewed meanwhile.
 */
function lossyAt(role: Role, phase: 1 | 2): Plan {
  const renew = phase === 1 ? { child: 600, ike: 6 } : { child: 5, ike: 600 };
  const renews = role === 'initiator' ? { theirs: { renew } } : { ours: { renewAfter: 3 } };
  return {
    title: `rekey-with-loss-phase-${phase}`,
    seconds: 120,
    ...renews,
    run: (bed, pair) => lossyRenewal(bed, pair, phase, 30),
  };
}

const PROBING = { dpd: 2 };

/** How long ours may take to give up a dead peer: Junos text sets no pace. */
const SECONDS_TO_GIVE_UP = 90;

function deadPeerOf(victim: Role): Plan {
  return {
    title: `dpd-of-${victim}`,
    seconds: SECONDS_TO_GIVE_UP + 40,
    ours: PROBING,
    theirs: PROBING,
    run: (bed, pair) => deadPeer(bed, pair, victim, SECONDS_TO_GIVE_UP),
  };
}

function restartOf(victim: Role): Plan {
  return { title: `restart-of-${victim}`, seconds: 60, run: (bed, pair) => restart(bed, pair, victim) };
}

/** The victim does not begin by itself: ours does on an unknown SPI, or finds out that the peer is silent. */
function quietRestartOf(victim: Role, ours: Role): Plan {
  const seconds = victim === ours ? 10 : 25;
  return {
    title: `quiet-restart-of-${victim}`,
    seconds: 80,
    ours: { respondsToBadSpi: true },
    run: (bed, pair) => quietRestart(bed, pair, victim, seconds),
  };
}

/** Behind the NAT is the initiator. Probes and their answers would make keepalives needless, so few are sent. */
function behindNat(role: Role): Plan {
  const common = { title: 'nat', seconds: 120, needs: ['tshark'], run: nat } as const;
  return role === 'initiator' ? { ...common, theirs: { dpd: 8, keepAlive: 3 } } : { ...common, ours: PROBING };
}

/** strongSwan has the place of the client beside ours, or of both. */
function twoBehindNatOf(role: Role): Case {
  const common = { suite: suite(SEED_SUITE), selectors: 'networks' } as const;
  const open = { ...common, peers: 'anywhere', callers: BEHIND_NAT } as const;
  const theirs = { program: 'strongswan', settings: common } as const;
  const ours = { program: 'espalier', settings: common } as const;
  const ends =
    role === 'initiator'
      ? { gateway: { ...ours, settings: open }, clients: [theirs, theirs] }
      : { gateway: { ...theirs, settings: open }, clients: [ours, theirs] };
  return {
    name: `strongswan-${role}-${SEED_SUITE}-two-behind-nat`,
    peer: 'strongswan',
    role,
    suite: SEED_SUITE,
    seconds: 120,
    needs: ['network', 'strongswan', 'tshark'],
    runs: 'full',
    run: async (bed) => {
      await routeHosts();
      await twoBehindNat(bed, ends);
    },
  };
}

const FIRST_TUNNEL: Case = {
  name: 'strongswan-responder-first-tunnel',
  peer: 'strongswan',
  role: 'responder',
  suite: FIRST_SUITE,
  seconds: 60,
  needs: ['network', 'strongswan'],
  runs: 'smoke',
  run: firstTunnel,
};

const L2TP_SUITE = 'aes128-sha1';
const L2TP_BEHIND_NAT: Case = {
  name: `strongswan-initiator-${L2TP_SUITE}-l2tp-two-behind-nat`,
  peer: 'strongswan',
  role: 'initiator',
  suite: L2TP_SUITE,
  seconds: 120,
  needs: ['network', 'strongswan', 'scapy', 'compiler'],
  runs: 'full',
  run: async (bed) => {
    await routeHosts();
    await l2tpBehindNat(bed, { suite: suite(L2TP_SUITE), selectors: 'networks', isL2tp: true });
  },
};

/** ESP as strongSwan's userland and libreswan have it, for what is about phase 1. */
const ANY_ESP: ChosenProtection = {
  name: 'esp',
  mode: 'tunnel',
  bundle: { esp: ['aes-128-cbc/hmac-sha1-96', '3des-cbc/hmac-sha1-96'] },
  libreswan: {},
};
const IKE_ALONE: Plan = { ...TUNNEL, title: 'phase-1', ours: { protection: ANY_ESP } };

/** Negotiated only: our IKE without a gateway around it. */
function protectedBy(protection: ChosenProtection): Plan {
  return { ...TUNNEL, title: protection.name, ours: { protection }, theirs: { protection } };
}

const AGGRESSIVE = { mode: 'aggressive' } as const;

/** Both ends sign. */
function signedWith(title: string, signs: Signing, seen: string): Plan {
  return { ...TUNNEL, title, ours: { protection: ANY_ESP, signs }, theirs: { signs }, run: andThen(TUNNEL, seen) };
}

const RSA = 'rsa-signature';
const BY_CHAIN = signedWith(RSA, { method: RSA }, 'RSA by chain and CRL');
const RAW_RSA = signedWith(`${RSA}-raw`, { method: RSA, keys: 'raw' }, 'raw RSA keys');

function longChainOf(goes: 'in fragments' | 'whole'): Plan {
  const signs: Signing = { method: RSA, between: 3, ...(goes === 'whole' ? { whole: true } : {}) };
  return {
    ...signedWith(goes === 'whole' ? 'long-chain-whole' : 'long-chain', signs, 'RSA by chain and CRL'),
    needs: ['tshark'],
    run: (bed, pair) => longChain(bed, pair, goes),
  };
}

/** The initiator is a user beside, who says a password. */
function signedOnTheRoad(title: string, signs: Signing, method: 'pull' | 'push', seen: string): Plan {
  const road = { method } as const;
  return {
    ...TUNNEL,
    title,
    ours: { protection: ANY_ESP, signs, road },
    theirs: { signs, road },
    run: andThen(TUNNEL, seen),
  };
}

const XAUTH_RSA = signedOnTheRoad('xauth-rsa', { method: RSA }, 'pull', 'XAuth after RSA signatures');
const SIGNED_ROADS: readonly Plan[] = [
  XAUTH_RSA,
  signedOnTheRoad('hybrid-rsa', { method: RSA, hybrid: true }, 'pull', 'hybrid RSA'),
];

const SIGNATURES: readonly Plan[] = [
  BY_CHAIN,
  inAggressiveMode(BY_CHAIN),
  RAW_RSA,
  inAggressiveMode(RAW_RSA),
  ...(['ecdsa-256', 'ecdsa-384', 'ecdsa-521'] as const).map((method) =>
    signedWith(method, { method }, 'ECDSA by chain and CRL'),
  ),
  inAggressiveMode(signedWith('ecdsa-256', { method: 'ecdsa-256' }, 'ECDSA by chain and CRL')),
  longChainOf('in fragments'),
  longChainOf('whole'),
  ...SIGNED_ROADS,
  ...SIGNED_ROADS.map(inAggressiveMode),
];

const BY_ROOT = { method: RSA, between: 0 } as const;

/** Ours is configured by Junos text, which has no authorities between. */
function withCertificates(plan: Plan): Plan {
  return {
    ...plan,
    title: `certificates-${plan.title}`,
    ours: { ...plan.ours, signs: BY_ROOT },
    theirs: { ...plan.theirs, signs: BY_ROOT },
    run: andThen(plan, 'RSA by certificate and CRL'),
  };
}

/** In Aggressive Mode libreswan sends its own certificate and no other. */
const LIBRESWAN_SIGNATURES: readonly Plan[] = [
  BY_CHAIN,
  RAW_RSA,
  inAggressiveMode(RAW_RSA),
  inAggressiveMode(signedWith(RSA, BY_ROOT, 'RSA by certificate and CRL')),
  XAUTH_RSA,
  inAggressiveMode(signedOnTheRoad('xauth-rsa', BY_ROOT, 'pull', 'XAuth after RSA signatures')),
  longChainOf('in fragments'),
];

/** Theirs is refused by ours, which says whose certificate it is. */
function revokedAt(theirs: Role): Plan {
  const router = theirs === 'initiator' ? 'R2' : 'R3';
  const signs: Signing = { method: RSA, revoked: router };
  return {
    title: `${RSA}-revoked`,
    seconds: 60,
    ours: { protection: ANY_ESP, signs },
    theirs: { signs },
    run: (bed, pair) => revoked(bed, pair, theirs),
  };
}

/** The same in Aggressive Mode, at both ends. */
function inAggressiveMode(plan: Plan): Plan {
  return {
    ...plan,
    title: `aggressive-${plan.title}`,
    ours: { ...plan.ours, ...AGGRESSIVE },
    theirs: { ...plan.theirs, ...AGGRESSIVE },
    run: andThen(plan, 'in Aggressive Mode'),
  };
}

/** What a plan does, and what is seen to work when that is done. */
function andThen({ run }: Plan, seen: string): Plan['run'] {
  return async (bed, pair) => {
    await run(bed, pair);
    bed.verify(seen);
  };
}

const UNDER_NONSENSE: Plan = {
  title: 'nonsense',
  seconds: 120,
  run: (bed, pair) => nonsense(bed, pair, pair.initiator.program === 'espalier' ? 'initiator' : 'responder', 60),
};

/** strongSwan calls from an address that ours has never heard of: in Main Mode, as Junos has it for dynamic endpoints. */
const ROAD_WARRIOR: Plan = {
  ...TUNNEL,
  title: 'road-warrior',
  ours: { peers: 'anywhere' },
  run: andThen(TUNNEL, 'from anywhere'),
};

/** A user on the road, who is asked who they are and given an address. */
function roadOf(mode: 'main' | 'aggressive', how: RoadSettings): Plan {
  const settings = { mode, road: how };
  return { title: `road-${mode}-${how.method}`, seconds: 90, ours: settings, theirs: settings, run: road };
}

/** The user is asked for the password again. */
const ROAD_REAUTHENTICATED: Plan = {
  ...REAUTHENTICATED_BY_PEER,
  title: 'road-main-pull-reauthentication',
  ours: { road: { method: 'pull' } },
  theirs: { ...REAUTHENTICATED_BY_PEER.theirs, road: { method: 'pull' } },
};

const ROADS: readonly Plan[] = (['main', 'aggressive'] as const).flatMap((mode) =>
  (['pull', 'push'] as const).map((method) => roadOf(mode, { method })),
);

const HYBRID = { ...BY_ROOT, hybrid: true } as const;

/** The same with certificates: the road has traffic. */
function signedRoad(title: string, mode: 'main' | 'aggressive', signs: Signing, how: RoadSettings, seen: string): Plan {
  const settings = { mode, road: how, signs };
  return {
    ...{ title: `road-${mode}-${how.method}-${title}`, seconds: 90, ours: settings, theirs: settings },
    run: andThen({ ...TUNNEL, run: road }, seen),
  };
}

const SIGNED_ROADS_WITH_TRAFFIC: readonly Plan[] = [
  signedRoad('xauth-rsa', 'main', BY_ROOT, { method: 'pull' }, 'XAuth after RSA signatures'),
  signedRoad('xauth-rsa', 'aggressive', BY_ROOT, { method: 'pull' }, 'XAuth after RSA signatures'),
  signedRoad('hybrid-rsa', 'main', HYBRID, { method: 'push' }, 'hybrid RSA'),
  signedRoad('hybrid-rsa', 'aggressive', HYBRID, { method: 'pull' }, 'hybrid RSA'),
];
const VPNC_HYBRID = signedRoad('hybrid-rsa', 'aggressive', HYBRID, { method: 'pull', everything: true }, 'hybrid RSA');

/** Ours has a TUN of 9000 octets, and a tunnel of 1300. */
const LARGE_TUN = { tunMtu: 9000, tunnelMtu: 1300 };

function pathMtuOf(families: Families): Plan {
  const title = `path-mtu-${families.inner}in${families.outer}`;
  return { title, seconds: 180, families, ours: LARGE_TUN, run: (bed, pair) => smallLink(bed, pair, 1400) };
}

const PATH_MTU_FAR_AWAY: Plan = {
  title: 'path-mtu-far-away',
  seconds: 180,
  ours: { tunMtu: 9000 },
  run: (bed, pair) => smallLinkFarAway(bed, pair, 1300),
};

const LAB: Plan = { title: 'ospf', seconds: 180, needs: ['frr'], selectors: 'any', run: ospf };

const SCAN: Case = {
  name: 'ike-scan',
  peer: 'ike-scan',
  role: 'initiator',
  suite: SCAN_SUITE,
  seconds: 90,
  needs: ['network', 'ike-scan'],
  runs: 'full',
  run: (bed) => scan(bed, makeGateway('espalier', bed, 'R3', { suite: suite(SCAN_SUITE), selectors: 'networks' })),
};

const PSK_CRACK: Case = {
  name: 'psk-crack',
  peer: 'psk-crack',
  role: 'initiator',
  suite: SCAN_SUITE,
  seconds: 60,
  needs: ['network', 'ike-scan'],
  runs: 'full',
  run: (bed) => {
    const settings = { suite: suite(SCAN_SUITE), selectors: 'networks', ...AGGRESSIVE } as const;
    return crack(bed, makeGateway('espalier', bed, 'R3', settings));
  },
};

/** Every pair of families in tunnel mode, both in transport mode, in UDP, with extended sequence numbers. */
const SCAPY_FORMS: readonly Form[] = [
  ...([4, 6] as const).flatMap((outer) =>
    ([4, 6] as const).map((inner) => ({ mode: 'tunnel', inner, outer, inUdp: false, esn: false }) as const),
  ),
  { mode: 'tunnel', inner: 4, outer: 4, inUdp: true, esn: false },
  { mode: 'tunnel', inner: 4, outer: 4, inUdp: false, esn: true },
  { mode: 'transport', inner: 4, outer: 4, inUdp: false, esn: false },
  { mode: 'transport', inner: 6, outer: 6, inUdp: false, esn: false },
  { mode: 'transport', inner: 4, outer: 4, inUdp: true, esn: false },
  { mode: 'transport', inner: 6, outer: 6, inUdp: false, esn: true },
];

const SCAPY: readonly Case[] = SCAPY_FORMS.map((form) => ({
  name: `scapy-esp-${titleOf(form)}`,
  peer: 'scapy',
  role: 'both',
  suite: 'all that both have',
  seconds: 150,
  needs: ['network', 'scapy'],
  runs: 'full',
  run: (bed) => espWithScapy(bed, form),
}));

const SCAPY_AH: readonly Case[] = SCAPY_FORMS.filter(({ inUdp }) => !inUdp).map((form) => ({
  name: `scapy-ah-${titleOf(form)}`,
  peer: 'scapy',
  role: 'both',
  suite: 'all MACs that both have',
  seconds: 60,
  needs: ['network', 'scapy'],
  runs: 'full',
  run: (bed) => ahWithScapy(bed, form),
}));

const LINUX: readonly Case[] = (['tunnel', 'transport'] as const).map((mode) => ({
  name: `linux-esp-${mode}`,
  peer: 'Linux',
  role: 'both',
  suite: 'all that both have',
  seconds: 120,
  needs: ['network', 'python'],
  runs: 'full',
  run: (bed) => espWithLinux(bed, mode),
}));

const TSHARK: Case = {
  name: 'tshark-esp',
  peer: 'tshark',
  role: 'observer',
  suite: 'all that both have',
  seconds: 60,
  needs: ['network', 'tshark'],
  runs: 'full',
  run: espInWireshark,
};

/** Every case, in the order in which they run. */
export const CASES: readonly Case[] = [
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, { ...TUNNEL, runs: 'smoke' })),
  ...ROLES.flatMap((role) => STRONGSWAN_SUITES.slice(1).map((name) => pairCase('strongswan', role, name, TUNNEL))),
  ...ROLES.flatMap((role) => STRONGSWAN_CURVES.map((name) => pairCase('strongswan', role, name, TUNNEL))),
  ...ROLES.flatMap((role) => STRONGSWAN_ESP_SUITES.map(({ name }) => pairCase('strongswan', role, name, TUNNEL))),
  ...ROLES.flatMap((role) =>
    STRONGSWAN_IKE_SUITES.map(({ name }) => pairCase('strongswan', role, name, IKE_ALONE, 'espalier-ike')),
  ),
  ...ROLES.flatMap((role) => IPV6_TUNNELS.map((plan) => pairCase('strongswan', role, SEED_SUITE, plan))),
  ...ROLES.flatMap((role) => ON_LINUX.map((plan) => pairCase('strongswan', role, SEED_SUITE, plan))),
  pairCase('strongswan', 'responder', STRONGSWAN_SUITES[1], tunnelOf(6, 6)),
  pairCase('strongswan', 'initiator', SEED_SUITE, {
    ...RENEWED_BY_PEER,
    title: 'rekey-6in6',
    families: { outer: 6, inner: 6 },
  }),
  ...ROLES.flatMap((role) => STRONGSWAN_SUITES.map((name) => pairCase('strongswan', role, name, RENEWED_BY_PEER))),
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, RENEWED_BY_OURS)),
  ...ROLES.flatMap((role) =>
    [REAUTHENTICATED_BY_PEER, REAUTHENTICATED_BY_OURS].map((plan) => pairCase('strongswan', role, SEED_SUITE, plan)),
  ),
  pairCase('strongswan', 'initiator', SEED_SUITE, ROAD_REAUTHENTICATED),
  ...ROLES.flatMap((role) => ROLES.map((victim) => pairCase('strongswan', role, SEED_SUITE, deadPeerOf(victim)))),
  ...ROLES.flatMap((role) => ROLES.map((victim) => pairCase('strongswan', role, SEED_SUITE, restartOf(victim)))),
  ...ROLES.map((role) => pairCase('strongswan', role, STRONGSWAN_SUITES[1], AT_SPEED)),
  ...ROLES.flatMap((role) =>
    ([1, 2] as const).map((phase) => pairCase('strongswan', role, SEED_SUITE, lossyAt(role, phase))),
  ),
  ...ROLES.flatMap((role) =>
    ROLES.map((victim) =>
      pairCase(
        'strongswan',
        role,
        SEED_SUITE,
        quietRestartOf(victim, role === 'initiator' ? 'responder' : 'initiator'),
      ),
    ),
  ),
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, behindNat(role))),
  ...ROLES.map(twoBehindNatOf),
  FIRST_TUNNEL,
  L2TP_BEHIND_NAT,
  pairCase('strongswan', 'initiator', SEED_SUITE, UNDER_NONSENSE),
  ...ROLES.flatMap((role) => LIBRESWAN_SUITES.map((name) => pairCase('libreswan', role, name, TUNNEL))),
  ...ROLES.map((role) => pairCase('libreswan', role, 'libreswan-default', TUNNEL)),
  ...ROLES.flatMap((role) => LIBRESWAN_SUITES.map((name) => pairCase('libreswan', role, name, RENEWED_BY_PEER))),
  ...ROLES.flatMap((role) =>
    PROTECTIONS.map((one) => pairCase('libreswan', role, LIBRESWAN_SUITES[0], protectedBy(one), 'espalier-ike')),
  ),
  pairCase('libreswan', 'responder', LIBRESWAN_SUITES[0], RENEWED_BY_OURS),
  ...ROLES.flatMap((role) =>
    [...LIBRESWAN_SIGNATURES, revokedAt(role)].map((plan) =>
      pairCase('libreswan', role, LIBRESWAN_SUITES[0], plan, 'espalier-ike'),
    ),
  ),
  ...ROLES.flatMap((role) =>
    ROLES.map((victim) => pairCase('libreswan', role, LIBRESWAN_SUITES[0], deadPeerOf(victim))),
  ),
  ...ROLES.flatMap((role) => [
    ...[TUNNEL, RENEWED_BY_PEER, behindNat(role)].map((plan) =>
      pairCase('strongswan', role, SEED_SUITE, inAggressiveMode(plan)),
    ),
    pairCase('libreswan', role, LIBRESWAN_SUITES[1], inAggressiveMode(TUNNEL)),
  ]),
  ...STRONGSWAN_SUITES.slice(0, 2).map((name) => pairCase('strongswan', 'initiator', name, ROAD_WARRIOR)),
  ...ROLES.flatMap((role) =>
    [...ROADS, ...SIGNED_ROADS_WITH_TRAFFIC].map((plan) => pairCase('strongswan', role, SEED_SUITE, plan)),
  ),
  ...ROLES.flatMap((role) =>
    [TUNNEL, RENEWED_BY_PEER, behindNat(role)].map((plan) =>
      pairCase('strongswan', role, STRONGSWAN_SUITES[1], withCertificates(plan)),
    ),
  ),
  ...ROLES.flatMap((role) =>
    [...SIGNATURES, revokedAt(role)].map((plan) => pairCase('strongswan', role, SIGNING_SUITE, plan, 'espalier-ike')),
  ),
  ...ROLES.flatMap((role) => ROADS.slice(0, 2).map((plan) => pairCase('libreswan', role, LIBRESWAN_SUITES[0], plan))),
  pairCase('vpnc', 'initiator', SEED_SUITE, roadOf('aggressive', { method: 'pull', everything: true })),
  pairCase('vpnc', 'initiator', 'aes128-sha1', VPNC_HYBRID),
  ...ROADS.slice(0, 3).map((plan) => pairCase('espalier', 'initiator', SEED_SUITE, plan)),
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, pathMtuOf({ outer: 4, inner: 4 }))),
  pairCase('strongswan', 'responder', SEED_SUITE, pathMtuOf({ outer: 4, inner: 6 })),
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, PATH_MTU_FAR_AWAY)),
  SCAN,
  PSK_CRACK,
  ...SCAPY,
  ...SCAPY_AH,
  TSHARK,
  ...LINUX,
  pairCase('espalier', 'responder', SEED_SUITE, LAB),
  ...ROLES.map((role) => pairCase('strongswan', role, SEED_SUITE, LAB)),
  ...references(),
];

/** The same scenarios without ours: they prove the harness, and show what the peers make of each other. */
function references(): readonly Case[] {
  const named = (plan: Plan): Plan => ({ ...plan, runs: 'named' });
  const between = (peer: Program, role: Role, name: string, plan: Plan): Case =>
    pairCase(peer, role, name, named(plan), 'strongswan');
  const tunnels = [
    ...STRONGSWAN_SUITES.map((name) => between('strongswan', 'initiator', name, TUNNEL)),
    ...IPV6_TUNNELS.map((plan) => between('strongswan', 'initiator', SEED_SUITE, plan)),
  ];
  const plans = [RENEWED_BY_PEER, deadPeerOf('initiator'), restartOf('responder'), behindNat('initiator'), LAB];
  return [
    ...tunnels,
    ...plans.map((plan) => between('strongswan', 'initiator', SEED_SUITE, plan)),
    ...ROLES.map((role) => between('libreswan', role, LIBRESWAN_SUITES[0], TUNNEL)),
    ...ROLES.map((role) => between('libreswan', role, LIBRESWAN_SUITES[1], RENEWED_BY_PEER)),
    between('libreswan', 'initiator', LIBRESWAN_SUITES[0], deadPeerOf('responder')),
  ];
}

function pairCase(peer: Program, role: Role, suiteName: string, plan: Plan, ours: Program = 'espalier'): Case {
  const selectors = plan.selectors ?? 'networks';
  const common = { suite: suite(suiteName), selectors };
  const mine = { program: ours, settings: { ...common, ...plan.ours } };
  const theirs = { program: peer, settings: { ...common, ...plan.theirs } };
  const ends = role === 'initiator' ? { initiator: theirs, responder: mine } : { initiator: mine, responder: theirs };
  const peerName = ours.startsWith('espalier') ? peer : `reference-${peer}`;
  return {
    name: `${peerName}-${role}-${suiteName}-${plan.title}`,
    peer: peerName,
    role,
    suite: suiteName,
    seconds: plan.seconds,
    needs: ['network', ...needsOf(peer), ...needsOf(ours), ...(plan.needs ?? [])],
    runs: plan.runs ?? 'full',
    ...(plan.families === undefined ? {} : { families: plan.families }),
    run: async (bed) => {
      // With any selectors a routing protocol decides.
      if (selectors === 'networks') await routeHosts(plan.families);
      await plan.run(bed, makePair(bed, ends));
    },
  };
}

function needsOf(program: Program): readonly Need[] {
  return program === 'espalier' || program === 'espalier-ike' ? [] : [program];
}
