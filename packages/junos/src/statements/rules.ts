import type { DeadPeerDetection } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import type { Word } from '../text/tree.ts';
import type { IkePolicy, IpsecPolicy, Rule, Term, TermFrom } from '../tunnels.ts';
import type { Block } from './block.ts';
import type { Definitions } from './definitions.ts';
import { existing, type JunosInterface } from './interfaces.ts';
import { DEFAULT_IPSEC_POLICY } from './ipsec.ts';
import { readTunnelOptions, type TunnelOptions } from './tunnel-options.ts';
import { choice, ipv4Address, ipv4Prefix } from './values.ts';

/** Junos' defaults: a peer that is silent for 10 s is probed every 10 s, and is dead when five probes have no answer. */
const DEAD_PEER_DETECTION: DeadPeerDetection = { idle: seconds(10), interval: seconds(10), retries: 4 };

/** A rule as written: what its terms leave out, the service set that uses it may say. */
export interface RuleStatement extends Omit<Rule, 'terms'> {
  readonly terms: readonly TermStatement[];
}

interface TermStatement extends Omit<Term, keyof TunnelOptions> {
  readonly options: TunnelOptions;
}

/** What a rule may refer to. */
export interface RuleContext {
  readonly interfaces: readonly JunosInterface[];
  readonly ikePolicies: Definitions<IkePolicy>;
  readonly ipsecPolicies: Definitions<IpsecPolicy>;
}

/** `rule NAME { ... }` */
export function readRule(block: Block, name: Word, context: RuleContext): RuleStatement {
  const matchDirection = block.required('match-direction', choice({ input: 'input', output: 'output' }));
  const terms = block.named('term', (term, termName) => readTerm(term, termName, context));
  if (terms.length === 0) return block.incomplete('at least one term');
  return { name: name.text, matchDirection, terms };
}

function readTerm(block: Block, name: Word, context: RuleContext): TermStatement {
  return {
    name: name.text,
    from: block.section('from', (from) => readFrom(from, context.interfaces)) ?? {},
    ...block.requiredSection('then', (then) => readThen(then, context)),
  };
}

function readFrom(block: Block, interfaces: readonly JunosInterface[]): TermFrom {
  const sourceAddress = block.one('source-address', ipv4Prefix);
  const destinationAddress = block.one('destination-address', ipv4Prefix);
  const insideInterface = block.one('ipsec-inside-interface', existing(interfaces, 'inside'));
  return {
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(destinationAddress !== undefined && { destinationAddress }),
    ...(insideInterface !== undefined && { insideInterface }),
  };
}

function readThen(block: Block, { ikePolicies, ipsecPolicies }: RuleContext): Omit<TermStatement, 'name' | 'from'> {
  block.notYet('manual', 'manual security associations');
  block.notYet('backup-remote-gateway', 'a backup gateway');
  block.withoutEffect('syslog');
  return {
    remoteGateway: block.required('remote-gateway', ipv4Address),
    ...block.requiredSection('dynamic', (dynamic) => ({
      ike: dynamic.required('ike-policy', ikePolicies.find),
      ipsec: dynamic.one('ipsec-policy', ipsecPolicies.find) ?? DEFAULT_IPSEC_POLICY,
    })),
    ...(block.flag('initiate-dead-peer-detection') && { deadPeerDetection: DEAD_PEER_DETECTION }),
    options: readTunnelOptions(block),
  };
}
