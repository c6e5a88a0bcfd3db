import { ESP_SUITES, keyLimits, type TableSuite, UNAUTHENTICATED_SUITES } from '@espalier/crypto';
import type { Finding, IkeSaRow, SaRow } from '../report/report.ts';

/** One thing that should be otherwise: a line of a table, with its clause and what to do. */
export interface Rule<Row> {
  readonly severity: Finding['severity'];
  /** What is wrong with a row; undefined where nothing is. */
  readonly test: (row: Row) => string | undefined;
  readonly clause: string;
  readonly remedy: string;
}

/** What RFC 8247 says of IKEv2's algorithms holds for the same ones here. */
export const IKE_RULES: readonly Rule<IkeSaRow>[] = [
  {
    severity: 'high',
    test: ({ agreed }) =>
      named(agreed?.encryption, /^des(-cbc)?$/, 'encrypts with DES: its keys of 56 bits can be searched in hours'),
    clause: 'RFC 8247 §2.1: DES MUST NOT',
    remedy: 'Offer and allow AES with 128 or 256 bits.',
  },
  {
    severity: 'medium',
    test: ({ agreed }) =>
      named(agreed?.encryption, /^(3des|blowfish|cast|idea|rc5)/, 'encrypts with a cipher of 64-bit blocks'),
    clause: 'RFC 8247 §2.1: 3DES MAY, others of 64 bits not at all',
    remedy: 'Offer and allow AES with 128 or 256 bits.',
  },
  {
    severity: 'high',
    test: ({ agreed }) => named(agreed?.hash, /^(hmac-)?md5$/, 'proves and derives with MD5'),
    clause: 'RFC 8247 §2.2: PRF_HMAC_MD5 MUST NOT',
    remedy: 'Offer and allow SHA-256 or longer.',
  },
  {
    severity: 'low',
    test: ({ agreed }) => named(agreed?.hash, /^(hmac-)?sha1$/, 'proves and derives with SHA-1'),
    clause: 'RFC 8247 §2.2: PRF_HMAC_SHA1 MUST-',
    remedy: 'Offer and allow SHA-256 or longer.',
  },
  {
    severity: 'high',
    test: ({ agreed }) => groupIn(agreed?.group, [1, 22], 'agrees on keys in a group that can be broken'),
    clause: 'RFC 8247 §2.4: groups 1 and 22 MUST NOT',
    remedy: 'Offer and allow group 14, 19, 20 or 31.',
  },
  {
    severity: 'high',
    test: ({ agreed }) =>
      groupIn(
        agreed?.group,
        [2],
        'agrees on keys in 1024-bit MODP, whose discrete logarithms a state can precompute (Logjam, weakdh.org)',
      ),
    clause: 'RFC 8247 §2.4: group 2 SHOULD NOT',
    remedy: 'Offer and allow group 14, 19, 20 or 31.',
  },
  {
    severity: 'medium',
    test: ({ agreed }) => groupIn(agreed?.group, [5, 23, 24, 25, 26, 27], 'agrees on keys in a weak group'),
    clause: 'RFC 8247 §2.4: groups 5, 23 and 24 SHOULD NOT; curves below 256 bits are of less strength still',
    remedy: 'Offer and allow group 14, 19, 20 or 31.',
  },
  {
    severity: 'high',
    test: ({ mode, agreed }) =>
      mode === 'aggressive' && /pre-shared/.test(agreed?.authentication ?? '')
        ? 'Aggressive Mode with a pre-shared key: its first answer has a hash with which anybody can guess the key without being noticed, and identities are in clear'
        : undefined,
    clause: 'RFC 2409 §5.4 and §10; CVE-2002-1623',
    remedy: 'Use Main Mode, or certificates; until then a random key of 128 bits or more.',
  },
  {
    severity: 'low',
    test: ({ agreed }) =>
      agreed?.lifetimeSeconds !== undefined && agreed.lifetimeSeconds > 86_400
        ? `lives ${agreed.lifetimeSeconds} seconds, more than a day`
        : undefined,
    clause: 'NIST SP 800-77 Rev. 1: an IKE SA of 24 hours at most',
    remedy: 'Set the lifetime of phase 1 to 86400 seconds or less.',
  },
  {
    severity: 'low',
    test: ({ version }) => (version === 1 ? 'is negotiated by IKEv1' : undefined),
    clause: 'RFC 9395 §3: IKEv1 is deprecated',
    remedy: 'Use IKEv2 where both ends speak it.',
  },
];

export const SA_RULES: readonly Rule<SaRow>[] = [
  {
    severity: 'high',
    test: ({ suite }) =>
      named(suite, /^des-cbc|^des\b/, 'encrypts with DES: its keys of 56 bits can be searched in hours'),
    clause: 'RFC 8221 §5: DES MUST NOT',
    remedy: 'Use AES-GCM, or AES-CBC with HMAC-SHA-256-128.',
  },
  {
    severity: 'medium',
    test: ({ suite }) =>
      named(suite, /^(3des|blowfish|cast|idea|triple-idea|rc5)/, 'encrypts with a cipher of 64-bit blocks'),
    clause: 'RFC 8221 §5: 3DES SHOULD NOT, Blowfish and IDEA MUST NOT',
    remedy: 'Use AES-GCM, or AES-CBC with HMAC-SHA-256-128.',
  },
  {
    severity: 'high',
    test: ({ suite, octets }) => {
      const most = sweet32Octets(suite);
      return most !== undefined && octets > most
        ? `has encrypted ${octets} octets with one key of 64-bit blocks: two equal blocks tell of their plaintexts (Sweet32)`
        : undefined;
    },
    clause: 'CVE-2016-2183; SP 800-67 Rev. 2 §3.3 allows 2^20 blocks',
    remedy: 'Renew the SA before 1 GiB, or use AES.',
  },
  {
    severity: 'medium',
    test: ({ suite, lifetimeKilobytes, ikeSa }) => {
      const most = sweet32Octets(suite);
      if (most === undefined || ikeSa < 0) return undefined;
      if (lifetimeKilobytes !== undefined && lifetimeKilobytes * 1024 <= most) return undefined;
      return 'has 64-bit blocks, and no lifetime in kilobytes that ends it before they repeat (Sweet32)';
    },
    clause: 'CVE-2016-2183; RFC 2407 §4.5: life type kilobytes',
    remedy: 'Agree on 1048576 kilobytes or less, or use AES.',
  },
  {
    severity: 'high',
    test: ({ suite }) => named(suite, /md5/, 'is authenticated by MD5'),
    clause: 'RFC 8221 §6: AUTH_HMAC_MD5_96 MUST NOT',
    remedy: 'Use HMAC-SHA-256-128, or AES-GCM.',
  },
  {
    severity: 'low',
    test: ({ suite }) => named(suite, /sha1/, 'is authenticated by SHA-1 of 96 bits'),
    clause: 'RFC 8221 §6: AUTH_HMAC_SHA1_96 MUST-',
    remedy: 'Use HMAC-SHA-256-128, or AES-GCM.',
  },
  {
    severity: 'medium',
    test: ({ suite }) => named(suite, /hmac-sha2-256-96/, 'truncates SHA-256 to 96 bits, as a draft had it'),
    clause: 'RFC 4868 §2.6: 128 bits',
    remedy: 'Set the length of the ICV to 128 bits at both ends.',
  },
  {
    severity: 'high',
    test: ({ suite, isInAh }) =>
      UNAUTHENTICATED.has(suite ?? '') && !isInAh
        ? 'is encrypted and not authenticated: whoever changes packets reads them in time'
        : undefined,
    clause: 'RFC 8221 §4: MUST NOT, but inside AH',
    remedy: 'Add HMAC-SHA-256-128, or use AES-GCM.',
  },
  {
    severity: 'medium',
    test: ({ suite, protocol }) =>
      protocol === 'esp' ? named(suite, /^null|gmac/, 'encrypts nothing: what it carries is in clear') : undefined,
    clause: 'RFC 2410 §1; RFC 8221 §5',
    remedy: 'Use AES-GCM, unless what it carries needs no secrecy.',
  },
  {
    severity: 'low',
    test: ({ ikeSa, pfsGroup }) =>
      ikeSa >= 0 && pfsGroup === undefined
        ? 'has no perfect forward secrecy: who learns the secrets of the IKE SA reads it, too'
        : undefined,
    clause: 'RFC 2409 §8',
    remedy: 'Set a PFS group of 14, 19, 20 or 31 at both ends.',
  },
  {
    severity: 'medium',
    test: ({ pfsGroup }) => groupIn(pfsGroup, [1, 2, 5, 22, 23, 24, 25, 26, 27], 'has PFS in a weak group'),
    clause: 'RFC 8247 §2.4',
    remedy: 'Set a PFS group of 14, 19, 20 or 31 at both ends.',
  },
  {
    severity: 'low',
    test: ({ lifetimeSeconds }) =>
      lifetimeSeconds !== undefined && lifetimeSeconds > 28_800
        ? `lives ${lifetimeSeconds} seconds, more than eight hours`
        : undefined,
    clause: 'NIST SP 800-77 Rev. 1: an IPsec SA of 8 hours at most',
    remedy: 'Set the lifetime of phase 2 to 28800 seconds or less.',
  },
  {
    severity: 'medium',
    test: ({ antiReplay, opened, replayed, highestSequence, lowestSequence, packets }) => {
      if (antiReplay === false) return 'is received without anti-replay, as its receiver has told (REPLAY-STATUS)';
      if (packets > 2 && highestSequence === lowestSequence)
        return 'gives every packet one number: no receiver can refuse replays';
      return opened > 0 && replayed > 0
        ? `has packets that came again, ${replayed} of them: whether they are refused is up to the receiver`
        : undefined;
    },
    clause: 'RFC 4303 §3.4.3',
    remedy: 'Turn anti-replay on, with a window of 64 or more; SAs that are keyed by hand cannot have it: use IKE.',
  },
  {
    severity: 'low',
    test: ({ esn, highestSequence }) =>
      esn !== true && highestSequence > 2 ** 31 ? 'has used more than half of its 32-bit sequence numbers' : undefined,
    clause: 'RFC 4303 §2.2.1',
    remedy: 'Renew it earlier, or use extended sequence numbers.',
  },
];

const UNAUTHENTICATED: ReadonlySet<string> = new Set(UNAUTHENTICATED_SUITES.map(({ name }) => name));
const SUITES: ReadonlyMap<string, TableSuite> = new Map(
  [...ESP_SUITES, ...UNAUTHENTICATED_SUITES].map((suite) => [suite.name, suite]),
);

/** Octets after which a key of 64-bit blocks is to be renewed. */
function sweet32Octets(name: string | undefined): number | undefined {
  const suite = SUITES.get(name ?? '');
  return suite?.cipherBlockOctets === 8 ? keyLimits(suite).soft.octets : undefined;
}

function named(name: string | undefined, pattern: RegExp, what: string): string | undefined {
  return name !== undefined && pattern.test(name) ? what : undefined;
}

/** `group`: as `groupName` writes it. */
function groupIn(group: string | undefined, numbers: readonly number[], what: string): string | undefined {
  return group !== undefined && numbers.includes(Number.parseInt(group, 10)) ? `${what}: ${group}` : undefined;
}
