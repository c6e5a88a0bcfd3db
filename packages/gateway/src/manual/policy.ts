import type { ManualProtection, PolicyConfig } from '../config.ts';
import { type ProtectingPolicy, populates, protects } from '../policy/ike-peers.ts';

/** A policy that protects by SAs given by hand (RFC 4301 §4.5.1). */
export interface ManualPolicy extends PolicyConfig {
  readonly action: { readonly kind: 'manual' } & ManualProtection;
}

/** A policy that has SAs, wherever their keys come from. */
export type TunnelPolicy = ProtectingPolicy | ManualPolicy;

export function isManual(policy: PolicyConfig): policy is ManualPolicy {
  return policy.action?.kind === 'manual';
}

export function hasSas(policy: PolicyConfig): policy is TunnelPolicy {
  return isManual(policy) || protects(policy);
}

/** Whether it has SAs that others can share: not one pair for each packet that asks for one. */
export function sharesSas(policy: PolicyConfig): policy is TunnelPolicy {
  return isManual(policy) || (protects(policy) && !populates(policy.action));
}

/** Name of the peer that IKE agrees with on its SAs; undefined where it does not. */
export function peerOf(policy: TunnelPolicy): string | undefined {
  return policy.action.kind === 'protect' ? policy.action.peer : undefined;
}
