import type { GatewayConfig } from '@espalier/gateway';
import type { Block } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice } from '../places/values.ts';
import type { AccessProfile } from './access.ts';
import { type ResolvedProfile, resolveProfile } from './dynamic-endpoints.ts';
import { readIke } from './ike.ts';
import type { JunosInterface } from './interfaces.ts';
import { readIpsec } from './ipsec.ts';
import { type RuleStatement, readRule } from './rules.ts';

/** What `services ipsec-vpn` defines for the service sets to use. */
export interface IpsecVpn {
  readonly rules: Definitions<RuleStatement>;
  readonly ruleSets: Definitions<readonly RuleStatement[]>;
  readonly accessProfiles: Definitions<ResolvedProfile>;
  /** Whether NAT traversal is spoken of (RFC 3947). */
  readonly natTraversal: boolean;
  readonly establishTunnels: NonNullable<GatewayConfig['establish']>;
}

/** `ipsec-vpn { ... }` */
export function readIpsecVpn(
  block: Block,
  interfaces: readonly JunosInterface[],
  access: Definitions<AccessProfile>,
): IpsecVpn {
  block.passOver(new Set(['traceoptions']));
  block.notYet('no-ipsec-tunnel-in-traceroute', 'hiding the tunnel from traceroute');
  block.withoutEffect('clear-ike-sas-on-pic-restart');
  block.withoutEffect('clear-ipsec-sas-on-pic-restart');

  const ikePolicies = block.section('ike', readIke) ?? new Definitions('an IKE policy');
  const ipsecPolicies = block.section('ipsec', readIpsec) ?? new Definitions('an IPsec policy');
  const context = { interfaces, ikePolicies, ipsecPolicies };
  const rules = new Definitions(
    'a rule',
    block.named('rule', (rule, name) => ({ name, value: readRule(rule, name, context) })),
  );
  const ruleSets = new Definitions(
    'a rule set',
    block.named('rule-set', (set, name) => ({ name, value: set.named('rule', (_, rule) => rules.find(rule)) })),
  );
  const accessProfiles = access.map((profile) => resolveProfile(profile, { ike: ikePolicies, ipsec: ipsecPolicies }));
  ikePolicies.reportUnused(block);
  ipsecPolicies.reportUnused(block);
  const establishTunnels = block.one('establish-tunnels', whenToEstablish) ?? 'on-traffic';
  return { rules, ruleSets, accessProfiles, establishTunnels, natTraversal: !block.flag('disable-natt') };
}

const whenToEstablish = choice({
  immediately: 'immediately',
  'on-traffic': 'on-traffic',
  'responder-only': 'responder-only',
});
