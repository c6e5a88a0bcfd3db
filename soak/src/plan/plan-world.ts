import { Chance, seededChoices } from '@espalier/testing/network';
import { seconds } from '@espalier/wire';
import type {
  Authentication,
  ChildPlan,
  DisasterPlan,
  Family,
  ImpairmentKind,
  SitePlan,
  StormPlan,
  TunnelPlan,
  WorldPlan,
} from './plan.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;

/** How long after the network has healed every tunnel may take to be up again. */
export const CONVERGENCE: number = 4 * MINUTE;
const CALM = 10 * MINUTE;

/** The world of a seed: most are small, some have 20 gateways; a quarter is calm from beginning to end. */
export function planWorld(seed: number): WorldPlan {
  const chance = new Chance(seededChoices(seed));
  const sites = planSites(chance.fork());
  const tunnels = planTunnels(chance.fork(), sites).map((tunnel) => calmer(tunnel, sites.length));
  const isCalm = chance.happens(0.25);
  const storm = (sites.length > 8 ? chance.between(10, 30) : chance.between(20, 120)) * MINUTE;
  const healsAt = isCalm ? 0 : storm;
  const calmAt = healsAt + CONVERGENCE;
  const endsAt = calmAt + (isCalm ? storm : CALM);
  const whenWithin = { until: healsAt };
  return {
    seed,
    sites: sites.map((site, i) => callingFirst(site, i, tunnels)),
    tunnels,
    storms: isCalm ? [] : planStorms(chance.fork(), sites, whenWithin),
    disasters: isCalm ? [] : planDisasters(chance.fork(), sites, tunnels, whenWithin),
    healsAt,
    calmAt,
    endsAt,
  };
}

/** Where there are many, each has less to say. */
function calmer(tunnel: TunnelPlan, sites: number): TunnelPlan {
  const factor = sites > 6 ? 3 : 1;
  const children = tunnel.children.map((child) => {
    const [a, b] = child.pauses;
    return { ...child, pauses: [Math.min(20_000, factor * a), Math.min(20_000, factor * b)] as const };
  });
  return { ...tunnel, children };
}

function planSites(chance: Chance): readonly SitePlan[] {
  const count = chance.happens(0.6) ? 2 : chance.happens(0.8) ? chance.between(3, 6) : chance.between(7, 20);
  return Array.from({ length: count }, (_, i) => planSite(chance, i));
}

function planSite(chance: Chance, index: number): SitePlan {
  const isBehindNat = index > 0 && chance.happens(0.25);
  return {
    nat: isBehindNat ? chance.pick(['full-cone', 'restricted', 'port-restricted', 'symmetric']) : undefined,
    natMemory: chance.between(30, 120) * SECOND,
    clockOffset: chance.below(1e9),
    clockRate: 1 + (chance.happens(0.8) ? chance.between(-500, 500) / 1e6 : chance.between(-50, 50) / 1e3),
    establish: chance.pick(['immediately', 'on-traffic']),
    outside: chance.happens(0.15) ? 'udp' : 'ip',
  };
}

/** Who is given an address has nobody who could send before. */
function callingFirst(site: SitePlan, index: number, tunnels: readonly TunnelPlan[]): SitePlan {
  const isUser = tunnels.some(({ a, authentication }) => a === index && authentication === 'user');
  return isUser ? { ...site, establish: 'immediately' } : site;
}

/** A tree of all, and some more between those that have public addresses. */
function planTunnels(chance: Chance, sites: readonly SitePlan[]): readonly TunnelPlan[] {
  const isPublic = (index: number): boolean => sites[index]?.nat === undefined;
  const tunnels: TunnelPlan[] = [];
  const templates = new Set<number>();
  const taken = new Set<string>();
  const add = (a: number, b: number): void => {
    const key = [a, b].sort((x, y) => x - y).join(' ');
    if (a === b || taken.has(key)) return;
    taken.add(key);
    const template = !templates.has(b) && chance.happens(isPublic(a) ? 0.1 : 0.5);
    if (template) templates.add(b);
    const inUdp = !isPublic(a) || [a, b].some((one) => sites[one]?.outside === 'udp');
    tunnels.push(planTunnel(chance, a, b, !isPublic(a), inUdp, template));
  };
  for (let i = 1; i < sites.length; i++) {
    const others = Array.from({ length: i }, (_, j) => j).filter(isPublic);
    const other = chance.pick(others);
    if (isPublic(i) && chance.happens(0.5)) add(other, i);
    else add(i, other);
  }
  for (let more = chance.below(sites.length); more > 0; more--) {
    const [a, b] = [chance.below(sites.length), chance.below(sites.length)];
    if (isPublic(a) && isPublic(b)) add(a, b);
  }
  return tunnels;
}

function planTunnel(
  chance: Chance,
  a: number,
  b: number,
  isBehindNat: boolean,
  inUdp: boolean,
  template: boolean,
): TunnelPlan {
  const canBeByHand = !inUdp && !template;
  const authentication = canBeByHand && chance.happens(0.1) ? 'by-hand' : planAuthentication(chance, template);
  const outer: Family = isBehindNat || chance.happens(0.6) ? 4 : 6;
  const lifetime = (): number =>
    (chance.happens(0.7) ? chance.between(300, 1800) : chance.between(1800, 7200)) * SECOND;
  const both = lifetime();
  const speaks = template || isBehindNat;
  const detection = (needed: boolean) =>
    needed || chance.happens(0.6)
      ? { idle: seconds(chance.between(5, 20)), interval: seconds(chance.between(2, 5)), retries: chance.between(2, 4) }
      : undefined;
  const children = planChildren(chance, outer, authentication, inUdp, template);
  return {
    a,
    b,
    outer,
    template,
    mode: chance.happens(0.7) ? 'main' : 'aggressive',
    authentication,
    proposal: {
      encryption: 'aes-cbc',
      keyOctets: chance.pick([16, 32]),
      hash: chance.pick(['sha1', 'sha2-256']),
      group: chance.pick([2, 5, 14]),
    },
    lifetimes: chance.happens(0.5) ? [both, both] : [both, lifetime()],
    deadPeerDetection: [detection(speaks), detection(false)],
    unknownSpiResponses: [chance.pick([0, 5]), chance.pick([0, 5])],
    channel: chance.pick(['dangling', 'continuous']),
    answerDelay: chance.pick([0, 100, 5000]),
    children,
  };
}

function planAuthentication(chance: Chance, template: boolean): Authentication {
  if (template && chance.happens(0.4)) return 'user';
  if (chance.happens(0.65)) return 'key';
  return chance.pick(['key-asked', 'signature', 'signature-asked', 'certificate']);
}

const SUITES = [
  'aes-128-cbc/hmac-sha1-96',
  'aes-256-cbc/hmac-sha2-256-128',
  'aes-128-gcm-16',
  'aes-256-gcm-8',
  'aes-128-ctr/hmac-sha1-96',
  'aes-128-ccm-8',
];
/** Costs more than all others. */
const OLD_SUITE = '3des-cbc/hmac-sha1-96';
/** Whose IVs no chance decides: keys by hand are used for as long as the world lasts. */
const SUITES_BY_HAND = ['aes-128-cbc/hmac-sha1-96', 'aes-128-gcm-16'];

function planChildren(
  chance: Chance,
  outer: Family,
  authentication: Authentication,
  inUdp: boolean,
  template: boolean,
): readonly ChildPlan[] {
  if (authentication === 'user') return [planChild(chance, 4, 'tunnel', false, inUdp)];
  const inners: readonly Family[] = chance.happens(0.6) ? [4] : chance.happens(0.5) ? [6] : [4, 6];
  const isByHand = authentication === 'by-hand';
  const tunnels = inners.map((inner) => planChild(chance, inner, 'tunnel', isByHand, inUdp));
  const hasHosts = !template && chance.happens(0.2);
  return hasHosts ? [...tunnels, planChild(chance, outer, 'transport', isByHand, inUdp)] : tunnels;
}

function planChild(
  chance: Chance,
  inner: Family,
  mode: ChildPlan['mode'],
  isByHand: boolean,
  inUdp: boolean,
): ChildPlan {
  const lifetime = (): number =>
    (chance.happens(0.7) ? chance.between(200, 1200) : chance.between(1200, 7200)) * SECOND;
  const both = lifetime();
  const pause = (): number => chance.between(1500, 20_000);
  return {
    inner,
    mode,
    suite: chance.happens(0.05) ? OLD_SUITE : chance.pick(isByHand ? SUITES_BY_HAND : SUITES),
    ah: !inUdp && !isByHand && chance.happens(0.1) ? chance.pick(['hmac-sha1-96', 'hmac-sha2-256-128']) : undefined,
    ipcomp: !isByHand && chance.happens(0.1),
    lifetimes: chance.happens(0.5) ? [both, both] : [both, lifetime()],
    kilobytes: chance.happens(0.15) ? chance.between(100, 1000) : undefined,
    pfs: chance.happens(0.3),
    esn: chance.happens(0.3),
    window: chance.pick([32, 64, 64, 1024]),
    pauses: [pause(), pause()],
    longest: longestOf(chance.pick([100, 300, 600, 1300, 1900]), mode === 'transport' && inUdp),
  };
}

/** What transport mode makes too long is fragmented outside, and a NAT passes no fragments on. */
function longestOf(octets: number, mustBeWhole: boolean): number {
  return mustBeWhole ? Math.min(octets, 600) : octets;
}

interface Within {
  readonly until: number;
}

/** What each kind is like at its mildest and at its worst. */
const VALUES: Readonly<Record<ImpairmentKind, readonly [number, number]>> = {
  loss: [1, 40],
  'burst-loss': [1, 10],
  duplication: [1, 50],
  corruption: [1, 30],
  truncation: [1, 20],
  reordering: [1, 50],
  replaying: [1, 30],
  delay: [1, 800],
  jitter: [1, 3000],
  bandwidth: [20_000, 1_000_000],
  mtu: [1280, 1480],
  'silent-mtu': [1280, 1480],
  cut: [0, 0],
};
const KINDS = Object.keys(VALUES).filter((kind): kind is ImpairmentKind => kind in VALUES);

function planStorms(chance: Chance, sites: readonly SitePlan[], { until }: Within): readonly StormPlan[] {
  return Array.from({ length: chance.between(1, 3 + 2 * sites.length) }, () => {
    const kind = chance.pick(KINDS);
    const longest = kind === 'cut' ? 10 * MINUTE : until;
    const from = chance.below(until);
    const lasts = chance.between(SECOND, longest);
    return {
      site: chance.below(sites.length),
      way: chance.pick(['outwards', 'inwards'] as const),
      kind,
      value: chance.between(...VALUES[kind]),
      from,
      until: Math.min(until, from + lasts),
    };
  });
}

function planDisasters(
  chance: Chance,
  sites: readonly SitePlan[],
  tunnels: readonly TunnelPlan[],
  { until }: Within,
): readonly DisasterPlan[] {
  return Array.from({ length: chance.below(2 + sites.length) }, () => planDisaster(chance, sites, tunnels, until));
}

function planDisaster(
  chance: Chance,
  sites: readonly SitePlan[],
  tunnels: readonly TunnelPlan[],
  until: number,
): DisasterPlan {
  const at = chance.below(until);
  const site = chance.below(sites.length);
  const kinds = [
    'restart',
    'partition',
    'jump',
    'reconfigure',
    ...(sites[site]?.nat === undefined ? [] : (['rebind'] as const)),
  ] as const;
  const kind = chance.pick(kinds);
  switch (kind) {
    case 'restart':
      return { kind, at, site, pause: Math.min(chance.below(3 * MINUTE), until - at) };
    case 'partition': {
      const apart = sites.map((_, i) => i).filter(() => chance.happens(0.5));
      return { kind, at, until: Math.min(until, at + chance.below(20 * MINUTE)), sites: apart };
    }
    case 'jump': {
      const by = chance.happens(0.7) ? chance.below(3 * 60 * MINUTE) : -chance.below(MINUTE);
      // A gateway of users cannot renew: set forward, it ends IKE SAs that their clients do not think of renewing yet.
      const waits = tunnels.some(({ b, authentication }) => b === site && authentication === 'user');
      return { kind, at, site, by: waits && by > 0 ? -(by % MINUTE) : by };
    }
    case 'reconfigure':
      return { kind, at, site, what: chance.pick(['peers', 'policies']), sas: chance.pick(['delete', 'keep']) };
    case 'rebind': {
      // Who knows a peer by its address does not find it at another.
      const mayMove = tunnels.every(({ a, template }) => a !== site || template);
      return { kind, at, site, moves: mayMove && chance.happens(0.5) };
    }
  }
}
