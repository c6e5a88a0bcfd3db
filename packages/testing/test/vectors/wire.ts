import { breaking, RULES, STRUCTURES, structure } from '@espalier/testing/arbitraries';
import { EXCHANGE, encodeMessage, FLAG, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { READINGS } from '../support/reading.ts';
import { type Expected, fileOf, type VectorFile, type WireVector } from './format.ts';

const SEED = 2408;

/** Good octets of each structure, and octets that break each rule. */
export function wireVectors(): VectorFile<WireVector> {
  const good = STRUCTURES.flatMap((name) =>
    sampled(structure(name).octets).map((octets, i) => ({
      name: `${name}-${i + 1}`,
      structure: name,
      clause: structure(name).clause,
      octets: toHex(octets),
      expect: { verdict: 'take' } as const,
    })),
  );
  const broken = RULES.flatMap(({ name, structure, clause, says }) =>
    sampled(breaking(name)).map((octets, i) => ({
      name: `${name}-${i + 1}`,
      structure,
      clause,
      says,
      octets: toHex(octets),
      expect: refused(READINGS[structure](octets)),
    })),
  );
  const about =
    'One structure each. The checksums of icmpv6-message are right between 2001:db8::1 and 2001:db8::2. What is wrong with an ' +
    'isakmp-exchange that decodes is what a responder says of it that has no IKE SA yet.';
  return fileOf(about, [...good, ...broken, ...OTHERS]);
}

const FIELDS = {
  initiatorCookie: new Uint8Array(8).fill(1),
  responderCookie: new Uint8Array(8).fill(2),
  exchange: EXCHANGE.main,
  flags: 0,
  messageId: 0,
};

/** What no rule of a clause is about. */
const OTHERS: readonly WireVector[] = [
  {
    name: 'isakmp-encrypted-1',
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.1',
    says: 'what is encrypted is not read in clear',
    octets: toHex(
      encodeMessage(FIELDS, [{ kind: 'nonce', data: new Uint8Array(16) }]).map((octet, at) =>
        at === 19 ? octet | FLAG.encryption : octet,
      ),
    ),
    expect: { verdict: 'refuse', reason: 'encrypted' },
  },
  {
    name: 'isakmp-too-many-payloads-1',
    structure: 'isakmp-message',
    clause: 'RFC 2408 §3.2',
    says: 'a limit of this library, which others may have elsewhere: 128 payloads',
    octets: toHex(
      encodeMessage(
        FIELDS,
        Array.from({ length: 129 }, () => ({ kind: 'vendor-id', data: new Uint8Array(0) })),
      ),
    ),
    expect: { verdict: 'refuse', reason: 'limit' },
  },
];

function refused(reason: string | undefined): Expected {
  if (reason === undefined) throw new Error('it is taken');
  return { verdict: 'refuse', reason };
}

/** The shortest of a few, and one of middle length. */
function sampled(octets: fc.Arbitrary<Uint8Array>): readonly Uint8Array[] {
  const samples = fc.sample(octets, { seed: SEED, numRuns: 8 }).sort((a, b) => a.length - b.length);
  return [samples[0], samples[4]].filter((one) => one !== undefined);
}
