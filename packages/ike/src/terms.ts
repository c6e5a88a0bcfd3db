import { PEER_PROFILES } from './peer/profiles/profiles.ts';
import { LENIENT, type Leniency, leniencyOf } from './tolerances.ts';
import type { LifetimeCheck, PeerConfig } from './types.ts';

/** On what terms a peer is dealt with, beyond what an RFC has: as its profile says, and its configuration in front of that. */
export interface Terms {
  readonly leniency: Leniency;
  readonly lifetimeCheck: LifetimeCheck;
  /** What becomes of a peer's lifetime that is too short to live with. */
  readonly shortLifetimes: 'raise' | 'refuse';
  /** An IKE SA that was renewed ends here without a Delete, which the peer would take for more than it says. */
  readonly keepsRenewed: boolean;
  /** Whether message 2 of Quick Mode has the commit bit. */
  readonly setsCommitBit: boolean;
}

export const DEFAULT_TERMS: Terms = {
  leniency: LENIENT,
  lifetimeCheck: 'claim',
  shortLifetimes: 'raise',
  keepsRenewed: false,
  setsCommitBit: false,
};

/** Where a configuration says nothing, those that all share. */
export function termsOf({ profile, tolerances, lifetimeCheck, shortLifetimes, commitBit }: PeerConfig): Terms {
  const said = [profile, tolerances, lifetimeCheck, shortLifetimes, commitBit];
  if (said.every((one) => one === undefined)) return DEFAULT_TERMS;
  return {
    leniency: leniencyOf(tolerances),
    lifetimeCheck: lifetimeCheck ?? DEFAULT_TERMS.lifetimeCheck,
    shortLifetimes: shortLifetimes ?? DEFAULT_TERMS.shortLifetimes,
    keepsRenewed: profile !== undefined && PEER_PROFILES[profile].keepsRenewed === true,
    setsCommitBit: commitBit ?? DEFAULT_TERMS.setsCommitBit,
  };
}
