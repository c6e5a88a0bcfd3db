import { issueCertificate, issueCrl } from '@espalier/pki/issue';
import { fqdnId, ID_TYPE, ipv4AddressId } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { publicKeyOf, rsaKey } from '../../../test/support/signing-keys.ts';
import {
  type CertificateFacts,
  type CrlFacts,
  formatCaCertificates,
  formatCertificateRequests,
  formatCrls,
  formatLocalCertificates,
  formatServiceCertificates,
  JunosError,
  readJunos,
} from '../src/index.ts';

interface Parts {
  readonly pki?: string;
  readonly options?: string;
  readonly policy?: string;
  readonly proposal?: string;
}

const PROFILE = 'ca-profile entrust { ca-identity entrust; }';

/** R2 of the example with digital certificates, as far as certificates go. */
function text({
  pki = PROFILE,
  options = 'trusted-ca entrust;',
  policy = 'local-certificate local-entrust2; local-id fqdn router2.example.com; remote-id fqdn router3.example.com;',
  proposal = 'authentication-method rsa-signatures;',
}: Parts = {}): string {
  return `
interfaces {
  sp-1/2/0 {
    unit 1 { family inet; service-domain inside; }
    unit 2 { family inet; service-domain outside; }
  }
}
security { pki { ${pki} } }
services {
  service-set s {
    next-hop-service { inside-service-interface sp-1/2/0.1; outside-service-interface sp-1/2/0.2; }
    ipsec-vpn-options { local-gateway 10.1.15.1; ${options} }
    ipsec-vpn-rules r;
  }
  ipsec-vpn {
    rule r { term t { then { remote-gateway 10.1.15.2; dynamic { ike-policy p; } } } match-direction input; }
    ike { proposal a { ${proposal} } policy p { proposals a; ${policy} } }
  }
}`;
}

const read = (parts: Parts = {}) => readJunos(text(parts)).configuration;
const policyWith = (rest: string) => `local-certificate local-entrust2; ${rest}`;

describe('a policy with certificates', () => {
  it('is a peer whose keys are asked for, and what is said of them', () => {
    const { gateway, pki } = read();
    expect(gateway.peers).toMatchObject([
      {
        name: '10.1.15.1 - 10.1.15.2',
        localIdentity: fqdnId('router2.example.com'),
        remoteIdentity: fqdnId('router3.example.com'),
        credentials: { privateKey: 'ask', remoteKey: 'ask' },
        proposals: [{ authentication: 'rsa-signature', encryption: '3des-cbc', hash: 'sha1', group: 2 }],
      },
    ]);
    expect(gateway.peers[0]).not.toHaveProperty('preSharedKey');
    expect(gateway.peers[0]).not.toHaveProperty('certificates');
    expect(pki.peers).toEqual([
      {
        peer: '10.1.15.1 - 10.1.15.2',
        serviceSet: 's',
        trustedCas: ['entrust'],
        sendsChain: true,
        localCertificate: 'local-entrust2',
        encoding: 'x509',
        policyOids: [],
        expected: undefined,
        isNamedBySubject: false,
      },
    ]);
  });

  it.each([
    ['ecdsa-signatures-256', 'ecdsa-256'],
    ['ecdsa-signatures-384', 'ecdsa-384'],
  ])('may be of %s', (method, authentication) => {
    expect(read({ proposal: `authentication-method ${method};` }).gateway.peers[0]?.proposals).toMatchObject([
      { authentication },
    ]);
  });

  it('says how chains are sent, and which certificate policies are wanted', () => {
    const parts = {
      options: 'trusted-ca [ entrust other ]; no-certificate-chain-in-ike;',
      pki: `${PROFILE} ca-profile other;`,
      policy: policyWith('peer-certificate-type pkcs7; certificate-policy-oids [ 1.2.3 2.5.29.32.0 ];'),
    };
    expect(read(parts).pki.peers).toMatchObject([
      { trustedCas: ['entrust', 'other'], sendsChain: false, encoding: 'pkcs7', policyOids: ['1.2.3', '2.5.29.32.0'] },
    ]);
  });

  it('has patterns of names, which are for the certificate’s reader, and IKE lets anybody come that far', () => {
    const policy = policyWith(
      'remote-id { fqdn [ a.example b.example ]; distinguished-name { container "OU=VPN"; wildcard [ "C=us, CN=*" "O=x, CN=*" ]; exact-match CN=r; } }',
    );
    const { gateway, pki } = read({ policy });
    expect(gateway.peers[0]?.remoteIdentity).toBe('any');
    expect(pki.peers[0]?.expected).toEqual([
      fqdnId('a.example'),
      fqdnId('b.example'),
      { match: 'exact', name: 'CN=r' },
      { match: 'wildcard', name: 'C=us, CN=*' },
      { match: 'wildcard', name: 'O=x, CN=*' },
      { match: 'container', name: 'OU=VPN' },
    ]);
  });

  it('may be called by the subject of its certificate, where that is given', () => {
    const policy = policyWith('local-id distinguished-name;');
    const localCertificates = new Map([['local-entrust2', { subject: LEAF.subject }]]);
    const { gateway } = readJunos(text({ policy }), { localCertificates }).configuration;
    expect(gateway.peers[0]?.localIdentity).toMatchObject({ idType: ID_TYPE.derAsn1Dn, data: LEAF.subject.octets });
    expect(() => read({ policy })).toThrow('local-entrust2');
  });

  it('asks for certificates of its authorities, where they are given', () => {
    const authorities = new Map([['entrust', ROOT]]);
    const { gateway } = readJunos(text(), { authorities }).configuration;
    const requests = [{ encoding: 4, authority: ROOT.subject.octets }];
    expect(gateway.peers[0]?.credentials).toEqual({ privateKey: 'ask', remoteKey: 'ask', requests });
  });

  it('expects the peer’s address where it says nothing', () => {
    expect(read({ policy: policyWith('') }).gateway.peers[0]).not.toHaveProperty('remoteIdentity');
  });

  it('may have several identities', () => {
    const policy = policyWith('remote-id { fqdn a.example; ipv4_addr [ 10.1.15.2 ]; }');
    expect(read({ policy }).gateway.peers[0]?.remoteIdentity).toEqual([
      fqdnId('a.example'),
      ipv4AddressId('10.1.15.2'),
    ]);
  });
});

describe('a CA profile', () => {
  it.each([
    [
      'nothing but its name',
      'ca-profile entrust;',
      { identity: 'entrust', revocation: 'required', crlRefreshHours: 24, crlUrls: [] },
    ],
    ['CRLs by default', PROFILE, { revocation: 'required' }],
    ['use-crl', 'ca-profile entrust { revocation-check { use-crl; } }', { revocation: 'required' }],
    ['no check', 'ca-profile entrust { revocation-check { disable; } }', { revocation: 'off' }],
    [
      'a CRL that need not be there',
      'ca-profile entrust { revocation-check { crl { disable on-download-failure; } } }',
      { revocation: 'if-present' },
    ],
    [
      'where its CRL is, and how often it is fetched',
      'ca-profile entrust { revocation-check { crl { url ldap://10.1.1.1/ password secret; url http://ca/x.crl; refresh-interval 48; } } }',
      { crlUrls: ['ldap://10.1.1.1/', 'http://ca/x.crl'], crlRefreshHours: 48 },
    ],
    [
      'enrollment',
      'ca-profile entrust { enrollment { url http://ca/pkiclient.exe; retry 3; retry-interval 60; } }',
      { enrollmentUrl: 'http://ca/pkiclient.exe' },
    ],
  ])('has %s', (_, pki, expected) => {
    expect(read({ pki }).pki.caProfiles).toMatchObject([{ name: 'entrust', ...expected }]);
  });

  it('is told of when nothing refers to it', () => {
    const { notices } = readJunos(text({ pki: `${PROFILE} ca-profile other;` }));
    expect(notices.map((notice) => notice.text)).toContain('nothing refers to a CA profile: other');
  });

  it('may be renewed automatically, which is told to have no effect', () => {
    const renewal =
      'auto-re-enrollment { certificate-id local-entrust2 { ca-profile entrust; challenge-password "$9$x"; re-enroll-trigger-time-percentage 10; re-generate-keypair; validity-period 365; } }';
    const { notices } = readJunos(text({ pki: `ca-profile entrust { enrollment { url http://ca/; } } ${renewal}` }));
    expect(notices.map((notice) => notice.text)).toContain(
      'auto-re-enrollment of local-entrust2 has no effect here: certificates are given, and not fetched',
    );
  });
});

describe('what is refused', () => {
  it.each<[string, Parts, string]>([
    [
      'neither key nor certificate',
      { policy: '' },
      'Either pre-shared-key or local-certificate must be configured in the referencd ike policy',
    ],
    ['a signature without a certificate', { policy: 'pre-shared-key ascii-text k;' }, 'local-certificate'],
    ['a certificate without a signature', { proposal: '' }, 'authentication-method'],
    [
      'a profile that is not there',
      { options: 'trusted-ca other;' },
      'Referenced ca-profile must be defined under [edit security pki ca-profile]',
    ],
    ['no trusted authority', { options: '' }, 'trusted-ca'],
    [
      'both kinds of remote-id',
      { policy: policyWith('remote-id { any-remote-id; fqdn a.example; }') },
      "Specific 'remote-id' statement must not be configured when 'any-remote-id' statement is configured.",
    ],
    [
      'names beside any-remote-id',
      { policy: policyWith('remote-id { any-remote-id; distinguished-name { container CN=a; } }') },
      "Specific 'remote-id'",
    ],
    [
      'a name that is none',
      { policy: policyWith('remote-id { distinguished-name { container router; } }') },
      'a distinguished name',
    ],
    ['no pattern', { policy: policyWith('remote-id { distinguished-name; }') }, 'container, wildcard or exact-match'],
    [
      'names of a policy with a key',
      { policy: 'pre-shared-key ascii-text k; remote-id { distinguished-name { container CN=a; } }' },
      'local-certificate',
    ],
    [
      'six certificate policies',
      { policy: policyWith('certificate-policy-oids [ 1.1 1.2 1.3 1.4 1.5 1.6 ];') },
      'at most 5',
    ],
    [
      'a certificate policy that is none',
      { policy: policyWith('certificate-policy-oids policy;') },
      'object identifier',
    ],
    ['DSA', { proposal: 'authentication-method dsa-signatures;' }, 'not supported yet: DSA'],
    ['OCSP', { pki: 'ca-profile entrust { revocation-check { use-ocsp; } }' }, 'not supported yet: OCSP'],
    [
      'four URLs',
      { pki: 'ca-profile entrust { revocation-check { crl { url a; url b; url c; url d; } } }' },
      'at most 3 URLs',
    ],
    [
      'a refresh of ten years',
      { pki: 'ca-profile entrust { revocation-check { crl { refresh-interval 8785; } } }' },
      '0 to 8784',
    ],
    ['a name with a dot', { pki: 'ca-profile en.trust;' }, 'without / % . and spaces'],
    [
      'a renewal by nobody',
      { pki: `${PROFILE} auto-re-enrollment { certificate-id c { ca-profile other; } }` },
      'Referenced ca-profile must be defined',
    ],
    [
      'a renewal without a place',
      { pki: `${PROFILE} auto-re-enrollment { certificate-id c { ca-profile entrust; } }` },
      'Referenced ca-profile must have enrollment url configured under [edit security pki ca-profile entrust enrollment url]',
    ],
    ['what is unknown', { pki: 'ca-profile entrust { nonsense; }' }, 'nonsense'],
  ])('%s', (_, parts, message) => {
    expect(() => read(parts)).toThrow(JunosError);
    expect(() => read(parts)).toThrow(message);
  });

  it('is not told with a password in it', () => {
    const pki = 'ca-profile entrust { revocation-check { crl { url ldap://10.1.1.1/ password hunter2 more; } } }';
    expect(() => read({ pki })).toThrow(JunosError);
    expect(() => read({ pki })).not.toThrow('hunter2');
  });
});

const [FROM, UNTIL] = [Date.UTC(2005, 9, 18, 23, 54, 22), Date.UTC(2025, 9, 19, 0, 24, 22)];
const NAME = 'C=us, O=juniper';
const ROOT = issueCertificate(
  { name: NAME, key: rsaKey('short') },
  {
    serial: '43559235',
    subject: NAME,
    key: publicKeyOf(rsaKey('short')),
    notBefore: FROM,
    notAfter: UNTIL,
    extensions: { ca: true, keyUsage: ['keyCertSign', 'cRLSign'] },
  },
);
const BY_ROOT = { name: ROOT, key: rsaKey('short'), algorithm: 'sha1WithRSAEncryption' } as const;
const LEAF = issueCertificate(BY_ROOT, {
  serial: '435594f9',
  subject: 'C=us, O=juniper, CN=router2.example.com',
  key: publicKeyOf(rsaKey('one')),
  notBefore: Date.UTC(2005, 10, 21, 23, 33, 58),
  notAfter: Date.UTC(2008, 10, 22, 0, 3, 58),
  extensions: {
    keyUsage: ['digitalSignature'],
    subjectAltNames: [{ address: '10.1.15.1' }, { dns: 'router2.example.com' }, { email: 'admin@example.com' }],
    crlDistributionPoints: ['http://CA-1/CRL/juniper_us_crlfile.crl'],
  },
});
const CRL = issueCrl(BY_ROOT, {
  thisUpdate: Date.UTC(2005, 9, 26, 23, 30),
  nextUpdate: Date.UTC(2005, 9, 28, 0, 30),
  revoked: [{ serial: '435594f9', at: Date.UTC(2005, 9, 3, 1, 2, 3) }],
});

describe('the views of certificates', () => {
  it('take what pki reads as the facts that they print', () => {
    const facts: readonly [CertificateFacts, CrlFacts] = [LEAF, CRL];
    expect(facts).toHaveLength(2);
  });

  it('show authorities in brief', () => {
    expect(formatCaCertificates([{ identifier: 'entrust', certificate: ROOT }])).toBe(`Certificate identifier: entrust
  Issued to: juniper, Issued by: juniper
  Validity:
    Not before: 2005 Oct 18th, 23:54:22 GMT
    Not after: 2025 Oct 19th, 00:24:22 GMT
  Public key algorithm: rsaEncryption(1024 bits)
`);
  });

  it('show certificates of one’s own in detail', () => {
    const text = formatLocalCertificates([{ identifier: 'local-entrust2', certificate: LEAF }], { detail: true });
    const key = /( {4}[0-9a-f:]+\n)+(?= {2}Signature)/;
    expect(text).toMatch(key);
    expect(
      text.replace(key, '').replace(/[0-9a-f]{2}(:[0-9a-f]{2})+ \(/g, 'xx ('),
    ).toBe(`Certificate identifier: local-entrust2
  Certificate version: 3
  Serial number: 4355 94f9
  Issuer:
    Organization: juniper, Country: us
  Subject:
    Organization: juniper, Country: us, Common name: router2.example.com
  Alternate subject: admin@example.com, router2.example.com, 10.1.15.1
  Validity:
    Not before: 2005 Nov 21st, 23:33:58 GMT
    Not after: 2008 Nov 22nd, 00:03:58 GMT
  Public key algorithm: rsaEncryption(2048 bits)
  Signature algorithm: sha1WithRSAEncryption
  Distribution CRL:
    http://CA-1/CRL/juniper_us_crlfile.crl
  Use for key: Digital signature
  Fingerprint:
    xx (sha1)
    xx (md5)
  Auto-re-enrollment:
    Status: Disabled
    Next trigger time: Timer not started
`);
  });

  it('show what an authority’s key is for', () => {
    const text = formatCaCertificates([{ identifier: 'entrust', certificate: ROOT }], { detail: true });
    expect(text).toContain('  Use for key: CRL signing, Certificate signing\n');
    expect(text).not.toContain('Auto-re-enrollment');
  });

  it('show CRLs, with what is revoked in detail', () => {
    const brief = `CA profile: entrust
  CRL version: V00000002
  CRL issuer: C=us, O=juniper
  Effective date: 2005 Oct 26th, 23:30:00 GMT
  Next update: 2005 Oct 28th, 00:30:00 GMT
`;
    const crls = [{ caProfile: 'entrust', crl: CRL }];
    expect(formatCrls(crls)).toBe(brief);
    expect(formatCrls(crls, { detail: true })).toBe(`${brief}  Revocation List:
    Serial number                             Revocation date
    4355 94f9                                 2005 Oct 3rd, 01:02:03 GMT
`);
  });

  it('show requests', () => {
    const request = {
      identifier: 'local-entrust2',
      issuedTo: 'router2.example.com',
      key: publicKeyOf(rsaKey('short')),
    };
    expect(formatCertificateRequests([request])).toBe(`Certificate identifier: local-entrust2
  Issued to: router2.example.com
  Public key algorithm: rsaEncryption(1024 bits)
  Public key verification status: Passed
`);
  });

  it('show what a service set has been given, the newest first', () => {
    const entries = [
      { number: 1, certificate: ROOT, isRoot: true },
      { number: 2, certificate: LEAF, isRoot: false },
    ];
    expect(
      formatServiceCertificates([{ serviceSet: 's', entries }], { detail: true }),
    ).toBe(`Service set: s, Total entries: 2
  Certificate cache entry: 2
    Flags: Non-root Trusted
    Issued to: router2.example.com, Issued by: juniper
    Alternate subject: admin@example.com, router2.example.com, 10.1.15.1
    Validity:
      Not before: 2005 Nov 21st, 23:33:58 GMT
      Not after: 2008 Nov 22nd, 00:03:58 GMT

  Certificate cache entry: 1
    Flags: Root Trusted
    Issued to: juniper, Issued by: juniper
    Validity:
      Not before: 2005 Oct 18th, 23:54:22 GMT
      Not after: 2025 Oct 19th, 00:24:22 GMT
`);
    expect(formatServiceCertificates([{ serviceSet: 's', entries: [] }])).toBe('Service set: s, Total entries: 0\n');
  });
});
