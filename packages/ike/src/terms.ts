import type { PrivateGroup } from '@espalier/crypto';
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
  /** Groups without a number that the peer may give one. */
  readonly acceptedGroups: readonly PrivateGroup[];
  /** Whether message 2 of Quick Mode has the commit bit. */
  readonly setsCommitBit: boolean;
}

export const DEFAULT_TERMS: Terms = {
  leniency: LENIENT,
  lifetimeCheck: 'claim',
  shortLifetimes: 'raise',
  keepsRenewed: false,
  acceptedGroups: [],
  setsCommitBit: false,
};

/** Where a configuration says nothing, those that all share. */
export function termsOf(config: PeerConfig): Terms {
  const { profile, tolerances, lifetimeCheck, shortLifetimes, commitBit, acceptedGroups } = config;
  const said = [profile, tolerances, lifetimeCheck, shortLifetimes, commitBit, acceptedGroups];
  if (said.every((one) => one === undefined)) return DEFAULT_TERMS;
  return {
    leniency: leniencyOf(tolerances),
    lifetimeCheck: lifetimeCheck ?? DEFAULT_TERMS.lifetimeCheck,
    shortLifetimes: shortLifetimes ?? DEFAULT_TERMS.shortLifetimes,
    keepsRenewed: profile !== undefined && PEER_PROFILES[profile].keepsRenewed === true,
    acceptedGroups: acceptedGroups ?? DEFAULT_TERMS.acceptedGroups,
    setsCommitBit: commitBit ?? DEFAULT_TERMS.setsCommitBit,
  };
}
