import type { PeerProfile } from './profile.ts';

/** Implementations that are met, and what is to be known of each. */
export const PEER_PROFILES: Readonly<Record<PeerProfileName, PeerProfile>> = {
  strongswan: { title: 'strongSwan', habits: [] },
};

export type PeerProfileName = 'strongswan';
