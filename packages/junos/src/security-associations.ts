import type { PolicyConfig } from '@espalier/gateway';
import { formatAddress, parsePrefix } from '@espalier/wire';
import type { JunosInterface } from './statements/interfaces.ts';
import type { JunosOspfArea } from './statements/routing.ts';
import type { SecurityAssociation } from './vpn.ts';

/** `security ipsec security-association` that OSPF is protected by, and the gateway's policy that it has become. */
export interface JunosSecurityAssociation {
  readonly name: string;
  /** Name of the gateway's policy. */
  readonly policy: string;
  /** The interfaces whose OSPF it protects. */
  readonly interfaces: readonly string[];
}

/** Who listens to OSPF: all routers, and the designated ones (RFC 2328 §A.1). */
const OSPF_GROUPS: readonly string[] = ['224.0.0.5', '224.0.0.6'];

const OSPF = 89;

/** Those that interfaces name, each with its policy. Whoever else says OSPF on these interfaces is refused. */
export function ospfProtections(
  areas: readonly JunosOspfArea[],
  interfaces: readonly JunosInterface[],
  find: (name: string) => SecurityAssociation | undefined,
): { readonly associations: readonly JunosSecurityAssociation[]; readonly policies: readonly PolicyConfig[] } {
  const used = new Map<string, string[]>();
  for (const { name, ipsecSa } of areas.flatMap((area) => area.interfaces)) {
    if (ipsecSa !== undefined) used.set(ipsecSa, [...(used.get(ipsecSa) ?? []), name]);
  }
  const associations = [...used].map(([name, on]) => ({
    name,
    policy: `security-association ${name}`,
    interfaces: on,
  }));
  const policies = associations.flatMap((association) => {
    const sas = find(association.name)?.sas;
    if (sas === undefined) return [];
    const local = [...addressesOf(association, interfaces), ...OSPF_GROUPS];
    const { inbound, outbound, unauthenticated } = sas;
    return [
      {
        name: association.policy,
        selectors: { local, protocol: OSPF },
        action: {
          kind: 'manual',
          mode: 'transport',
          local,
          remote: 'any',
          inbound,
          outbound,
          ...(unauthenticated && { unauthenticated }),
        } as const,
      },
    ];
  });
  return { associations, policies };
}

function addressesOf({ interfaces: names }: JunosSecurityAssociation, interfaces: readonly JunosInterface[]): string[] {
  return interfaces
    .filter(({ name }) => names.includes(name))
    .flatMap(({ addresses }) => addresses)
    .map((address) => formatAddress(parsePrefix(address).address));
}
