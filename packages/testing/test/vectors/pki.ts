import { certificatePayloads, Pki, readCertificate, type Verdict } from '@espalier/pki';
import {
  breakingCertificate,
  CERTIFICATE_RULES,
  type CertifiedPeer,
  certifiedPeer,
} from '@espalier/testing/certificates';
import { decodePayloads, encodePayloadBody, encodePayloads, fromHex, PAYLOAD, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { fileOf, type PkiVector, type VectorFile } from './format.ts';

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
  const broken = CERTIFICATE_RULES.flatMap((name) =>
    fc.sample(breakingCertificate(name, AT), { seed: SEED, numRuns: 1 }).map((peer) => {
      const { name, clause, says } = peer.rule;
      return withReason({ name: `${name}-1`, clause, says, ...ofPeer(peer), expect: { verdict: 'take' } });
    }),
  );
  return fileOf('One chain each, to be looked at `at`, whatever has been revoked.', [...good, ...broken]);
}

/** What is said of the chain of a vector. */
export function believed({ trustAnchor, chain, identity, at }: PkiVector): Verdict {
  const pki = new Pki({ trustAnchors: [certificate(trustAnchor)], policy: { revocation: 'off' } });
  const { firstType, octets } = encodePayloads([{ kind: 'unknown', type: PAYLOAD.id, data: fromHex(identity) }]);
  const [id] = decodePayloads(firstType, octets).payloads;
  if (id?.kind !== 'id') throw new Error('no identification');
  return pki.verifyChain(at, { identity: id, certificates: certificatePayloads(chain.map(certificate)) });
}

function ofPeer({ trustAnchor, chain, identity, at }: CertifiedPeer): Omit<PkiVector, 'name' | 'clause' | 'expect'> {
  return {
    trustAnchor: toHex(trustAnchor.octets),
    chain: chain.map(({ octets }) => toHex(octets)),
    identity: toHex(encodePayloadBody({ kind: 'id', ...identity })),
    at,
  };
}

function certificate(hex: string) {
  const read = readCertificate(fromHex(hex));
  if (!read.ok) throw new Error(read.detail);
  return read.value;
}

function withReason(vector: PkiVector): PkiVector {
  const verdict = believed(vector);
  if (verdict.ok) throw new Error(`${vector.name} is believed`);
  return { ...vector, expect: { verdict: 'refuse', reason: verdict.refusal.reason } };
}
