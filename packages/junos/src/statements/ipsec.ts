import { type EspSuite, espSuite } from '@espalier/crypto';
import { seconds } from '@espalier/wire';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tree.ts';
import type { IpsecPolicy } from '../tunnels.ts';
import type { Block } from './block.ts';
import { Definitions } from './definitions.ts';
import { dhGroup } from './ike.ts';
import { lifetimeSeconds, readProposals, type TimedProposal } from './proposals.ts';
import { choice, text } from './values.ts';

const DEFAULT_ENCRYPTION = '3des-cbc';
const DEFAULT_AUTHENTICATION = 'hmac-sha1-96';

/** What the AS PIC proposes when there is no policy, or one that names no proposal. */
const DEFAULT: TimedProposal<EspSuite> = {
  proposal: espSuite(`${DEFAULT_ENCRYPTION}/${DEFAULT_AUTHENTICATION}`),
  lifetime: seconds(28_800),
};

/** The policy of a term that names none. */
export const DEFAULT_IPSEC_POLICY: IpsecPolicy = {
  name: 'default',
  suites: [DEFAULT.proposal],
  lifetime: DEFAULT.lifetime,
};

const protocol = choice({ esp: 'esp' }, { ah: 'the protocol AH', bundle: 'AH and ESP together (protocol bundle)' });

const encryptionAlgorithm = choice({
  '3des-cbc': '3des-cbc',
  'des-cbc': 'des-cbc',
  'aes-128-cbc': 'aes-128-cbc',
  'aes-192-cbc': 'aes-192-cbc',
  'aes-256-cbc': 'aes-256-cbc',
  'aes-128-gcm': 'aes-128-gcm-16',
  'aes-192-gcm': 'aes-192-gcm-16',
  'aes-256-gcm': 'aes-256-gcm-16',
});

const authenticationAlgorithm = choice({
  'hmac-md5-96': 'hmac-md5-96',
  'hmac-sha1-96': 'hmac-sha1-96',
  'hmac-sha-256-128': 'hmac-sha2-256-128',
});

/** `ipsec { ... }`: its policies by name. */
export function readIpsec(block: Block): Definitions<IpsecPolicy> {
  const proposals = new Definitions(
    'an IPsec proposal',
    block.named('proposal', (proposal, name) => ({ name, value: readProposal(proposal) })),
  );
  const policies = new Definitions(
    'an IPsec policy',
    block.named('policy', (policy, name) => ({ name, value: readPolicy(policy, name, proposals) })),
  );
  proposals.reportUnused(block);
  return policies;
}

function readProposal(block: Block): TimedProposal<EspSuite> {
  block.withoutEffect('description', text);
  block.one('protocol', protocol);
  const encryption = block.one('encryption-algorithm', encryptionAlgorithm) ?? DEFAULT_ENCRYPTION;
  return {
    proposal: readSuite(block, encryption),
    lifetime: block.one('lifetime-seconds', lifetimeSeconds) ?? DEFAULT.lifetime,
  };
}

/** GCM authenticates by itself (RFC 4106 §1). */
function readSuite(block: Block, encryption: string): EspSuite {
  if (encryption.includes('-gcm-')) {
    block.one('authentication-algorithm', noneBesideGcm);
    return espSuite(encryption);
  }
  return espSuite(
    `${encryption}/${block.one('authentication-algorithm', authenticationAlgorithm) ?? DEFAULT_AUTHENTICATION}`,
  );
}

function noneBesideGcm({ position, text: name }: Word): never {
  throw unexpected(position, 'no authentication-algorithm, since GCM authenticates by itself', `"${name}"`);
}

function readPolicy(block: Block, name: Word, definitions: Definitions<TimedProposal<EspSuite>>): IpsecPolicy {
  block.withoutEffect('description', text);
  const pfsGroup = block.section('perfect-forward-secrecy', (pfs) => pfs.required('keys', dhGroup));
  const { proposals, lifetime } = readProposals(block, definitions, DEFAULT);
  return { name: name.text, suites: proposals, lifetime, ...(pfsGroup && { pfsGroup }) };
}
