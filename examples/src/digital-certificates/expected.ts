import { verifiedDifferences } from '../four-routers/differences.ts';
import { firstDifference } from '../four-routers/document.ts';
import type { Evidence, Revoked } from './scenario.ts';

/** A certificate as the document shows it for a service set, or that of one of its routers. */
const ENTRY = (number: number, flags: string, name: string, validity: string, alternative = '') => `
  Certificate cache entry: ${number}
    Flags: ${flags}
    Issued to: ${name}, Issued by: juniper
    ${alternative === '' ? '' : `Alternate subject: ${alternative}`}
    Validity: ${validity}`;

const ROOT_VALIDITY = `
  Not before: 2024 Jan 16th, 12:00:00 GMT
  Not after: 2034 Jan 13th, 12:00:00 GMT`;
const ROUTER_VALIDITY = `
  Not before: 2025 Dec 16th, 12:00:00 GMT
  Not after: 2027 Jan 15th, 12:00:00 GMT`;

/** Those of the authority, of the router itself, and of its peer, the newest first. */
function certificatesOf(own: string, peer: string): string {
  return `
    Service set: service-set-dynamic-BiEspsha3des, Total entries: 3
    ${ENTRY(3, 'Non-root Trusted', peer, ROUTER_VALIDITY, peer)}
    ${ENTRY(2, 'Non-root Trusted', own, ROUTER_VALIDITY, own)}
    ${ENTRY(1, 'Root Trusted', 'juniper', ROOT_VALIDITY)}`;
}

const AUTHORITY = `
  Certificate identifier: entrust
    Issued to: juniper, Issued by: juniper
    Validity: ${ROOT_VALIDITY}
    Public key algorithm: rsaEncryption(2048 bits)`;

const CRL = `
  CA profile: entrust
    CRL version: V00000002
    CRL issuer: C=us, O=juniper
    Effective date: 2026 Jan 15th, 00:00:00 GMT
    Next update: 2026 Jan 16th, 00:00:00 GMT
    Revocation List:
      Serial number Revocation date`;

/** Everything in which a run differs from what the document shows; nothing if all is well. */
export function differences(evidence: Evidence): readonly string[] {
  const { certificates, ikeDetail } = evidence;
  const compared = [
    ['R2', 'services ipsec-vpn certificates detail', certificatesOf(R2, R3), certificates.r2.ofServices],
    ['R3', 'services ipsec-vpn certificates detail', certificatesOf(R3, R2), certificates.r3.ofServices],
    ['R2', 'security pki ca-certificate', AUTHORITY, certificates.r2.authorities],
    ['R2', 'security pki crl detail', CRL, certificates.r2.crls],
  ] as const;
  return [
    ...verifiedDifferences(evidence),
    ...compared.flatMap(([router, command, expected, found]) => {
      const difference = firstDifference(expected, found);
      return difference === undefined ? [] : [`${router}: show ${command} has ${difference}`];
    }),
    ...['r2', 'r3'].flatMap((router) => methodDifferences(router, ikeDetail[router === 'r2' ? 'r2' : 'r3'])),
    ...ownDifferences(certificates.r2.own),
  ];
}

/** Nothing is to come up, and why is to be told. */
export function revokedDifferences({ ping, sas, failures, told }: Revoked): readonly string[] {
  const isTold = told.some((line) => line.includes(R3) && line.includes('revoked'));
  return [
    ...(ping.received === 0 ? [] : [`${ping.received} pings came through with a revoked certificate`]),
    ...(sas === 0 ? [] : [`there are ${sas} SAs with a revoked certificate`]),
    ...(failures.length > 0 ? [] : ['no negotiation failed with a revoked certificate']),
    ...(isTold ? [] : ['nobody has told which certificate is revoked']),
  ];
}

const R2 = 'router2.example.com';
const R3 = 'router3.example.com';

function methodDifferences(router: string, text: string): readonly string[] {
  const expected = 'Exchange type: Main, Authentication method: RSA-signatures';
  return text.includes(expected) ? [] : [`${router.toUpperCase()}: the IKE SA is not of ${expected}`];
}

function ownDifferences(text: string): readonly string[] {
  const expected = [
    'Certificate identifier: local-entrust2',
    'Serial number: 4355 94f1',
    'Organization: juniper, Country: us, Common name: router2.example.com',
    'Alternate subject: router2.example.com',
    'Signature algorithm: sha256WithRSAEncryption',
    'http://ca-1.example.com/CRL/juniper_us_crlfile.crl',
    'Use for key: Digital signature',
  ];
  return expected.filter((line) => !text.includes(line)).map((line) => `R2: its own certificate has no "${line}"`);
}
