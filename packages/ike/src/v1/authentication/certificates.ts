import { copyOctets } from '@espalier/crypto';
import { CERT_ENCODING, type CertificateRequestPayload, type DecodedPayload, type Payload } from '@espalier/wire';
import { all } from '../../exchange/rules.ts';
import { REQUESTS_OCTETS_MOST } from '../../limits.ts';
import type { Certificate, CertificateRequest, Credentials } from '../../types.ts';

/** Anybody's certificate (RFC 2408 §3.10): 0 octets of authority. */
const ANYBODYS: CertificateRequest = { encoding: CERT_ENCODING.x509Signature, authority: new Uint8Array(0) };

/** CERTREQ payloads for the peer. */
export function requestPayloads({ requests, remoteKey }: Credentials): readonly CertificateRequestPayload[] {
  const wanted = requests ?? (remoteKey === 'ask' ? [ANYBODYS] : []);
  return wanted.map((request) => ({ kind: 'cert-request', ...request }));
}

/** What a message asks for, after what was asked before, as far as there is room for it. */
export function readRequests(
  payloads: readonly DecodedPayload[],
  before: readonly CertificateRequest[] = [],
): readonly CertificateRequest[] {
  const kept = [...before];
  let left = REQUESTS_OCTETS_MOST - kept.reduce((sum, one) => sum + octetsOf(one), 0);
  for (const request of all(payloads, 'cert-request')) {
    left -= octetsOf(request);
    if (left < 0) break;
    const { encoding, authority } = request;
    kept.push({ encoding, authority: copyOctets('authority', authority) });
  }
  return kept;
}

/** Of the payload (RFC 2408 §3.10). */
function octetsOf({ authority }: CertificateRequest): number {
  return 5 + authority.length;
}

/** The certificates of a message, in the order in which they came. */
export function readCertificates(payloads: readonly DecodedPayload[]): readonly Certificate[] {
  return all(payloads, 'cert').map(({ encoding, data }) => ({ encoding, data: data.slice() }));
}

/** Those that go with a signature of the configured key. */
export function certificatesToSend(
  { certificates = [], sendCertificates = 'if-asked' }: Credentials,
  requests: readonly CertificateRequest[],
): readonly Certificate[] {
  if (sendCertificates === 'if-asked') return requests.length > 0 ? certificates : [];
  return sendCertificates === 'always' ? certificates : [];
}

/** `[ CERT, ] SIG` (RFC 2409 §5.1). */
export function signaturePayloads(certificates: readonly Certificate[], signature: Uint8Array): readonly Payload[] {
  return [
    ...certificates.map((certificate) => ({ kind: 'cert' as const, ...certificate })),
    { kind: 'signature', data: signature },
  ];
}
