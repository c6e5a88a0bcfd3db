import { parsePrefix } from '@espalier/wire';
import type { Block } from '../places/block.ts';
import type { Definitions } from '../places/definitions.ts';
import { anyPrefix, choice, hostAddress, identifier, integer } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { IkePolicy, IpsecPolicy, Keying, Rule, Term, TermFrom } from '../vpn.ts';
import { readDeadPeerDetection } from './dead-peer.ts';
import { existing, type JunosInterface } from './interfaces.ts';
import { DEFAULT_IPSEC_POLICY } from './ipsec.ts';
import { readManual } from './manual.ts';
import { readTunnelOptions, type TunnelOptions } from './tunnel-options.ts';

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
  identifier(63)(name);
  const matchDirection = block.required('match-direction', choice({ input: 'input', output: 'output' }));
  const terms = block.named('term', (term, termName) => readTerm(term, termName, context));
  if (terms.length === 0) return block.incomplete('at least one term');
  return { name: name.text, matchDirection, terms };
}

function readTerm(block: Block, name: Word, context: RuleContext): TermStatement {
  identifier(63)(name);
  return {
    name: name.text,
    from: block.section('from', (from) => readFrom(from, context.interfaces)) ?? {},
    ...block.requiredSection('then', (then) => readThen(then, context)),
  };
}

function readFrom(block: Block, interfaces: readonly JunosInterface[]): TermFrom {
  const sourceAddress = block.one('source-address', anyPrefix);
  const destinationAddress = block.one('destination-address', anyPrefix);
  if (familyOf(sourceAddress) !== familyOf(destinationAddress) && sourceAddress && destinationAddress) {
    return block.incomplete('addresses of one family');
  }
  const insideInterface = block.one('ipsec-inside-interface', existing(interfaces, 'inside'));
  return {
    ...(sourceAddress !== undefined && { sourceAddress }),
    ...(destinationAddress !== undefined && { destinationAddress }),
    ...(insideInterface !== undefined && { insideInterface }),
  };
}

function readThen(block: Block, { ikePolicies, ipsecPolicies }: RuleContext): Omit<TermStatement, 'name' | 'from'> {
  const keying = readKeying(block, { ikePolicies, ipsecPolicies });
  if (keying.kind === 'manual') refuseDynamic(block);
  block.notYet('backup-remote-gateway', 'a backup gateway');
  block.withoutEffect('syslog');
  const outer = readOuterHeader(block);
  const deadPeerDetection = readDeadPeerDetection(block);
  return {
    remoteGateway: block.required('remote-gateway', hostAddress),
    keying,
    ...(deadPeerDetection !== undefined && { deadPeerDetection }),
    ...(outer !== undefined && { outer }),
    options: readTunnelOptions(block),
  };
}

/** To copy the ToS is what is done anyway (RFC 4301 §5.1.2), and so is a TTL of 64. Of the ToS the gateway keeps ECN for itself. */
function readOuterHeader(block: Block): Term['outer'] {
  const ttl = block.one('ttl', integer(1, 254));
  const tos = block.one('tos', integer(0, 255));
  const copiesTtl = block.flag('copy-ttl-from-inner-ip-header');
  if (copiesTtl && ttl !== undefined) {
    return block.refused('TTL value cannot be configured with copy-ttl-from-inner-ip-header option');
  }
  if (block.flag('copy-tos-from-inner-ip-header') && tos !== undefined) {
    return block.refused('ToS value cannot be configured with copy-tos-from-inner-ip-header option');
  }
  if (!copiesTtl && ttl === undefined && tos === undefined) return undefined;
  return {
    ...(copiesTtl && { ttl: 'copy' as const }),
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { dscp: tos >> 2 }),
  };
}

/** `manual` or `dynamic`, one of them. */
function readKeying(
  block: Block,
  { ikePolicies, ipsecPolicies }: Pick<RuleContext, 'ikePolicies' | 'ipsecPolicies'>,
): Keying {
  const sas = block.section('manual', readManual);
  const dynamic = block.section('dynamic', (inner): Keying => {
    inner.withoutEffect('natt-install-interval', integer(0, 10));
    return {
      kind: 'dynamic',
      ike: inner.required('ike-policy', (word) => namedPeers(word, ikePolicies)),
      ipsec: inner.one('ipsec-policy', ipsecPolicies.find) ?? DEFAULT_IPSEC_POLICY,
    };
  });
  if (sas !== undefined && dynamic !== undefined) return block.incomplete('either manual or dynamic');
  if (sas !== undefined) return { kind: 'manual', sas };
  return dynamic ?? block.incomplete('dynamic or manual');
}

/** What only IKE can do, and what needs sequence numbers that do not begin anew (RFC 4303 §5). */
function refuseDynamic(block: Block): void {
  if (block.has('backup-remote-gateway')) {
    block.refused('Backup remote gateway can be configured with dynamic security associations only');
  }
  for (const keyword of OF_IKE) block.noteWithoutEffect(keyword, 'with manual security associations');
}

const OF_IKE = ['initiate-dead-peer-detection', 'dead-peer-detection', 'anti-replay-window-size'];

/** Who may be anybody has no address to be spoken to at. */
function namedPeers(reference: Word, policies: Definitions<IkePolicy>): IkePolicy {
  const policy = policies.find(reference);
  if (policy.remoteIdentity !== 'any') return policy;
  throw unexpected(
    reference.position,
    "an IKE policy without 'any-remote-id', which can be included only in the DEP (dynamic endpoints configuration) mode",
  );
}

function familyOf(prefix: string | undefined): number | undefined {
  return prefix === undefined ? undefined : parsePrefix(prefix).address.length;
}
