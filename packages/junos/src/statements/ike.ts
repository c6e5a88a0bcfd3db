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
import type { Block, Value } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, identifier, integer, ipv4Address, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { IkePolicy } from '../vpn.ts';
import { dhGroup, ikeAuthenticationMethod, ikeEncryption, ikeHash } from './algorithms.ts';
import { readKey } from './key.ts';
import { lifetimeSeconds, type ProposalSets, readProposals, type TimedProposal } from './proposals.ts';

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
  block.notYet('local-certificate', 'certificates');
  block.notYet('peer-certificate-type', 'certificates');
  block.notYet('certificate-policy-oids', 'certificates');
  block.withoutEffect('description', text);
  if (block.has('respond-bad-spi')) readRespondBadSpi(block);
  block.one('version', choice({ '1': 1 }, { notYet: { '2': 'IKE version 2' } }));
  const localIdentity = block.section('local-id', readLocalIdentity);
  const remoteIdentity = block.section('remote-id', readRemoteIdentity);
  return {
    name: name.text,
    mode: block.one('mode', choice({ main: 'main', aggressive: 'aggressive' })) ?? 'main',
    preSharedKey: block.requiredSection('pre-shared-key', readKey),
    ...readProposals(block, definitions, DEFAULT, PROPOSAL_SETS),
    ...(localIdentity && { localIdentity }),
    ...(remoteIdentity && { remoteIdentity }),
  };
}

/** `respond-bad-spi [N]`: what has an unknown SPI is not answered here. */
export function readRespondBadSpi(block: Block): void {
  if (block.isBare('respond-bad-spi')) block.withoutEffect('respond-bad-spi');
  else block.withoutEffect('respond-bad-spi', integer(1, 30));
}

function readLocalIdentity(block: Block): Identification {
  block.notYet('distinguished-name', 'distinguished-name as an identity');
  const [identity, ...more] = readIdentities(block);
  if (!identity) return block.incomplete('fqdn, ipv4_addr, ipv6-addr or key-id');
  if (more.length > 0) return block.incomplete('one identity');
  return identity;
}

/** One identity, several of which the peer must have one, or any: the last is for dynamic endpoints. */
function readRemoteIdentity(block: Block): NonNullable<IkePolicy['remoteIdentity']> {
  block.notYet('distinguished-name', 'distinguished-name as an identity');
  const any = block.flag('any-remote-id');
  const [identity, ...more] = readIdentities(block);
  if (any && identity !== undefined) return block.incomplete('either any-remote-id or identities');
  if (any) return 'any';
  if (!identity) return block.incomplete('fqdn, ipv4_addr, ipv6-addr, key-id or any-remote-id');
  return more.length > 0 ? [identity, ...more] : identity;
}

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
