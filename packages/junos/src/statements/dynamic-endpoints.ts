import type { Block } from '../places/block.ts';
import type { Definitions } from '../places/definitions.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { DynamicEndpoints, DynamicInterfaces, IkePolicy, IpsecPolicy, ServiceStyle } from '../vpn.ts';
import type { AccessProfile } from './access.ts';
import { implicitIkePolicy } from './ike.ts';
import type { JunosInterface } from './interfaces.ts';
import { DEFAULT_IPSEC_POLICY } from './ipsec.ts';
import { effectiveOptions, type TunnelOptions } from './tunnel-options.ts';

/** An access profile with all that it refers to but its interfaces. */
export type ResolvedProfile = Omit<
  DynamicEndpoints,
  'interfaces' | 'antiReplayWindow' | 'clearDontFragment' | 'setsDontFragment' | 'tunnelMtu'
> & { readonly interfaceId: Word | undefined };

/** What a profile refers to below `services ipsec-vpn`. */
export function resolveProfile(
  { name, preSharedKey, ikePolicy, ipsecPolicy, ...profile }: AccessProfile,
  policies: { readonly ike: Definitions<IkePolicy>; readonly ipsec: Definitions<IpsecPolicy> },
): ResolvedProfile {
  return {
    ...profile,
    profile: name,
    ike: ikePolicy === undefined ? implicitIkePolicy(name, preSharedKey) : ikePolicyOf(ikePolicy, policies.ike),
    ipsec: ipsecPolicy === undefined ? DEFAULT_IPSEC_POLICY : policies.ipsec.find(ipsecPolicy),
  };
}

/** All dynamic endpoints are spoken with in Main Mode. */
function ikePolicyOf(reference: Word, policies: Definitions<IkePolicy>): IkePolicy {
  const policy = policies.find(reference);
  if (policy.mode !== 'aggressive') return policy;
  throw unexpected(
    reference.position,
    'an IKE policy of mode main: Aggressive mode is not supported for dynamic endpoints',
  );
}

/** A profile as a service set makes use of it. */
export function dynamicEndpoints(
  { interfaceId, ...profile }: ResolvedProfile,
  style: ServiceStyle,
  options: TunnelOptions,
  interfaces: readonly JunosInterface[],
  block: Pick<Block, 'notice'>,
): DynamicEndpoints {
  const used = interfacesOf(interfaceId, style, interfaces);
  if (interfaceId !== undefined && used.use === 'shared' && used.unit === undefined) {
    block.notice(interfaceId.position, 'interface-id has no effect here: the service set is of interface style');
  }
  return { ...profile, ...effectiveOptions(options, {}), interfaces: used };
}

/** The units of the profile's `interface-id`; without one the inside interface of the service set. */
function interfacesOf(
  id: Word | undefined,
  style: ServiceStyle,
  interfaces: readonly JunosInterface[],
): DynamicInterfaces {
  if (style.kind === 'interface') return { use: 'shared', unit: undefined };
  if (id === undefined) return { use: 'shared', unit: style.insideInterface };
  const units = interfaces.filter(({ dialOptions }) => dialOptions?.id === id.text);
  const shared = units.find(({ dialOptions }) => dialOptions?.use === 'shared');
  if (shared !== undefined) return { use: 'shared', unit: shared.name };
  if (units.length > 0) return { use: 'dedicated', units: units.map(({ name }) => name) };
  throw unexpected(id.position, `an interface whose dial-options have ipsec-interface-id ${id.text}`);
}
