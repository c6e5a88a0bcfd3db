import type { KeyLimits } from '@espalier/crypto';
import type { Duration, Instant } from '@espalier/wire';
import { requireObject } from '@espalier/wire';

/** Bounds of an SA's life; whichever is reached first ends it. An absent one is no bound. */
export interface LifetimeLimits {
  /** Since the SA was established. */
  readonly time?: Duration;
  /** Octets of inner packets. */
  readonly octets?: number;
  readonly packets?: number;
}

/** RFC 4301 §4.4.2.1. */
export interface Lifetime {
  readonly establishedAt: Instant;
  /** When to negotiate a successor. Nothing is refused for it. */
  readonly soft?: LifetimeLimits;
  /** When to stop: every later packet is refused. */
  readonly hard?: LifetimeLimits;
}

/** `soft`: time to negotiate a successor; `hard`: every packet is refused (RFC 4301 §4.4.2.1). */
export type LifetimeState = 'fresh' | 'soft' | 'hard';

/** What has gone through an SA. */
export interface Carried {
  readonly packets: number;
  readonly octets: number;
}

const NOTHING: Carried = { packets: 0, octets: 0 };

/** What a key protects at most, in the place of what its suite says: see `keyLimits` of @espalier/crypto. */
export type KeyUses = Readonly<Partial<KeyLimits>>;

/** Counts what an SA has carried and holds it against its lifetime. An earlier `now` counts as the latest seen. */
export class LifetimeMeter {
  readonly #soft: Bounds;
  readonly #hard: Bounds;
  #latest = Number.NEGATIVE_INFINITY;
  #packets: number;
  #octets: number;
  #isOver: boolean;

  /**
   * @param key Bounds of its key.
   * @param carried What the SA has carried before.
   * @throws RangeError for a limit that is negative or not a number; TypeError for a lifetime that begins nowhere.
   */
  constructor(lifetime: Lifetime | undefined, key: KeyUses = {}, carried: Carried = NOTHING) {
    if (lifetime !== undefined) {
      requireObject('lifetime', lifetime);
      // No time would be after an instant that is none: an SA without end.
      if (!Number.isFinite(lifetime.establishedAt)) throw new TypeError('lifetime.establishedAt must be an instant');
    }
    this.#packets = carried.packets;
    this.#octets = carried.octets;
    this.#soft = nearer(
      bounds(lifetime?.establishedAt, lifetime?.soft, 'lifetime.soft'),
      bounds(0, key.soft, 'keyLimits.soft'),
    );
    this.#hard = nearer(
      bounds(lifetime?.establishedAt, lifetime?.hard, 'lifetime.hard'),
      bounds(0, key.hard, 'keyLimits.hard'),
    );
    this.#isOver = this.#reached(this.#hard);
  }

  get packets(): number {
    return this.#packets;
  }

  get octets(): number {
    return this.#octets;
  }

  count(octets: number): void {
    this.#packets += 1;
    this.#octets += octets;
    if (this.#octets >= this.#hard.octets || this.#packets >= this.#hard.packets) this.#isOver = true;
  }

  state(now: Instant): LifetimeState {
    this.see(now);
    if (this.#isOver) return 'hard';
    return this.#reached(this.#soft) ? 'soft' : 'fresh';
  }

  /** What time it is: once for all packets of a batch. @throws TypeError for a `now` that is none. */
  see(now: Instant): void {
    if (!(now <= this.#latest)) this.#move(now);
  }

  /** Whether the hard lifetime is over, at the latest instant seen. */
  get isOver(): boolean {
    return this.#isOver;
  }

  #move(now: Instant): void {
    // As above: one that is none would let everything through.
    if (!Number.isFinite(now)) throw new TypeError('now must be an instant');
    this.#latest = now;
    this.#isOver = this.#reached(this.#hard);
  }

  #reached(bounds: Bounds): boolean {
    return this.#latest >= bounds.at || this.#octets >= bounds.octets || this.#packets >= bounds.packets;
  }
}

interface Bounds {
  readonly at: number;
  readonly octets: number;
  readonly packets: number;
}

function nearer(one: Bounds, other: Bounds): Bounds {
  return {
    at: Math.min(one.at, other.at),
    octets: Math.min(one.octets, other.octets),
    packets: Math.min(one.packets, other.packets),
  };
}

function bounds(establishedAt: number | undefined, limits: LifetimeLimits | undefined, name: string): Bounds {
  const limit = (kind: keyof LifetimeLimits): number => {
    const value = limits?.[kind] ?? Number.POSITIVE_INFINITY;
    if (!(typeof value === 'number' && value >= 0)) throw new RangeError(`${name}.${kind}: must be a number from 0`);
    return value;
  };
  return { at: (establishedAt ?? 0) + limit('time'), octets: limit('octets'), packets: limit('packets') };
}
