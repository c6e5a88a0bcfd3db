import type { DhGroupNumber } from '@espalier/crypto';
import type { IkeProposal } from '@espalier/ike';
import { fqdnId, fromAscii, fromHex, type Identification, ipv4AddressId, keyId, seconds } from '@espalier/wire';
import { unexpected, unsupported } from '../text/error.ts';
import type { Word } from '../text/tree.ts';
import type { IkePolicy } from '../tunnels.ts';
import type { Block, Value } from './block.ts';
import { Definitions } from './definitions.ts';
import { lifetimeSeconds, readProposals, type TimedProposal } from './proposals.ts';
import { choice, ipv4Address, text } from './values.ts';

/** The groups of phase 1 and of perfect forward secrecy. */
export const dhGroup: Value<DhGroupNumber> = choice({ group1: 1, group2: 2, group5: 5, group14: 14 });

/** What the AS PIC proposes when a policy names no proposal; it also fills in what a proposal leaves out. */
const DEFAULT = {
  proposal: { encryption: '3des-cbc', hash: 'sha1', group: 2, authentication: 'pre-shared-key' },
  lifetime: seconds(3600),
} as const satisfies TimedProposal<IkeProposal>;

const authenticationMethod = choice<IkeProposal['authentication']>(
  { 'pre-shared-keys': 'pre-shared-key' },
  { 'rsa-signatures': 'RSA signatures', 'dsa-signatures': 'DSA signatures' },
);

const authenticationAlgorithm = choice<IkeProposal['hash']>({
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha2-256',
  'sha-256': 'sha2-256',
});

const encryptionAlgorithm = choice<Pick<IkeProposal, 'encryption' | 'keyOctets'>>({
  '3des-cbc': { encryption: '3des-cbc' },
  'des-cbc': { encryption: 'des-cbc' },
  'aes-128-cbc': { encryption: 'aes-cbc', keyOctets: 16 },
  'aes-192-cbc': { encryption: 'aes-cbc', keyOctets: 24 },
  'aes-256-cbc': { encryption: 'aes-cbc', keyOctets: 32 },
});

/** `ike { ... }`: its policies by name. */
export function readIke(block: Block): Definitions<IkePolicy> {
  const proposals = new Definitions(
    'an IKE proposal',
    block.named('proposal', (proposal, name) => ({ name, value: readProposal(proposal) })),
  );
  const policies = new Definitions(
    'an IKE policy',
    block.named('policy', (policy, name) => ({ name, value: readPolicy(policy, name, proposals) })),
  );
  proposals.reportUnused(block);
  return policies;
}

function readProposal(block: Block): TimedProposal<IkeProposal> {
  block.withoutEffect('description', text);
  return {
    proposal: {
      authentication: block.one('authentication-method', authenticationMethod) ?? DEFAULT.proposal.authentication,
      group: block.one('dh-group', dhGroup) ?? DEFAULT.proposal.group,
      hash: block.one('authentication-algorithm', authenticationAlgorithm) ?? DEFAULT.proposal.hash,
      ...(block.one('encryption-algorithm', encryptionAlgorithm) ?? { encryption: DEFAULT.proposal.encryption }),
    },
    lifetime: block.one('lifetime-seconds', lifetimeSeconds) ?? DEFAULT.lifetime,
  };
}

function readPolicy(block: Block, name: Word, definitions: Definitions<TimedProposal<IkeProposal>>): IkePolicy {
  block.notYet('local-certificate', 'certificates');
  block.withoutEffect('description', text);
  block.one('version', choice({ '1': 1 }, { '2': 'IKE version 2' }));
  const localIdentity = block.section('local-id', readIdentity);
  const remoteIdentity = block.section('remote-id', readIdentity);
  return {
    name: name.text,
    mode: block.one('mode', choice({ main: 'main' }, { aggressive: 'aggressive mode' })) ?? 'main',
    preSharedKey: block.requiredSection('pre-shared-key', readKey),
    ...readProposals(block, definitions, DEFAULT),
    ...(localIdentity && { localIdentity }),
    ...(remoteIdentity && { remoteIdentity }),
  };
}

/** `local-id` and `remote-id`: one identity, of any kind. */
function readIdentity(block: Block): Identification {
  for (const keyword of ['any-remote-id', 'ipv6-addr', 'ipv6_addr']) block.notYet(keyword, `${keyword} as an identity`);
  const [identity, ...more] = [
    ...block.list('fqdn', (word) => fqdnId(printable(word))),
    ...block.list('ipv4_addr', (word) => ipv4AddressId(ipv4Address(word))),
    ...block.list('key-id', (word) => keyId(fromAscii(printable(word)))),
    ...block.list('key_id', (word) => keyId(fromAscii(printable(word)))),
  ];
  if (!identity) return block.incomplete('fqdn, ipv4_addr or key-id');
  if (more.length > 0) return block.incomplete('one identity (several are not supported yet)');
  return identity;
}

/** The octets of a pre-shared key. No error text here may quote a word: it could be the key. */
function readKey(block: Block): Uint8Array {
  block.conceal();
  const ascii = block.one('ascii-text', asciiKey);
  const hexadecimal = block.one('hexadecimal', hexadecimalKey);
  if (ascii && hexadecimal) return block.incomplete('either ascii-text or hexadecimal');
  return ascii ?? hexadecimal ?? block.incomplete('ascii-text or hexadecimal');
}

const asciiKey: Value<Uint8Array> = ({ text, position }) => {
  if (text.startsWith('$9$')) throw unsupported(position, 'keys in the form $9$', 'the key itself');
  if (!PRINTABLE.test(text)) throw unexpected(position, 'a key of printable ASCII characters');
  return fromAscii(text);
};

const hexadecimalKey: Value<Uint8Array> = ({ text, position }) => {
  if (!/^([0-9a-fA-F]{2})+$/.test(text)) throw unexpected(position, 'an even number of hexadecimal digits');
  return fromHex(text);
};

const PRINTABLE = /^[ -~]+$/;

const printable: Value<string> = ({ text, position }) => {
  if (!PRINTABLE.test(text)) throw unexpected(position, 'printable ASCII characters');
  return text;
};
