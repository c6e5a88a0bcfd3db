import { ahSuite, type EspSuite, espSuite } from '@espalier/crypto';
import type { ProtectionBundle } from '@espalier/ike';
import { seconds } from '@espalier/wire';
import type { Block } from '../places/block.ts';
import { Definitions } from '../places/definitions.ts';
import { choice, identifier, text } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { IpsecPolicy } from '../vpn.ts';
import { dhGroup, espAuthentication, espEncryption, manualEncryption } from './algorithms.ts';
import { lifetimeSeconds, type ProposalSets, readProposals, type TimedProposal } from './proposals.ts';

const DEFAULT_ENCRYPTION = '3des-cbc';
const DEFAULT_AUTHENTICATION = 'hmac-sha1-96';

/** What the AS PIC proposes when there is no policy, or one that names no proposal. */
const DEFAULT_SUITE: EspSuite = espSuite(`${DEFAULT_ENCRYPTION}/${DEFAULT_AUTHENTICATION}`);

const DEFAULT: TimedProposal<IpsecProposal> = {
  proposal: { suite: DEFAULT_SUITE },
  lifetime: seconds(28_800),
};

/** The policy of a term that names none. */
export const DEFAULT_IPSEC_POLICY: IpsecPolicy = {
  name: 'default',
  suites: [DEFAULT_SUITE],
  lifetime: DEFAULT.lifetime,
};

/** The predefined proposals of SRX and J series; `standard` has perfect forward secrecy with group 2. */
const PROPOSAL_SETS: ProposalSets<IpsecProposal> = {
  basic: ['des-cbc/hmac-sha1-96', 'des-cbc/hmac-md5-96'].map(espProposal),
  compatible: ['3des-cbc/hmac-sha1-96', '3des-cbc/hmac-md5-96', 'des-cbc/hmac-sha1-96', 'des-cbc/hmac-md5-96'].map(
    espProposal,
  ),
  standard: ['3des-cbc/hmac-sha1-96', 'aes-128-cbc/hmac-sha1-96'].map(espProposal),
};

const protocol = choice({ esp: 'esp', ah: 'ah', bundle: 'bundle' });

/** ESP alone, or what has AH. */
interface IpsecProposal {
  readonly suite?: EspSuite;
  readonly bundle?: ProtectionBundle;
}

function espProposal(name: string): IpsecProposal {
  return { suite: espSuite(name) };
}

/** `ipsec { ... }`: its policies by name. */
export function readIpsec(block: Block): Definitions<IpsecPolicy> {
  const proposals = new Definitions(
    'an IPsec proposal',
    block.named('proposal', (proposal, name) => ({ name, value: readProposal(proposal, name) })),
  );
  const policies = new Definitions(
    'an IPsec policy',
    block.named('policy', (policy, name) => ({ name, value: readPolicy(policy, name, proposals) })),
  );
  proposals.reportUnused(block);
  return policies;
}

function readProposal(block: Block, name: Word): TimedProposal<IpsecProposal> {
  identifier(32)(name);
  block.withoutEffect('description', text);
  return {
    proposal: readProtection(block, block.one('protocol', protocol) ?? 'esp'),
    lifetime: block.one('lifetime-seconds', lifetimeSeconds) ?? DEFAULT.lifetime,
  };
}

/** Of a bundle AH authenticates, and ESP encrypts alone. */
function readProtection(block: Block, kind: 'esp' | 'ah' | 'bundle'): IpsecProposal {
  if (kind === 'ah' && block.has('encryption-algorithm')) {
    return block.refused('Encryption algorithm must not be defined for AH');
  }
  if (kind === 'esp') {
    return { suite: readSuite(block, block.one('encryption-algorithm', espEncryption) ?? DEFAULT_ENCRYPTION) };
  }
  const ah = [ahSuite(block.one('authentication-algorithm', espAuthentication) ?? DEFAULT_AUTHENTICATION)];
  if (kind === 'ah') return { bundle: { ah } };
  const encryption = block.one('encryption-algorithm', manualEncryption) ?? DEFAULT_ENCRYPTION;
  return { bundle: { esp: [espSuite(`${encryption}/none`)], ah } };
}

/** GCM authenticates by itself (RFC 4106 §1). */
function readSuite(block: Block, encryption: string): EspSuite {
  if (encryption.includes('-gcm-')) {
    block.one('authentication-algorithm', noneBesideGcm);
    return espSuite(encryption);
  }
  return espSuite(
    `${encryption}/${block.one('authentication-algorithm', espAuthentication) ?? DEFAULT_AUTHENTICATION}`,
  );
}

function noneBesideGcm({ position, text: name }: Word): never {
  throw unexpected(position, 'no authentication-algorithm, since GCM authenticates by itself', `"${name}"`);
}

function readPolicy(block: Block, name: Word, definitions: Definitions<TimedProposal<IpsecProposal>>): IpsecPolicy {
  identifier(32)(name);
  block.withoutEffect('description', text);
  const asked = block.section('perfect-forward-secrecy', (pfs) => pfs.required('keys', dhGroup));
  const bySet = block.one('proposal-set', ({ text: set }) => (set === 'standard' ? 2 : undefined));
  const pfsGroup = asked ?? bySet;
  const { proposals, lifetime } = readProposals(block, definitions, DEFAULT, PROPOSAL_SETS);
  const suites = proposals.flatMap(({ suite }) => suite ?? []);
  const bundles = proposals.flatMap(({ bundle }) => bundle ?? []);
  return { name: name.text, suites, ...(bundles.length > 0 && { bundles }), lifetime, ...(pfsGroup && { pfsGroup }) };
}
