import type { EspSuite } from '@espalier/crypto';
import type { ProtectionProtocol } from '../../sa/protections.ts';
import type { ChildPolicy } from '../../types.ts';
import { espTransformForm, type TransformForm } from './suites.ts';

/** One way to use a protocol. */
export interface Variant {
  readonly protocol: ProtectionProtocol;
  readonly suite: EspSuite;
}

/** The ways to use one protocol, in order of preference. */
export interface Wanted {
  readonly protocol: ProtectionProtocol;
  readonly variants: readonly Variant[];
}

/** Protocols that are wanted together, in the order in which a packet that leaves goes through them. */
export type Bundle = readonly Wanted[];

/** What a policy allows, in order of preference. */
export function bundlesOf({ suites }: ChildPolicy): readonly Bundle[] {
  return [[{ protocol: 'esp', variants: suites.map((suite) => ({ protocol: 'esp', suite })) }]];
}

/** Undefined for what IKEv1 has no number for. */
export function transformFormOf({ suite }: Variant): TransformForm | undefined {
  return espTransformForm(suite);
}
