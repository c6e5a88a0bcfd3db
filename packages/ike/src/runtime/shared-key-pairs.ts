import type { DhGroupNumber, DhKeyPair, Engine, Rng } from '@espalier/crypto';
import { after, type Instant, milliseconds } from '@espalier/wire';
import { HALF_OPEN_LIFETIME } from '../limits.ts';
import type { Timers } from './timers.ts';

/** A key pair, and until when it is given out. */
interface Shared {
  readonly pair: DhKeyPair;
  readonly until: Instant;
}

/**
 * One key pair of each group for all who ask within a minute: whoever begins Aggressive Mode from a forged address costs
 * no key exchange. Each is overwritten when the last half-open IKE SA that has it must be over.
 */
export class SharedKeyPairs {
  readonly #engine: Engine;
  readonly #rng: Rng;
  readonly #timers: Timers;
  readonly #now: () => Instant;
  readonly #current = new Map<DhGroupNumber, Shared>();
  /** Those that are given out no more, too, until they are overwritten. */
  readonly #all = new Set<DhKeyPair>();

  constructor(engine: Engine, rng: Rng, timers: Timers, now: () => Instant) {
    this.#engine = engine;
    this.#rng = rng;
    this.#timers = timers;
    this.#now = now;
  }

  pair(group: DhGroupNumber): DhKeyPair {
    const now = this.#now();
    const known = this.#current.get(group);
    if (known !== undefined && now < known.until) return known.pair;
    const pair = this.#engine.createDhKeyPair(group, this.#rng);
    this.#current.set(group, { pair, until: after(now, HALF_OPEN_LIFETIME) });
    this.#all.add(pair);
    this.#timers.set(after(now, milliseconds(2 * HALF_OPEN_LIFETIME)), 'key-pair-expiry', {
      due: () => {
        if (this.#current.get(group)?.pair === pair) this.#current.delete(group);
        this.#all.delete(pair);
        pair.wipe();
      },
    });
    return pair;
  }

  wipe(): void {
    for (const pair of this.#all) pair.wipe();
    this.#all.clear();
    this.#current.clear();
  }
}
