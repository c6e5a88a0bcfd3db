import type { AhSuite, EspSuite } from '@espalier/crypto';
import type { NatFindings } from '../../nat/discovery.ts';
import type { IpcompSuite } from '../../sa/protections.ts';
import type { ChildPolicy, ProtectionBundle } from '../../types.ts';
import { ahTransformForm, espTransformForm, ipcompTransformForm, type TransformForm } from './suites.ts';

/** One way to use a protocol. */
export type Variant =
  | { readonly protocol: 'ipcomp'; readonly suite: IpcompSuite }
  | { readonly protocol: 'esp'; readonly suite: EspSuite }
  | { readonly protocol: 'ah'; readonly suite: AhSuite };

/** The ways to use one protocol, in order of preference. */
export interface Wanted {
  readonly protocol: Variant['protocol'];
  readonly variants: readonly Variant[];
}

/** Protocols that are wanted together, in the order in which a packet that leaves goes through them. */
export type Bundle = readonly Wanted[];

const DEFLATE: IpcompSuite = { name: 'deflate' };

/** What a policy allows, in order of preference. AH covers the addresses, which a NAT changes: there it is left out. */
export function bundlesOf({ bundles = [], suites }: ChildPolicy, nat?: NatFindings): readonly Bundle[] {
  const all = suites.length === 0 ? bundles : [...bundles, { esp: suites }];
  return all.filter(({ ah = [] }) => nat === undefined || ah.length === 0).map(bundleOf);
}

/** False where AH is all that a policy allows, and a NAT is in the way. */
export function mayBeOffered(policy: ChildPolicy, nat: NatFindings | undefined): boolean {
  return bundlesOf(policy, nat).length > 0;
}

function bundleOf({ ipcomp, esp = [], ah = [] }: ProtectionBundle): Bundle {
  const wanted: readonly Wanted[] = [
    { protocol: 'ipcomp', variants: ipcomp === undefined ? [] : [{ protocol: 'ipcomp', suite: DEFLATE }] },
    { protocol: 'esp', variants: esp.map((suite) => ({ protocol: 'esp', suite })) },
    { protocol: 'ah', variants: ah.map((suite) => ({ protocol: 'ah', suite })) },
  ];
  return wanted.filter(({ variants }) => variants.length > 0);
}

/** Whether a policy may ask for IPComp. */
export function mayCompress({ bundles = [] }: ChildPolicy): boolean {
  return bundles.some(({ ipcomp }) => ipcomp !== undefined);
}

/** Undefined for what IKEv1 has no number for. */
export function transformFormOf(variant: Variant): TransformForm | undefined {
  switch (variant.protocol) {
    case 'ipcomp':
      return ipcompTransformForm(variant.suite);
    case 'esp':
      return espTransformForm(variant.suite);
    case 'ah':
      return ahTransformForm(variant.suite);
  }
}
