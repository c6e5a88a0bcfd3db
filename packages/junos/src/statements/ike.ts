import type { IkeProposal } from '@espalier/ike';
import {
  fqdnId,
  fromAscii,
  fromHex,
  type Identification,
  ipv4AddressId,
  ipv6AddressId,
  keyId,
  parseAddress,
  seconds,
} from '@espalier/wire';
import type { CertificateUse, JunosNamePattern } from '../pki.ts';
import type { Block, Value } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, identifier, integer, ipv4Address, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { IkePolicy } from '../vpn.ts';
import { dhGroup, ikeAuthenticationMethod, ikeEncryption, ikeHash } from './algorithms.ts';
import { readKey } from './key.ts';
import { certificateId } from './pki.ts';
import { lifetimeSeconds, type ProposalSets, readProposals, type TimedProposal } from './proposals.ts';

/** `certificate-policy-oids` of one policy. */
const POLICY_OIDS_MOST = 5;

/** What the AS PIC proposes when a policy names no proposal; it also fills in what a proposal leaves out. */
const DEFAULT = {
  proposal: { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' },
  lifetime: seconds(3600),
} as const satisfies TimedProposal<IkeProposal>;

const AUTHENTICATION = { authentication: 'pre-shared-key' } as const;

/** The predefined proposals of SRX and J series, which newer releases take here too. */
const PROPOSAL_SETS: ProposalSets<IkeProposal> = {
  basic: [
    { encryption: 'des-cbc', hash: 'sha1', group: 1, ...AUTHENTICATION },
    { encryption: 'des-cbc', hash: 'md5', group: 1, ...AUTHENTICATION },
  ],
  compatible: [
    { encryption: '3des-cbc', hash: 'sha1', group: 2, ...AUTHENTICATION },
    { encryption: '3des-cbc', hash: 'md5', group: 2, ...AUTHENTICATION },
    { encryption: 'des-cbc', hash: 'sha1', group: 2, ...AUTHENTICATION },
    { encryption: 'des-cbc', hash: 'md5', group: 2, ...AUTHENTICATION },
  ],
  standard: [
    { encryption: '3des-cbc', hash: 'sha1', group: 2, ...AUTHENTICATION },
    { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha1', group: 2, ...AUTHENTICATION },
  ],
};

/**
 * The policy of an access profile that names none. Junos takes DES, MD5 and group 1 as well there: whoever wants them must
 * say so in a policy.
 */
export function implicitIkePolicy(name: string, preSharedKey: Uint8Array = new Uint8Array(0)): IkePolicy {
  return { name, mode: 'main', preSharedKey, proposals: [DEFAULT.proposal], lifetime: DEFAULT.lifetime };
}

/** `ike { ... }`: its policies by name. */
export function readIke(block: Block): Definitions<IkePolicy> {
  const proposals = new Definitions(
    'an IKE proposal',
    block.named('proposal', (proposal, name) => ({ name, value: readProposal(proposal, name) })),
  );
  const policies = new Definitions(
    'an IKE policy',
    block.named('policy', (policy, name) => ({ name, value: readPolicy(policy, name, proposals) })),
  );
  proposals.reportUnused(block);
  return policies;
}

/** Where the statement gives no number. */
const BAD_SPI_RESPONSES = 5;
const BAD_SPI_RESPONSES_MOST = 30;

function readProposal(block: Block, name: Word): TimedProposal<IkeProposal> {
  identifier(32)(name);
  block.withoutEffect('description', text);
  return {
    proposal: {
      authentication: block.one('authentication-method', ikeAuthenticationMethod) ?? DEFAULT.proposal.authentication,
      group: block.one('dh-group', dhGroup) ?? DEFAULT.proposal.group,
      hash: block.one('authentication-algorithm', ikeHash) ?? DEFAULT.proposal.hash,
      ...(block.one('encryption-algorithm', ikeEncryption) ?? { encryption: DEFAULT.proposal.encryption }),
    },
    lifetime: block.one('lifetime-seconds', lifetimeSeconds) ?? DEFAULT.lifetime,
  };
}

function readPolicy(block: Block, name: Word, definitions: Definitions<TimedProposal<IkeProposal>>): IkePolicy {
  identifier(32)(name);
  block.withoutEffect('description', text);
  const unknownSpiResponses = readRespondBadSpi(block);
  block.one('version', choice({ '1': 1 }, { notYet: { '2': 'IKE version 2' } }));
  const local = block.section('local-id', readLocalIdentity);
  const remote = block.section('remote-id', readRemoteIdentity);
  const policy = {
    name: name.text,
    mode: block.one('mode', choice({ main: 'main', aggressive: 'aggressive' })) ?? 'main',
    ...readProposals(block, definitions, DEFAULT, PROPOSAL_SETS),
    ...(local !== undefined && local !== 'subject' && { localIdentity: local }),
    ...(remote?.identities && { remoteIdentity: remote.identities }),
    ...(unknownSpiResponses !== undefined && { unknownSpiResponses }),
  } as const;
  const preSharedKey = block.section('pre-shared-key', readKey);
  const certificates = readCertificateUse(block, local === 'subject', remote);
  checkProofs(block, policy.proposals, { preSharedKey, certificates });
  return {
    ...policy,
    ...(preSharedKey && { preSharedKey }),
    ...(certificates && { certificates }),
  };
}

/** Of a policy whose proposals are signed: `local-certificate` and what goes with it. */
function readCertificateUse(
  block: Block,
  isNamedBySubject: boolean,
  remote: RemoteIdentity | undefined,
): CertificateUse | undefined {
  const localCertificate = block.one('local-certificate', certificateId);
  const encoding = block.one('peer-certificate-type', choice({ 'x509-signature': 'x509', pkcs7: 'pkcs7' }));
  const policyOids = block.list('certificate-policy-oids', objectIdentifier);
  if (policyOids.length > POLICY_OIDS_MOST) block.incomplete(`at most ${POLICY_OIDS_MOST} certificate-policy-oids`);
  if (localCertificate === undefined) {
    if (isNamedBySubject || remote?.names !== undefined) return block.incomplete('local-certificate');
    return undefined;
  }
  return { localCertificate, encoding: encoding ?? 'x509', policyOids, expected: expectedOf(remote), isNamedBySubject };
}

/** Where names are among them, identities too are compared with the certificate's, and not by IKE. */
function expectedOf(remote: RemoteIdentity | undefined): CertificateUse['expected'] {
  if (remote?.names === undefined) return undefined;
  const { identities, names } = remote;
  return [...(identities === undefined || identities === 'any' ? [] : [identities].flat()), ...names];
}

/** What a proposal authenticates by must be there. */
function checkProofs(
  block: Block,
  proposals: readonly IkeProposal[],
  {
    preSharedKey,
    certificates,
  }: Pick<{ [K in keyof IkePolicy]: IkePolicy[K] | undefined }, 'preSharedKey' | 'certificates'>,
): void {
  if (preSharedKey === undefined && certificates === undefined) {
    // As Junos writes it.
    block.refused('Either pre-shared-key or local-certificate must be configured in the referencd ike policy');
  }
  for (const { authentication } of proposals) {
    const isByKey = authentication === 'pre-shared-key';
    if (isByKey && preSharedKey === undefined) {
      block.incomplete(
        'proposals whose authentication-method is rsa-signatures or ecdsa-signatures, or a pre-shared-key,',
      );
    }
    if (!isByKey && certificates === undefined) block.incomplete('local-certificate');
  }
}

/** `respond-bad-spi [N]`: how often in a row IKE is begun because of an unknown SPI. */
function readRespondBadSpi(block: Block): number | undefined {
  if (!block.isBare('respond-bad-spi')) return block.one('respond-bad-spi', integer(1, BAD_SPI_RESPONSES_MOST));
  return block.flag('respond-bad-spi') ? BAD_SPI_RESPONSES : undefined;
}

/** Of peers whose addresses are not known before they call, where IKE is never begun from here. */
export function passOverRespondBadSpi(block: Block): void {
  if (block.isBare('respond-bad-spi')) block.withoutEffect('respond-bad-spi');
  else block.withoutEffect('respond-bad-spi', integer(1, BAD_SPI_RESPONSES_MOST));
}

/** 'subject': that of the local certificate. */
function readLocalIdentity(block: Block): Identification | 'subject' {
  const isSubject = block.flag('distinguished-name');
  const [identity, ...more] = readIdentities(block);
  if (more.length > 0 || (isSubject && identity !== undefined)) return block.incomplete('one identity');
  if (isSubject) return 'subject';
  return identity ?? block.incomplete('fqdn, ipv4_addr, ipv6-addr, key-id or distinguished-name');
}

/** Whom a peer may say it is, and what its certificate's subject is to be like: one of all these. */
interface RemoteIdentity {
  readonly identities: IkePolicy['remoteIdentity'];
  readonly names: readonly JunosNamePattern[] | undefined;
}

/** One identity, several of which the peer must have one, or any: the last is for dynamic endpoints. */
function readRemoteIdentity(block: Block): RemoteIdentity {
  const any = block.flag('any-remote-id');
  const names = block.section('distinguished-name', readNames);
  const [identity, ...more] = readIdentities(block);
  if (any && (identity !== undefined || names !== undefined)) {
    return block.refused(
      "Specific 'remote-id' statement must not be configured when 'any-remote-id' statement is configured.",
    );
  }
  if (any) return { identities: 'any', names };
  if (identity === undefined && names === undefined) {
    return block.incomplete('fqdn, ipv4_addr, ipv6-addr, key-id, distinguished-name or any-remote-id');
  }
  return { identities: identity === undefined || more.length === 0 ? identity : [identity, ...more], names };
}

function readNames(block: Block): readonly JunosNamePattern[] {
  const names = [
    ...block.list('exact-match', (word) => ({ match: 'exact' as const, name: distinguishedName(word) })),
    ...block.list('wildcard', (word) => ({ match: 'wildcard' as const, name: distinguishedName(word) })),
    ...block.list('container', (word) => ({ match: 'container' as const, name: distinguishedName(word) })),
  ];
  return names.length > 0 ? names : block.incomplete('container, wildcard or exact-match');
}

const distinguishedName: Value<string> = (word) => {
  const name = printable(word);
  if (/^[A-Za-z0-9.]+=/.test(name)) return name;
  throw unexpected(word.position, 'a distinguished name such as "O=Example, CN=router2"', `"${name}"`);
};

const objectIdentifier: Value<string> = ({ text: written, position }) => {
  if (/^[012](\.\d{1,10})+$/.test(written) && written.length <= 63) return written;
  throw unexpected(position, 'an object identifier of at most 63 characters, such as 2.5.29.32.0', `"${written}"`);
};

function readIdentities(block: Block): readonly Identification[] {
  return [
    ...block.list('fqdn', (word) => fqdnId(printable(word))),
    ...block.list('ipv4_addr', (word) => ipv4AddressId(ipv4Address(word))),
    ...['ipv6-addr', 'ipv6_addr'].flatMap((keyword) => block.list(keyword, (word) => ipv6AddressId(ipv6Address(word)))),
    ...['key-id', 'key_id'].flatMap((keyword) => block.list(keyword, (word) => keyId(keyIdOctets(word)))),
  ];
}

/** Hexadecimal digits are octets, as in the newer schema; anything else is the text itself. */
function keyIdOctets(word: Word): Uint8Array {
  const written = printable(word);
  return /^([0-9a-fA-F]{2})+$/.test(written) ? fromHex(written) : fromAscii(written);
}

const ipv6Address: Value<string> = ({ text: written, position }) => {
  try {
    if (parseAddress(written).length === 16) return written;
  } catch {
    // Refused below, like an address of the other family.
  }
  throw unexpected(position, 'an IPv6 address', `"${written}"`);
};

const printable: Value<string> = ({ text: written, position }) => {
  if (!/^[ -~]+$/.test(written)) throw unexpected(position, 'printable ASCII characters');
  return written;
};
