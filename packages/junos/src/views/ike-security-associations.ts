import type { HashName } from '@espalier/crypto';
import type { Endpoint, IkeProposal, IkeSaInfo } from '@espalier/ike';
import type { Instant } from '@espalier/wire';
import { formatSecondsLeft, secondsLeft } from './lifetime.ts';

/** `show services ipsec-vpn ike security-associations`: one IKE SA. */
export interface IkeSecurityAssociationView {
  readonly remoteAddress: string;
  readonly role: 'Initiator' | 'Responder';
  readonly state: 'Matured' | 'Not matured';
  /** Lower-case hexadecimal, 16 digits. */
  readonly initiatorCookie: string;
  readonly responderCookie: string;
  readonly exchangeType: 'Main' | 'Aggressive';
  /** As Junos names it: `Pre-shared-keys`, `RSA-signatures`. */
  readonly authenticationMethod: string;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** Seconds; undefined until the SA is matured. */
  readonly lifetime: number | undefined;
  /** Undefined until they are agreed. */
  readonly algorithms: IkeAlgorithmsView | undefined;
  /** Octets of ISAKMP messages. */
  readonly inputBytes: number;
  readonly outputBytes: number;
  readonly inputPackets: number;
  readonly outputPackets: number;
  readonly flags: readonly string[];
  readonly ipsecSasCreated: number;
  readonly ipsecSasDeleted: number;
  readonly phase2NegotiationsInProgress: number;
}

/** What phase 1 agreed on, in the words of Junos. */
export interface IkeAlgorithmsView {
  readonly authentication: string;
  readonly encryption: string;
  readonly pseudoRandomFunction: string;
  readonly dhGroup: number;
}

export function viewIkeSecurityAssociation(now: Instant, sa: IkeSaInfo): IkeSecurityAssociationView {
  const matured = sa.state === 'ready' || sa.state === 'retired';
  return {
    remoteAddress: sa.remote.address,
    role: sa.role === 'initiator' ? 'Initiator' : 'Responder',
    state: matured ? 'Matured' : 'Not matured',
    initiatorCookie: sa.initiatorCookie,
    responderCookie: sa.responderCookie,
    exchangeType: sa.exchange === 'main' ? 'Main' : 'Aggressive',
    authenticationMethod: methodName(sa.proposal),
    local: sa.local,
    remote: sa.remote,
    lifetime: sa.hardExpiry === undefined ? undefined : secondsLeft(now, sa.hardExpiry),
    algorithms: sa.proposal === undefined ? undefined : viewAlgorithms(sa.proposal),
    inputBytes: sa.octetsIn,
    outputBytes: sa.octetsOut,
    inputPackets: sa.packetsIn,
    outputPackets: sa.packetsOut,
    flags: matured ? ['IKE SA created'] : [],
    ipsecSasCreated: sa.childrenCreated,
    ipsecSasDeleted: sa.childrenDeleted,
    phase2NegotiationsInProgress: sa.quickModesInProgress,
  };
}

/** The text that Junos prints, with a line feed after every line. */
export function formatIkeSecurityAssociations(
  views: readonly IkeSecurityAssociationView[],
  { detail = false }: { readonly detail?: boolean } = {},
): string {
  if (detail) return views.map((view) => `${detailLines(view).join('\n')}\n`).join('\n');
  return [BRIEF_HEADING, ...views.map(briefColumns)].map((columns) => `${formatColumns(columns)}\n`).join('');
}

const BRIEF_HEADING: readonly string[] = [
  'Remote Address',
  'State',
  'Initiator cookie',
  'Responder cookie',
  'Exchange type',
];

const BRIEF_WIDTHS: readonly number[] = [16, 14, 18, 18, 0];

function briefColumns(view: IkeSecurityAssociationView): readonly string[] {
  return [view.remoteAddress, view.state, view.initiatorCookie, view.responderCookie, view.exchangeType];
}

function formatColumns(columns: readonly string[]): string {
  const last = columns.length - 1;
  return columns.map((text, i) => (i === last ? text : `${text} `.padEnd(BRIEF_WIDTHS[i] ?? 0))).join('');
}

function detailLines(view: IkeSecurityAssociationView): readonly string[] {
  return [
    `IKE peer ${view.remoteAddress}`,
    `  Role: ${view.role}, State: ${view.state}`,
    `  Initiator cookie: ${view.initiatorCookie}, Responder cookie: ${view.responderCookie}`,
    `  Exchange type: ${view.exchangeType}, Authentication method: ${view.authenticationMethod}`,
    `  Local: ${formatEndpoint(view.local)}, Remote: ${formatEndpoint(view.remote)}`,
    ...(view.lifetime === undefined ? [] : [`  Lifetime: ${formatSecondsLeft(view.lifetime)}`]),
    ...(view.algorithms === undefined ? [] : algorithmLines(view.algorithms)),
    '  Traffic statistics:',
    `   Input  bytes  : ${formatCount(view.inputBytes)}`,
    `   Output bytes  : ${formatCount(view.outputBytes)}`,
    `   Input  packets: ${formatCount(view.inputPackets)}`,
    `   Output packets: ${formatCount(view.outputPackets)}`,
    `  Flags: ${view.flags.length === 0 ? 'None' : view.flags.join(', ')}`,
    `  IPSec security associations: ${view.ipsecSasCreated} created, ${view.ipsecSasDeleted} deleted`,
    `  Phase 2 negotiations in progress: ${view.phase2NegotiationsInProgress}`,
  ];
}

function algorithmLines(algorithms: IkeAlgorithmsView): readonly string[] {
  return [
    '  Algorithms:',
    `   Authentication        : ${algorithms.authentication}`,
    `   Encryption            : ${algorithms.encryption}`,
    `   Pseudo random function: ${algorithms.pseudoRandomFunction}`,
    `   Diffie-Hellman group  : ${algorithms.dhGroup}`,
  ];
}

function formatEndpoint({ address, port }: Endpoint): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

function formatCount(count: number): string {
  return String(count).padStart(20);
}

const METHODS: ReadonlyMap<string, string> = new Map([
  ['rsa-signature', 'RSA-signatures'],
  ['ecdsa-256', 'ECDSA-signatures (256 bit key)'],
  ['ecdsa-384', 'ECDSA-signatures (384 bit key)'],
  ['ecdsa-521', 'ECDSA-signatures (521 bit key)'],
]);

/** Pre-shared keys are what Junos prints before anything is agreed on, too. */
function methodName(proposal: IkeProposal | undefined): string {
  return METHODS.get(proposal?.authentication ?? '') ?? 'Pre-shared-keys';
}

const AUTHENTICATION_NAMES: Record<HashName, { readonly integrity: string; readonly prf: string }> = {
  md5: { integrity: 'hmac-md5-96', prf: 'hmac-md5' },
  sha1: { integrity: 'hmac-sha1-96', prf: 'hmac-sha1' },
  'sha2-256': { integrity: 'hmac-sha256-128', prf: 'hmac-sha256' },
  'sha2-384': { integrity: 'hmac-sha384-192', prf: 'hmac-sha384' },
  'sha2-512': { integrity: 'hmac-sha512-256', prf: 'hmac-sha512' },
};

function viewAlgorithms(proposal: IkeProposal): IkeAlgorithmsView {
  const { integrity, prf } = AUTHENTICATION_NAMES[proposal.hash];
  return {
    authentication: integrity,
    encryption: proposal.keyOctets === undefined ? proposal.encryption : `aes-${proposal.keyOctets * 8}-cbc`,
    pseudoRandomFunction: prf,
    dhGroup: proposal.group,
  };
}
