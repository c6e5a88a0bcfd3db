import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { autoEngine } from '@espalier/crypto/node';
import { distinguishedNameId, Pki, readCertificate, readCrl, type TrustPolicy } from '@espalier/pki';
import { describe, expect, it } from 'vitest';
import { reasonOf } from '../support/authorities.ts';

/** NIST's Public Key Interoperability Test Suite (test/vectors/README.md). */
const pkits: Record<'certificates' | 'crls', Record<string, string>> = JSON.parse(
  gunzipSync(readFileSync(new URL('../../../../test/vectors/nist-pkits/pkits.json.gz', import.meta.url))).toString(),
);
const AT = Date.UTC(2015, 0, 1);
const { engine } = await autoEngine();

const octetsOf = (text: string) => Uint8Array.from(Buffer.from(text, 'base64'));
const certificates = Object.entries(pkits.certificates).map(([name, text]) => {
  const octets = octetsOf(text);
  return { name, octets, read: readCertificate(octets) };
});
const readable = certificates.flatMap(({ name, read }) => (read.ok ? [{ name, certificate: read.value }] : []));
const crls = Object.values(pkits.crls).map((text) => readCrl(octetsOf(text)));
const trustAnchors = readable
  .filter(({ name }) => name.startsWith('TrustAnchor'))
  .map(({ certificate }) => certificate);

/** Signatures that are no whole octets: those of the tests that are damaged, and no more. */
const MALFORMED = ['BadSignedCACert', 'InvalidDSASignatureTest6EE'];

/** What is not spoken is refused: DSA. */
const NOT_SPOKEN: Readonly<Record<string, string>> = {
  ValidDSASignaturesTest4EE: 'unsupported-signature',
  ValidDSAParameterInheritanceTest5EE: 'unsupported-signature',
};

/** Tests of §4.8 to §4.12 whose names do not say what comes of them, with any policy wanted. */
const REFUSED_OF_NO_NAME = ['Test4EE', 'Test5EE', 'Test7EE', 'Test8EE', 'Test9EE', 'Test12EE'].map(
  (test) => `DifferentPolicies${test}`,
);

const pkiOf = (policy: TrustPolicy) =>
  new Pki({
    trustAnchors,
    certificates: readable.filter((one) => !one.name.endsWith('EE')).map(({ certificate }) => certificate),
    crls: crls.flatMap((crl) => (crl.ok ? [crl.value] : [])),
    policy,
    engine,
  });

/** With the policy of most tests, which are all put to the same one. */
const USUAL = pkiOf({});

function verify(name: string, policy?: TrustPolicy): string {
  const pki = policy === undefined ? USUAL : pkiOf(policy);
  const { octets, read } = certificates.find((one) => one.name === name) ?? {
    octets: new Uint8Array(),
    read: undefined,
  };
  const subject = read?.ok ? read.value.subject : trustAnchors[0]?.subject;
  if (subject === undefined) throw new Error('no certificates');
  return reasonOf(
    pki.verifyChain(AT, { identity: distinguishedNameId(subject), certificates: [{ encoding: 4, data: octets }] }),
  );
}

const tests = certificates.map(({ name }) => name).filter((name) => name.endsWith('EE'));

describe('NIST PKITS', () => {
  it('is read, but for what is damaged', () => {
    expect(certificates.length).toBe(405);
    expect(certificates.filter(({ read }) => !read.ok).map(({ name }) => name)).toEqual(MALFORMED);
    expect(crls.filter(({ ok }) => !ok).length).toBe(1);
  });

  it.each(tests.filter((name) => name.startsWith('Invalid')))('refuses %s', (name) => {
    expect(verify(name)).not.toBe('ok');
  });

  it.each(tests.filter((name) => name.startsWith('Valid')))('takes %s', (name) => {
    expect(verify(name)).toBe(NOT_SPOKEN[name] ?? 'ok');
  });

  it.each(tests.filter((name) => !/^(Inv|V)alid/.test(name)))('decides on %s as §4.8 to §4.12 say', (name) => {
    expect(verify(name)).toBe(REFUSED_OF_NO_NAME.includes(name) ? 'certificate-policy' : 'ok');
  });

  const [P1, P2] = ['2.16.840.1.101.3.2.1.48.1', '2.16.840.1.101.3.2.1.48.2'];
  it.each([
    ['ValidCertificatePathTest1EE', P1, 'ok'],
    ['ValidCertificatePathTest1EE', P2, 'certificate-policy'],
    ['AllCertificatesNoPoliciesTest2EE', P1, 'certificate-policy'],
    ['DifferentPoliciesTest3EE', P1, 'certificate-policy'],
    ['OverlappingPoliciesTest6EE', P1, 'ok'],
    ['OverlappingPoliciesTest6EE', P2, 'certificate-policy'],
    ['AllCertificatesSamePoliciesTest10EE', P1, 'ok'],
    ['AllCertificatesSamePoliciesTest10EE', P2, 'ok'],
    ['AllCertificatesanyPolicyTest11EE', P1, 'ok'],
    ['AllCertificatesSamePoliciesTest13EE', P2, 'ok'],
    ['AnyPolicyTest14EE', P1, 'ok'],
    ['AnyPolicyTest14EE', P2, 'certificate-policy'],
    ['ValidPolicyMappingTest1EE', P1, 'ok'],
    ['ValidPolicyMappingTest1EE', P2, 'certificate-policy'],
    ['ValidPolicyMappingTest3EE', P2, 'ok'],
    ['ValidPolicyMappingTest5EE', P1, 'ok'],
    ['ValidPolicyMappingTest6EE', P1, 'ok'],
    ['ValidPolicyMappingTest6EE', P2, 'certificate-policy'],
  ])('with a policy that is wanted: %s, %s: %s', (name, policy, expected) => {
    expect(verify(name, { certificatePolicies: [policy] })).toBe(expected);
  });
});
