import type { WorldPlan } from '../plan/plan.ts';
import type { Law } from '../world/violation.ts';
import type { Outcome } from '../world/world.ts';

/** A law that did not hold, and how to see that again. */
export interface Found {
  readonly seed: number;
  readonly law: Law;
  readonly detail: string;
  readonly command: string;
}

/** What is counted of worlds. */
const COUNTED = [
  'worlds',
  'gateways',
  'tunnels',
  'storms',
  'disasters',
  /** Of virtual time, in milliseconds. */
  'lasted',
  'sent',
  'delivered',
  'handled',
  'handshakes',
  'pairs',
  'blackHoled',
  /** Worlds that happened twice, to see whether they are the same. */
  'repeated',
] as const;

type Counts = Record<(typeof COUNTED)[number], number>;

/** What worlds came to, as plain values. */
export interface Counted {
  readonly counts: Readonly<Counts>;
  /** Of each world in which all laws held, in milliseconds. */
  readonly convergence: readonly number[];
  /** How many worlds had how many gateways. */
  readonly sizes: readonly (readonly [number, number])[];
  readonly found: readonly Found[];
}

/** Whether a value is all that is counted. */
export function isCounts(value: unknown): value is Counts {
  if (typeof value !== 'object' || value === null) return false;
  const counts: Partial<Record<string, unknown>> = { ...value };
  return COUNTED.every((name) => Number.isFinite(counts[name]));
}

export function isFound(value: unknown): value is Found {
  if (typeof value !== 'object' || value === null) return false;
  const { seed, law, detail, command }: Partial<Record<keyof Found, unknown>> = value;
  return Number.isInteger(seed) && [law, detail, command].every((word) => typeof word === 'string');
}

/** What a run of worlds came to. */
export class Tally implements Counted {
  readonly counts: Counts = {
    worlds: 0,
    gateways: 0,
    tunnels: 0,
    storms: 0,
    disasters: 0,
    lasted: 0,
    sent: 0,
    delivered: 0,
    handled: 0,
    handshakes: 0,
    pairs: 0,
    blackHoled: 0,
    repeated: 0,
  };
  readonly convergence: number[] = [];
  readonly found: Found[] = [];
  readonly #sizes = new Map<number, number>();

  get sizes(): readonly (readonly [number, number])[] {
    return [...this.#sizes];
  }

  add(plan: WorldPlan, outcome: Outcome, repeated: number): void {
    const { sites, tunnels, storms, disasters } = plan;
    const { lasted, sent, delivered, handled, handshakes, pairs, blackHoled } = outcome;
    this.join({
      counts: {
        worlds: 1,
        gateways: sites.length,
        tunnels: tunnels.length,
        storms: storms.length,
        disasters: disasters.length,
        lasted,
        sent,
        delivered,
        handled,
        handshakes,
        pairs,
        blackHoled,
        repeated,
      },
      convergence: outcome.violations.length === 0 ? [outcome.convergedAfter] : [],
      sizes: [[sites.length, 1]],
      found: [],
    });
  }

  /** Adds what other worlds came to. */
  join({ counts, convergence, sizes, found }: Counted): void {
    for (const what of COUNTED) this.counts[what] += counts[what];
    for (const after of convergence) this.convergence.push(after);
    for (const [size, count] of sizes) this.#sizes.set(size, (this.#sizes.get(size) ?? 0) + count);
    for (const one of found) this.found.push(one);
  }
}
