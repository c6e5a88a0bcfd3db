import type { GatewayConfig } from '@espalier/gateway';

/** What an `IkeEndpoint` refuses unless it is asked for by name (RFC 8221, RFC 9395). */
export type LegacyAlgorithm = 'des' | 'md5' | 'modp768';

/** The legacy algorithms that a configuration asks for. */
export function legacyAlgorithms({ peers, policies }: GatewayConfig): readonly LegacyAlgorithm[] {
  const proposals = peers.flatMap((peer) => peer.proposals);
  const protections = policies.flatMap(({ action }) => (action.kind === 'protect' ? [action] : []));
  const manual = policies.flatMap(({ action }) => (action.kind === 'manual' ? [action.inbound, action.outbound] : []));
  const suites = [...protections.flatMap(({ suites: some }) => some), ...manual.flatMap(({ esp }) => esp?.suite ?? [])];
  const isMd5 = (name: string | undefined) => name === 'hmac-md5-96';
  const uses: Record<LegacyAlgorithm, boolean> = {
    des: [...proposals, ...suites].some(({ encryption }) => encryption === 'des-cbc'),
    md5:
      proposals.some(({ hash }) => hash === 'md5') ||
      [...suites.map((suite) => suite.integrity), ...manual.map(({ ah }) => ah?.suite.name)].some(isMd5),
    modp768: proposals.some(({ group }) => group === 1) || protections.some(({ pfsGroup }) => pfsGroup === 1),
  };
  return (['des', 'md5', 'modp768'] as const).filter((algorithm) => uses[algorithm]);
}
