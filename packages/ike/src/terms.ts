import type { PeerProfile } from './peer/profiles/profile.ts';
import { PEER_PROFILES } from './peer/profiles/profiles.ts';
import { LENIENT, type Leniency, leniencyOf } from './tolerances.ts';
import type { LifetimeCheck, PeerConfig } from './types.ts';

/** On what terms a peer is dealt with, beyond what an RFC has: as its profile says, and its configuration in front of that. */
export interface Terms {
  readonly leniency: Leniency;
  readonly lifetimeCheck: LifetimeCheck;
  /** What becomes of a peer's lifetime that is too short to live with. */
  readonly shortLifetimes: 'raise' | 'refuse';
}

export const DEFAULT_TERMS: Terms = { leniency: LENIENT, lifetimeCheck: 'claim', shortLifetimes: 'raise' };

export function termsOf({ profile, tolerances, lifetimeCheck, shortLifetimes }: PeerConfig): Terms {
  const known: Partial<PeerProfile> = profile === undefined ? {} : PEER_PROFILES[profile];
  const own = { ...known.tolerances, ...tolerances };
  return {
    leniency: leniencyOf(own),
    lifetimeCheck: lifetimeCheck ?? known.lifetimeCheck ?? DEFAULT_TERMS.lifetimeCheck,
    shortLifetimes: shortLifetimes ?? DEFAULT_TERMS.shortLifetimes,
  };
}
