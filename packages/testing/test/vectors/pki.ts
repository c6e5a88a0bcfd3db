import { Pki, readCertificate, readCrl, readOcspResponse, type Verdict } from '@espalier/pki';
import {
  breakingCertificate,
  CERTIFICATE_RULES,
  type CertifiedPeer,
  certifiedPeer,
} from '@espalier/testing/certificates';
import {
  CERT_ENCODING,
  concat,
  decodePayloads,
  encodePayloadBody,
  encodePayloads,
  fromHex,
  PAYLOAD,
  toHex,
} from '@espalier/wire';
import fc from 'fast-check';
import { fileOf, type PkiVector, type VectorFile } from './format.ts';
import { RIGHT, TOO_MUCH, WRONG } from './pki-laboratory.ts';

const SEED = 5280;
const AT = Date.UTC(2026, 5, 1);

/** Peers that are believed, and peers whose chain breaks each rule. */
export function pkiVectors(): VectorFile<PkiVector> {
  const good = fc.sample(certifiedPeer(AT), { seed: SEED, numRuns: 3 }).map((peer, i) => ({
    name: `chain-${i + 1}`,
    clause: 'RFC 5280 §6',
    ...ofPeer(peer),
    expect: { verdict: 'take' } as const,
  }));
  const broken = CERTIFICATE_RULES.flatMap(({ name, clause, says }) =>
    fc.sample(breakingCertificate(name, AT), { seed: SEED, numRuns: 1 }).map((peer) => {
      return withReason({ name: `${name}-1`, clause, says, ...ofPeer(peer), expect: { verdict: 'take' } });
    }),
  );
  return fileOf('One chain each, to be looked at `at`; what has been revoked is asked where `policy` says so.', [
    ...good,
    ...RIGHT.map((vector) => ({ ...vector, expect: { verdict: 'take' } as const })),
    ...broken,
    ...[...WRONG, ...TOO_MUCH].map((vector) => withReason({ ...vector, expect: { verdict: 'take' } })),
  ]);
}

/** What is said of the chain of a vector. */
export function believed({
  trustAnchor,
  chain,
  identity,
  at,
  policy,
  crls = [],
  ocspResponses = [],
  zeros = 0,
}: PkiVector): Verdict {
  const pki = new Pki({
    trustAnchors: [readOf(readCertificate(fromHex(trustAnchor)))],
    crls: crls.map((octets) => readOf(readCrl(fromHex(octets)))),
    ocspResponses: ocspResponses.map((octets) => readOf(readOcspResponse(fromHex(octets)))),
    policy: policy ?? { revocation: 'off' },
  });
  const { firstType, octets } = encodePayloads([{ kind: 'unknown', type: PAYLOAD.id, data: fromHex(identity) }]);
  const [id] = decodePayloads(firstType, octets).payloads;
  if (id?.kind !== 'id') throw new Error('no identification');
  const certificates = chain.map((data, i) => ({
    encoding: CERT_ENCODING.x509Signature,
    data: i === chain.length - 1 ? concat(fromHex(data), new Uint8Array(zeros)) : fromHex(data),
  }));
  return pki.verifyChain(at, { identity: id, certificates });
}

function ofPeer({ trustAnchor, chain, identity, at }: CertifiedPeer): Omit<PkiVector, 'name' | 'clause' | 'expect'> {
  return {
    trustAnchor: toHex(trustAnchor.octets),
    chain: chain.map(({ octets }) => toHex(octets)),
    identity: toHex(encodePayloadBody({ kind: 'id', ...identity })),
    at,
  };
}

function readOf<T>(
  read: { readonly ok: true; readonly value: T } | { readonly ok: false; readonly detail: string },
): T {
  if (!read.ok) throw new Error(read.detail);
  return read.value;
}

function withReason(vector: PkiVector): PkiVector {
  const verdict = believed(vector);
  if (verdict.ok) throw new Error(`${vector.name} is believed`);
  return { ...vector, expect: { verdict: 'refuse', reason: verdict.refusal.reason } };
}
