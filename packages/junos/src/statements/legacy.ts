import type { GatewayConfig } from '@espalier/gateway';

/** What an `IkeEndpoint` refuses unless it is asked for by name (RFC 8221, RFC 9395). */
export type LegacyAlgorithm = 'des' | 'md5' | 'modp768';

/** The legacy algorithms that a configuration asks for. */
export function legacyAlgorithms({ peers, policies }: GatewayConfig): readonly LegacyAlgorithm[] {
  const proposals = peers.flatMap((peer) => peer.proposals);
  const protections = policies.flatMap(({ action }) => (action.kind === 'protect' ? [action] : []));
  const manual = policies.flatMap(({ action }) => (action.kind === 'manual' ? [action.inbound, action.outbound] : []));
  const bundles = protections.flatMap((protection) => protection.bundles ?? []);
  const suites = [
    ...protections.flatMap((protection) => protection.suites),
    ...bundles.flatMap(({ esp }) => esp ?? []),
    ...manual.flatMap(({ esp }) => esp?.suite ?? []),
  ];
  const macs = [...bundles.flatMap(({ ah }) => ah ?? []), ...manual.flatMap(({ ah }) => ah?.suite ?? [])];
  const isMd5 = (name: string) => name === 'hmac-md5-96';
  const uses: Record<LegacyAlgorithm, boolean> = {
    des: [...proposals, ...suites].some(({ encryption }) => encryption === 'des-cbc'),
    md5:
      proposals.some(({ hash }) => hash === 'md5') ||
      [...suites.map((suite) => suite.integrity), ...macs.map(({ name }) => name)].some(isMd5),
    modp768: proposals.some(({ group }) => group === 1) || protections.some(({ pfsGroup }) => pfsGroup === 1),
  };
  return (['des', 'md5', 'modp768'] as const).filter((algorithm) => uses[algorithm]);
}
