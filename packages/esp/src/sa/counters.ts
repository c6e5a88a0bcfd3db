import type { EspRefusal } from './refusals.ts';

/** What one SA has done so far: plain values, a copy. */
export interface EspCounters {
  /** Packets sealed, or opened and found good in every respect. */
  readonly packets: number;
  /** Octets of those packets: of the inner IP packets, without padding. */
  readonly octets: number;
  /** Packets refused, for each reason; zeros included. */
  readonly refusals: Readonly<Record<EspRefusal, number>>;
}

const NONE: Readonly<Record<EspRefusal, number>> = {
  'bad-outer': 0,
  fragment: 0,
  malformed: 0,
  'wrong-spi': 0,
  expired: 0,
  'sequence-zero': 0,
  replayed: 0,
  'too-old': 0,
  'not-kept': 0,
  'bad-icv': 0,
  'bad-padding': 0,
  'bad-next-header': 0,
  dummy: 0,
  'bad-inner': 0,
  congested: 0,
  'sequence-exhausted': 0,
  'too-long': 0,
};

/** Counts refusals by their reason. */
export class RefusalCounter {
  /** Made for the first that is counted: most SAs never refuse a packet. */
  #counts: Record<EspRefusal, number> | undefined;

  count(reason: EspRefusal): void {
    this.#counts ??= { ...NONE };
    this.#counts[reason] += 1;
  }

  snapshot(): Record<EspRefusal, number> {
    return { ...(this.#counts ?? NONE) };
  }
}
