import type { TunnelPlan, WorldPlan } from '../plan/plan.ts';
import type { Violation } from '../world/violation.ts';
import { runWorld } from '../world/world.ts';

const SITE = {
  nat: undefined,
  natMemory: 60_000,
  clockOffset: 0,
  clockRate: 1,
  establish: 'on-traffic',
  outside: 'ip',
} as const;

/** IVs that are counted, which must never come twice under one key, and such as chance decides. */
export const SUITES = [
  'aes-128-gcm-16',
  'aes-128-ctr/hmac-sha1-96',
  'aes-128-ccm-16',
  'aes-128-cbc/hmac-sha1-96',
] as const;

const CHILD = {
  inner: 4,
  mode: 'tunnel',
  suite: 'aes-128-gcm-16',
  ah: undefined,
  ipcomp: false,
  lifetimes: [3600_000, 3600_000],
  kilobytes: undefined,
  pfs: false,
  esn: false,
  window: 64,
  pauses: [300, 400],
  longest: 200,
} as const;

const TUNNEL: TunnelPlan = {
  a: 0,
  b: 1,
  outer: 4,
  template: false,
  mode: 'main',
  authentication: 'key',
  proposal: { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2 },
  lifetimes: [3600_000, 3600_000],
  deadPeerDetection: [undefined, undefined],
  unknownSpiResponses: [5, 5],
  channel: 'dangling',
  answerDelay: 0,
  children: [CHILD],
};

/** Two gateways with a tunnel by IKE and one with keys by hand, of one suite; both talk for three seconds. */
export function session(seed: number, mode: TunnelPlan['mode'], suite: string = SUITES[0]): WorldPlan {
  const seconds = 1000;
  const byIke = { ...TUNNEL, mode, children: [{ ...CHILD, suite }] };
  const byHand = { ...TUNNEL, authentication: 'by-hand', children: [{ ...CHILD, suite, inner: 6 }] } as const;
  return {
    seed,
    sites: [SITE, SITE],
    tunnels: [byIke, byHand],
    storms: [],
    disasters: [],
    healsAt: 3 * seconds,
    calmAt: 12 * seconds,
    endsAt: 13 * seconds,
  };
}

/**
 * Every moment at which a gateway of the session sends or receives.
 * @throws Error where it breaks a law without a cut, or nothing happens in it: cuts of it would say nothing.
 */
function steps(plan: WorldPlan): readonly number[] {
  const moments = new Set<number>();
  const { violations } = runWorld(plan, { logged: ({ at }) => moments.add(at) });
  const [first] = violations;
  if (first !== undefined) throw new Error(`without a cut: ${first.law}: ${first.detail}`);
  if (moments.size === 0) throw new Error('nothing happens in the session');
  return [...moments].filter((at) => at <= plan.healsAt);
}

/** What the power being cut at one moment came to. */
export interface PowerCut {
  readonly at: number;
  readonly violations: readonly Violation[];
}

/**
 * Cuts the power of the one gateway or the other at every moment at which something happens in a session, or at each `every`th:
 * just before it, or a millisecond later.
 */
export function powerCuts(mode: TunnelPlan['mode'], every: number = 1, suite: string = SUITES[0]): readonly PowerCut[] {
  const plan = session(mode === 'main' ? 1 : 2, mode, suite);
  const chosen = steps(plan).filter((_, i) => i % every === 0);
  return chosen.flatMap((moment) =>
    [0, 1].map((site) => {
      const at = moment + site;
      const cut = { kind: 'restart', at, site, pause: 1 } as const;
      return { at, violations: runWorld({ ...plan, disasters: [cut] }).violations };
    }),
  );
}
