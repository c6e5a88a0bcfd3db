import type { GatewayConfig, TermConfig } from '@espalier/gateway';

/** What an `IkeEndpoint` refuses unless it is asked for by name (RFC 8221, RFC 9395). */
export type LegacyAlgorithm = 'des' | 'md5' | 'modp768';

/** The legacy algorithms that a configuration asks for. */
export function legacyAlgorithms({ serviceSets }: GatewayConfig): readonly LegacyAlgorithm[] {
  const terms = serviceSets.flatMap(({ rules }) => rules.flatMap((rule) => rule.terms));
  return (['des', 'md5', 'modp768'] as const).filter((algorithm) => terms.some((term) => USES[algorithm](term)));
}

const USES: Record<LegacyAlgorithm, (term: TermConfig) => boolean> = {
  des: ({ ike, ipsec }) => [...ike.proposals, ...ipsec.suites].some(({ encryption }) => encryption === 'des-cbc'),
  md5: ({ ike, ipsec }) =>
    ike.proposals.some(({ hash }) => hash === 'md5') ||
    ipsec.suites.some(({ integrity }) => integrity === 'hmac-md5-96'),
  modp768: ({ ike, ipsec }) => ike.proposals.some(({ group }) => group === 1) || ipsec.pfsGroup === 1,
};
