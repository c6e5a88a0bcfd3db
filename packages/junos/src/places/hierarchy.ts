import { type JunosNotice, unexpected } from '../text/error.ts';
import type { Statement } from '../text/statement.ts';

/** First words of a Junos configuration that say nothing about a gateway. */
export const OTHER_HIERARCHIES: ReadonlySet<string> = new Set([
  'access-profile',
  'accounting-options',
  'applications',
  'apply-macro',
  'bridge-domains',
  'chassis',
  'class-of-service',
  'diameter',
  'dynamic-profiles',
  'ethernet-switching-options',
  'event-options',
  'fabric',
  'firewall',
  'forwarding-options',
  'jsrc',
  'logical-systems',
  'multi-chassis',
  'multicast-snooping-options',
  'openconfig',
  'policy-options',
  'routing-instances',
  'schedulers',
  'security',
  'session-limit-group',
  'smtp',
  'snmp',
  'switch-options',
  'system',
  'tenants',
  'unified-edge',
  'version',
  'virtual-chassis',
  'vlans',
  'vmhost',
]);

/** Where a stanza that was pasted without its top must stand, by its first word. */
const ABOVE: ReadonlyMap<string, readonly string[]> = new Map([
  ['service-set', ['services']],
  ['ipsec-vpn', ['services']],
  ['rule', ['services', 'ipsec-vpn']],
  ['rule-set', ['services', 'ipsec-vpn']],
  ['ike', ['services', 'ipsec-vpn']],
  ['ipsec', ['services', 'ipsec-vpn']],
  ['establish-tunnels', ['services', 'ipsec-vpn']],
  ['profile', ['access']],
  ['ospf', ['protocols']],
  ['static', ['routing-options']],
  ['router-id', ['routing-options']],
]);

/** Names of devices as Junos has them: `ge-0/0/0`, `lo0`, `ae1`. */
const DEVICE = /^(?:[a-z]{2,}-\d+\/\d+\/\d+|(?:lo|ae|fxp|em|irb|reth|st|me|vlan|gre|ip-)\d*)$/;

/** Statements below SRX's `security ike` and `security ipsec` that the services form does not have there. */
const SRX = [
  ['security', 'ike', 'gateway'],
  ['security', 'ike', 'policy'],
  ['security', 'ike', 'proposal'],
  ['security', 'ipsec', 'vpn'],
  ['ike', 'gateway'],
  ['ipsec', 'vpn'],
] as const;

/**
 * Puts stanzas that were pasted without their tops where they belong, with a notice.
 * @throws JunosError that explains the hierarchy of SRX and J series, where the text has no other tunnels.
 */
export function placed(statements: readonly Statement[], notices: JunosNotice[]): readonly Statement[] {
  refuseSrx(statements);
  const told = new Set<string>();
  return statements.map((statement) => {
    const { keyword } = statement;
    const above = DEVICE.test(keyword.text) ? ['interfaces'] : ABOVE.get(keyword.text);
    if (above === undefined) return statement;
    const path = above.join(' ');
    const { line, column } = keyword.position;
    if (!told.has(path)) notices.push({ line, column, text: `${keyword.text} is read as part of ${path}` });
    told.add(path);
    const [first = '', ...rest] = above;
    const wordOf = (text: string) => ({ text, position: keyword.position });
    return { keyword: wordOf(first), values: rest.map(wordOf), list: undefined, block: [statement], partial: true };
  });
}

function refuseSrx(statements: readonly Statement[]): void {
  if (find(statements, ['services', 'ipsec-vpn']) !== undefined) return;
  for (const path of SRX) {
    const found = find(statements, path);
    if (found === undefined) continue;
    const expected = 'services ipsec-vpn, as routers of M, T and MX series with a services PIC have it';
    const instead = [
      `expected ${expected}; this is the hierarchy of SRX and J series (security ike, security ipsec)`,
      'What it says has other places there: security ike gateway ADDRESS becomes rule R term T then remote-gateway,',
      'its external-interface the local-gateway of a service-set, security ipsec vpn the term with its ike-policy and',
      'ipsec-policy, bind-interface the next-hop-service; proposals and policies stay as they are below ipsec-vpn ike, ipsec.',
    ];
    throw unexpected(found.keyword.position, expected).withText(instead.join('\n'));
  }
}

/** The first statement that stands at a path, in whichever form. */
function find(statements: readonly Statement[], path: readonly string[]): Statement | undefined {
  for (const statement of statements) {
    const words = [statement.keyword, ...statement.values].map(({ text }) => text);
    const shared = Math.min(words.length, path.length);
    if (words.slice(0, shared).some((word, i) => word !== path[i])) continue;
    if (shared === path.length) return statement;
    const found = find(statement.block ?? [], path.slice(shared));
    if (found !== undefined) return found;
  }
  return undefined;
}
