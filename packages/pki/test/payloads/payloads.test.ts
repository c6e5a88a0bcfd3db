import {
  answerWith,
  certificatePayloads,
  certificateRequests,
  crlPayload,
  Pki,
  readPkcs7,
  writePkcs7,
} from '@espalier/pki';
import { issueCrl } from '@espalier/pki/issue';
import { CERT_ENCODING, fqdnId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import {
  AT,
  BY_ISSUING,
  BY_ROOT,
  ISSUING,
  issue,
  KEYS,
  NAME,
  publicKey,
  ROOT,
  reasonOf,
  verify,
} from '../support/authorities.ts';

const leaf = issue(BY_ISSUING);
const chain = [leaf, ISSUING];

describe('a chain in certificate payloads', () => {
  it.each(['x509', 'pkcs7'] as const)('of encoding %s is verified', (encoding) => {
    expect(reasonOf(verify([], { payloads: certificatePayloads(chain, encoding) }))).toBe('ok');
  });

  it('may be the end entity alone', () => {
    const payloads = certificatePayloads(chain, 'end-entity');
    expect(payloads).toEqual([{ encoding: CERT_ENCODING.x509Signature, data: leaf.octets }]);
    expect(reasonOf(verify([], { payloads, certificates: [ISSUING] }))).toBe('ok');
  });

  it('in PKCS#7 has the end entity first', () => {
    const read = readPkcs7(writePkcs7(chain));
    expect(read).toMatchObject({ ok: true, value: { certificates: chain.map(({ octets }) => octets), crls: [] } });
  });

  it('may have its CRLs along', () => {
    const crls = [issueCrl(BY_ROOT, { thisUpdate: AT }), issueCrl(BY_ISSUING, { thisUpdate: AT })];
    const payloads = [...certificatePayloads(chain), ...crls.map(crlPayload)];
    const policy = { revocation: 'required' } as const;
    expect(reasonOf(verify([], { payloads, policy }))).toBe('ok');
    expect(reasonOf(verify(chain, { policy }))).toBe('no-crl');
  });

  it('is told from encodings that are not of X.509', () => {
    const payloads = [{ encoding: CERT_ENCODING.pgp, data: Uint8Array.of(1) }, ...certificatePayloads(chain)];
    expect(reasonOf(verify([], { payloads }))).toBe('ok');
  });
});

describe('the answers to IKE', () => {
  const credentials = [
    { certificate: issue(BY_ROOT, { key: KEYS.rsa }), key: KEYS.rsa },
    { certificate: leaf, key: KEYS.leaf, issuers: [ISSUING, ROOT] },
  ];
  const pki = new Pki({ trustAnchors: [ROOT], credentials, policy: { revocation: 'off' } });
  const question = { peer: 'R3', role: 'initiator', identity: fqdnId(NAME), requests: [] } as const;

  it('ask for certificates of the trust anchors', () => {
    expect(pki.certificateRequests()).toEqual([
      { encoding: CERT_ENCODING.x509Signature, authority: ROOT.subject.octets },
    ]);
    expect(certificateRequests([ROOT], 'pkcs7')[0]?.encoding).toBe(CERT_ENCODING.pkcs7);
  });

  it.each([
    ['rsa-signature', 20, 0],
    ['ecdsa-384', 48, 1],
  ] as const)(
    'sign by %s with the certificate that has such a key, and send its issuers but the root',
    (method, octets, index) => {
      const hash = new Uint8Array(octets).fill(5);
      const answer = answerWith(pki)({ ...question, kind: 'sign', method, hash }, AT);
      const sent = index === 0 ? [credentials[0]?.certificate.octets] : chain.map((one) => one.octets);
      expect(answer).toMatchObject({ kind: 'sign', certificates: sent.map((data) => ({ encoding: 4, data })) });
      const { signature } = answer?.kind === 'sign' ? answer : { signature: undefined };
      expect(signature?.length).toBe(index === 0 ? 256 : 96);
    },
  );

  it('prefer a certificate that the peer asks for', () => {
    const both = [
      { certificate: issue(BY_ISSUING), key: KEYS.leaf },
      { certificate: issue(BY_ROOT), key: KEYS.leaf },
    ];
    const two = new Pki({ trustAnchors: [ROOT], credentials: both });
    for (const [authority, credential] of [
      [ISSUING, both[0]],
      [ROOT, both[1]],
    ] as const) {
      const requests = certificateRequests([authority]);
      const signed = two.sign({ ...question, method: 'ecdsa-384', hash: new Uint8Array(48), requests });
      expect(signed?.certificates[0]?.data).toEqual(credential?.certificate.octets);
    }
  });

  it('say that there is no key', () => {
    const hash = new Uint8Array(64);
    expect(answerWith(pki)({ ...question, kind: 'sign', method: 'ecdsa-521', hash }, AT)).toEqual({
      kind: 'sign',
      signature: undefined,
    });
  });

  it('give the key of a chain, or which certificate is refused and why', () => {
    const asked = { ...question, kind: 'verify-chain', method: 'ecdsa-384' } as const;
    const certificates = certificatePayloads(chain);
    const answering = answerWith((peer) => (peer === 'R3' ? pki : undefined));
    expect(answering({ ...asked, certificates }, AT)).toMatchObject({
      kind: 'verify-chain',
      key: publicKey(KEYS.leaf),
    });
    expect(answering({ ...asked, certificates: [] }, AT)).toMatchObject({
      reason: expect.stringMatching(/^no-certificate: /),
    });
    expect(answering({ ...asked, peer: 'R4', certificates }, AT)).toMatchObject({
      reason: expect.stringContaining('R4'),
    });
  });

  it('are none where the question is another', () => {
    expect(
      answerWith(pki)({ kind: 'shared-key', peer: 'R3', role: 'initiator', identity: undefined }, AT),
    ).toBeUndefined();
  });
});

describe('the caller’s mistakes', () => {
  const [pem] = ['-----BEGIN CERTIFICATE-----'] as unknown[];
  const given = (config: object) => () => Reflect.construct(Pki, [{ trustAnchors: [ROOT], ...config }]);

  it.each<[string, object, string]>([
    ['no trust anchors', { trustAnchors: undefined }, 'trustAnchors must be a list'],
    ['a file in place of a certificate', { trustAnchors: [pem] }, 'trustAnchors[0] must have been read'],
    ['what a reader gave, unopened', { certificates: [{ ok: true }] }, 'certificates[0] must have been read'],
    ['a CRL that is none', { crls: [1] }, 'crls[0]'],
    ['an OCSP response that is none', { ocspResponses: [null] }, 'ocspResponses[0]'],
    ['the key of another', { credentials: [{ certificate: leaf, key: KEYS.other }] }, 'credentials[0].key'],
    ['revocation by another word', { policy: { revocation: 'no' } }, 'policy.revocation'],
    ['CRLs that are never fresh', { policy: { freshHours: 0 } }, 'policy.freshHours'],
    ['RSA keys of 512 bits', { policy: { leastRsaBits: 512 } }, 'policy.leastRsaBits'],
  ])('%s', (_, config, message) => {
    expect(given(config)).toThrow(message);
  });

  it('a time that is none', () => {
    expect(() => verify(chain, { at: Number.NaN })).toThrow(RangeError);
  });
});
