import type {
  GatewayConfig,
  GatewayPeer,
  ManualProtection,
  ManualSa,
  PolicyConfig,
  Protection,
} from '@espalier/gateway';
import type { IkeProposal } from '@espalier/ike';
import type { JunosConfiguration, JunosReading, JunosServiceSet, JunosTerm } from '@espalier/junos';
import { formatIdentification } from '@espalier/wire';

/** What a text was understood as, for people: its tunnels, then its notices. No key is shown. */
export function describeReading({ configuration, notices }: JunosReading): string {
  const tunnels = configuration.serviceSets.flatMap((set) => set.terms.map((term) => tunnel(configuration, set, term)));
  const dynamic = configuration.serviceSets.flatMap((set) => (set.dynamic ? [endpoints(configuration, set)] : []));
  const told = notices.map(({ line, column, text }) => `  line ${line}, column ${column}: ${text}`);
  const parts = [
    ...(tunnels.length > 0 || dynamic.length === 0 ? [counted(tunnels.length)] : []),
    ...tunnels,
    ...dynamic,
    ...legacy(configuration),
    ...(told.length === 0 ? [] : [['Notices:', ...told].join('\n')]),
  ];
  return `${parts.join('\n\n')}\n`;
}

function counted(tunnels: number): string {
  if (tunnels === 0) return 'No tunnel: there is no service-set below services whose rules describe one.';
  return tunnels === 1 ? '1 tunnel' : `${tunnels} tunnels`;
}

function tunnel(configuration: JunosConfiguration, set: JunosServiceSet, term: JunosTerm): string {
  const { gateway } = configuration;
  const policy = gateway.policies.find(({ name }) => name === term.policy);
  const peer = gateway.peers.find(({ name }) => policy?.action.kind === 'protect' && policy.action.peer === name);
  if (policy?.action.kind === 'manual') return manualTunnel(configuration, set, term, policy, policy.action);
  if (policy?.action.kind !== 'protect' || peer === undefined) return `Tunnel ${term.tunnelIndex}: not in use`;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['between', [`${peer.local}${whose(configuration, peer.local)} and ${peer.remote}`]],
    ['carries', [carried(policy), entered(configuration, set, policy)]],
    ['phase 1', [phase1(peer), ...peer.proposals.map(proposal), identities(peer)]],
    ['phase 2', [phase2(policy.action), ...offered(policy.action)]],
    ['options', options(policy.action)],
    ['liveness', [liveness(peer)]],
    ['starts', [STARTS[gateway.establish ?? 'on-traffic']]],
  ];
  return [headingOf(term), ...rows.flatMap(([label, lines]) => labelled(label, lines))].join('\n');
}

function headingOf({ tunnelIndex, serviceSet, rule, term }: JunosTerm): string {
  return `Tunnel ${tunnelIndex}: service-set ${serviceSet}, rule ${rule}, term ${term}`;
}

function manualTunnel(
  configuration: JunosConfiguration,
  set: JunosServiceSet,
  term: JunosTerm,
  policy: PolicyConfig,
  action: ManualProtection,
): string {
  const rows: readonly (readonly [string, readonly string[]])[] = [
    [
      'between',
      [
        `${[action.local]
          .flat()
          .map((local) => `${local}${whose(configuration, local)}`)
          .join(', ')} and ${action.remote}`,
      ],
    ],
    ['carries', [carried(policy), entered(configuration, set, policy)]],
    ['inbound', givenByHand(action.inbound)],
    ['outbound', givenByHand(action.outbound)],
    ['options', options({ ...action, antiReplayWindow: 'off' })],
    ['starts', ['it is there from the beginning']],
  ];
  return [headingOf(term), ...rows.flatMap(([label, lines]) => labelled(label, lines))].join('\n');
}

/** SPIs and algorithms: no key. */
function givenByHand({ esp, ah }: ManualSa): readonly string[] {
  const inner = esp === undefined ? [] : [`ESP with SPI ${esp.spi}: ${esp.suite.name}`];
  const outer =
    ah === undefined ? [] : [`${esp === undefined ? '' : 'and around it '}AH with SPI ${ah.spi}: ${ah.suite.name}`];
  return [...inner, ...outer];
}

/** What an access profile lets peers ask for. */
function endpoints({ gateway }: JunosConfiguration, { name, dynamic, localGateway }: JunosServiceSet): string {
  const policies = gateway.policies.filter((policy) => dynamic?.policies.includes(policy.name) === true);
  const [action] = policies.flatMap((policy) => (policy.action.kind === 'protect' ? [policy.action] : []));
  const peer = gateway.peers.find((candidate) => candidate.name === action?.peer);
  const heading = `Dynamic endpoints: service-set ${name}, access profile ${dynamic?.profile}`;
  if (action === undefined || peer === undefined) return heading;
  const { ownInterfaces } = action;
  const into =
    ownInterfaces === undefined ? policies[0]?.interface : `one for each tunnel: ${ownInterfaces.join(', ')}`;
  const rows: readonly (readonly [string, readonly string[]])[] = [
    ['between', [`${localGateway} and whoever has the key`]],
    ['carries', [...policies.map(carried), ...(into === undefined ? [] : [`that are routed into ${into}`])]],
    ['phase 1', [phase1(peer), ...peer.proposals.map(proposal), identities(peer)]],
    ['phase 2', [phase2(action), ...offered(action)]],
    ['options', options(action)],
    ['liveness', [liveness(peer)]],
    ['starts', [STARTS['responder-only']]],
  ];
  return [heading, ...rows.flatMap(([label, lines]) => labelled(label, lines))].join('\n');
}

const STARTS: Record<NonNullable<GatewayConfig['establish']>, string> = {
  'on-traffic': 'with the first packet for it',
  immediately: 'at once',
  'responder-only': 'when the other side asks',
};

function labelled(label: string, lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line !== '').map((line, i) => `  ${(i === 0 ? label : '').padEnd(9)} ${line}`);
}

/** The interface that has an address. */
function whose({ interfaces }: JunosConfiguration, address: string): string {
  const unit = interfaces.find(({ addresses }) => addresses.some((prefix) => prefix.startsWith(`${address}/`)));
  return unit === undefined ? ' (the address of no interface in this text)' : ` (${unit.name})`;
}

function carried({ selectors }: PolicyConfig): string {
  return `packets from ${selectors?.local ?? 'anywhere'} to ${selectors?.remote ?? 'anywhere'}`;
}

function entered(configuration: JunosConfiguration, { style }: JunosServiceSet, policy: PolicyConfig): string {
  if (style.kind === 'interface') {
    const side = style.appliedTo === 'inside' ? 'coming in by' : 'going out by';
    return `that are ${side} ${style.interfaces.length === 0 ? 'an interface that is not named' : style.interfaces.join(', ')}`;
  }
  const into = policy.interface ?? style.insideInterface;
  const routes = configuration.staticRoutes.flatMap(({ prefix, nextHop }) =>
    'interface' in nextHop && nextHop.interface === into ? [prefix] : [],
  );
  return `that are routed into ${into}${routes.length === 0 ? '' : ` (static: ${routes.join(', ')})`}`;
}

function phase1({ mode, preSharedKey, lifetime }: GatewayPeer): string {
  const key = preSharedKey instanceof Uint8Array ? `a pre-shared key of ${preSharedKey.length} octets` : 'no key';
  return `IKE version 1, ${mode ?? 'main'} mode, ${key}, ${lifetime / 1000} s; proposes`;
}

function proposal({ encryption, keyOctets, hash, group }: IkeProposal): string {
  const cipher = keyOctets === undefined ? encryption : `${encryption} with ${keyOctets * 8} bits`;
  return `${cipher}, ${hash}, group ${group}`;
}

function identities({ localIdentity, remoteIdentity }: GatewayPeer): string {
  const ours = localIdentity && `says it is ${formatIdentification(localIdentity)}`;
  const known = remoteIdentity === 'any' || remoteIdentity === undefined ? [] : [remoteIdentity].flat();
  const theirs = known.length === 0 ? undefined : `expects ${known.map(formatIdentification).join(' or ')}`;
  return [ours, theirs].filter((part) => part !== undefined).join('; ');
}

function phase2({ lifetime, pfsGroup, bundles }: Protection): string {
  const pfs = pfsGroup === undefined ? 'no perfect forward secrecy' : `perfect forward secrecy with group ${pfsGroup}`;
  return `${bundles === undefined ? 'ESP' : 'IPsec'} in tunnel mode, ${lifetime / 1000} s, ${pfs}; proposes`;
}

/** In order of preference: what has AH comes first. */
function offered({ suites, bundles = [] }: Protection): readonly string[] {
  const names = (some: readonly { readonly name: string }[] = []) => some.map(({ name }) => name).join(' or ');
  const withAh = bundles.map(({ esp, ah }) =>
    esp === undefined ? `AH ${names(ah)}` : `ESP ${names(esp)}, and around it AH ${names(ah)}`,
  );
  return [...withAh, ...suites.map(({ name }) => name)];
}

function options({ antiReplayWindow, clearDontFragment, mtu }: Options): readonly string[] {
  return [
    antiReplayWindow === 'off' ? 'no anti-replay' : `anti-replay window of ${antiReplayWindow ?? 64} packets`,
    clearDontFragment === true ? 'clears Don’t Fragment' : '',
    mtu === undefined ? '' : `inner packets of at most ${mtu} octets`,
  ];
}

type Options = Pick<Protection, 'antiReplayWindow' | 'clearDontFragment' | 'mtu'>;

function liveness({ deadPeerDetection: pace }: GatewayPeer): string {
  if (pace === undefined) return 'the peer is not probed';
  const [idle, interval] = [pace.idle / 1000, pace.interval / 1000];
  return `a silent peer is probed after ${idle} s and every ${interval} s, and dead when ${pace.retries + 1} probes have no answer`;
}

function legacy({ allowLegacy }: JunosConfiguration): readonly string[] {
  if (allowLegacy.length === 0) return [];
  return [`Legacy algorithms, which nobody should use any more: ${allowLegacy.join(', ')}`];
}
