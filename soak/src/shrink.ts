import type { WorldPlan } from './plan/plan.ts';
import { type Outcome, runWorld } from './world/world.ts';

/** What of a world is left out: `s3` its storm 3, `d0` its disaster 0, `t2` its tunnel 2. */
export interface Cut {
  readonly without: readonly string[];
  /** In milliseconds; undefined: when it would end. */
  readonly until: number | undefined;
}

/** A smaller world in which the same law does not hold. */
export interface Shrunk {
  readonly cut: Cut;
  readonly outcome: Outcome;
}

/** @throws RangeError for a part that the world does not have. */
export function cutWorld(plan: WorldPlan, { without, until }: Cut): WorldPlan {
  const known = partsOf(plan);
  const stranger = without.find((part) => !known.includes(part));
  if (stranger !== undefined) throw new RangeError(`without: the world has no ${stranger}`);
  const left = <T>(letter: string, parts: readonly T[]): readonly T[] =>
    parts.filter((_, i) => !without.includes(`${letter}${i}`));
  // A tunnel is named by its number: those that are left out are empty.
  const tunnels = plan.tunnels.map((tunnel, i) =>
    without.includes(`t${i}`) ? { ...tunnel, authentication: 'by-hand' as const, children: [] } : tunnel,
  );
  return {
    ...plan,
    tunnels,
    storms: left('s', plan.storms),
    disasters: left('d', plan.disasters),
    endsAt: until ?? plan.endsAt,
  };
}

function partsOf({ storms, disasters, tunnels }: WorldPlan): readonly string[] {
  return [...tunnels.map((_, i) => `t${i}`), ...disasters.map((_, i) => `d${i}`), ...storms.map((_, i) => `s${i}`)];
}

/** Leaves out what is not needed for the first violation of `outcome`, for at most so many milliseconds. */
export function shrink(plan: WorldPlan, outcome: Outcome, milliseconds: number): Shrunk {
  const stopAt = performance.now() + milliseconds;
  const law = outcome.violations[0]?.law;
  let best: Shrunk = { cut: { without: [], until: undefined }, outcome };
  const attempt = (cut: Cut): boolean => {
    const smaller = runWorld(cutWorld(plan, cut));
    if (smaller.violations[0]?.law !== law) return false;
    best = { cut, outcome: smaller };
    return true;
  };
  for (let hasShrunk = true; hasShrunk && performance.now() < stopAt; ) {
    hasShrunk = false;
    for (const part of partsOf(plan)) {
      if (best.cut.without.includes(part) || performance.now() >= stopAt) continue;
      if (attempt({ ...best.cut, without: [...best.cut.without, part] })) hasShrunk = true;
    }
  }
  return best;
}

/** The command by which a world happens again. */
export function commandFor(seed: number, { without, until }: Cut): string {
  const parts = without.length === 0 ? '' : ` --without ${without.join(',')}`;
  const end = until === undefined ? '' : ` --until ${until}`;
  return `npm run soak -- --seed ${seed} --worlds 1${parts}${end}`;
}
