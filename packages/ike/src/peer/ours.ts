import type { FailureDetail, OwnSide } from '../explain/detail.ts';
import { nameClient, nameIdentity } from '../explain/identity.ts';
import type { PeerError } from '../peer-error.ts';
import type { ChildPolicy, PeerConfig } from '../types.ts';
import { describePhase1Offer } from '../v1/proposals/phase1.ts';
import { describePhase2Offer } from '../v1/proposals/phase2.ts';
import { localIdentityOf } from './pad/profile.ts';

/** Beside what a peer told of a phase 1 that this side has begun: what this side had said of it. */
export function withOwnPhase1(detail: FailureDetail | undefined, config: PeerConfig): FailureDetail | undefined {
  return withOwn(detail, {
    offer: () => describePhase1Offer(config.proposals),
    identity: () => ({ kind: 'identity', identity: nameIdentity(localIdentityOf(config)) }),
  });
}

/** Likewise of a Quick Mode. */
export function withOwnPhase2(detail: FailureDetail | undefined, policy: ChildPolicy): FailureDetail | undefined {
  const { localIdentity, remoteIdentity } = policy;
  return withOwn(detail, {
    offer: () => describePhase2Offer(policy),
    identity: () => ({ kind: 'selectors', local: nameClient(localIdentity), remote: nameClient(remoteIdentity) }),
  });
}

const ABOUT: ReadonlyMap<PeerError, 'offer' | 'identity'> = new Map([
  ['NO-PROPOSAL-CHOSEN', 'offer'],
  ['BAD-PROPOSAL-SYNTAX', 'offer'],
  ['ATTRIBUTES-NOT-SUPPORTED', 'offer'],
  ['INVALID-ID-INFORMATION', 'identity'],
]);

function withOwn(
  detail: FailureDetail | undefined,
  ours: Readonly<Record<'offer' | 'identity', () => OwnSide>>,
): FailureDetail | undefined {
  const about = detail?.kind === 'told' ? ABOUT.get(detail.error) : undefined;
  return detail?.kind !== 'told' || about === undefined ? detail : { ...detail, ours: ours[about]() };
}
