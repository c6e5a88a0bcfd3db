import type { Certificate as CertificatePayload } from '@espalier/ike';
import { CERT_ENCODING } from '@espalier/wire';
import { type Certificate, type Reading, readCertificate } from '../certificate/certificate.ts';
import { refuse } from '../chain/path-fault.ts';
import { CERTIFICATES_MOST } from '../limits.ts';
import { type Crl, readCrl } from '../revocation/crl.ts';
import { readPkcs7 } from './pkcs7.ts';

/** What a peer has sent in its certificate payloads. */
export interface Received {
  /** In the order in which they came, those of PKCS#7 in its place. */
  readonly certificates: readonly Certificate[];
  readonly crls: readonly Crl[];
}

const X509: readonly number[] = [CERT_ENCODING.x509Signature, CERT_ENCODING.x509KeyExchange];
const CRLS: readonly number[] = [CERT_ENCODING.crl, CERT_ENCODING.arl];

/**
 * Reads certificate payloads (RFC 2408 §3.9); encodings that are not X.509's are passed over.
 * @throws PathFault for what is malformed, and for too many.
 */
export function readReceived(payloads: readonly CertificatePayload[]): Received {
  const certificates: Certificate[] = [];
  const crls: Crl[] = [];
  const addCertificate = (octets: Uint8Array) => {
    if (certificates.length === CERTIFICATES_MOST) {
      refuse(undefined, 'too-many-certificates', `more than ${CERTIFICATES_MOST}`);
    }
    certificates.push(readOrRefuse(`certificate ${certificates.length + 1}`, readCertificate(octets)));
  };
  const addCrl = (octets: Uint8Array) => {
    if (crls.length === CERTIFICATES_MOST)
      refuse(undefined, 'too-many-certificates', `more than ${CERTIFICATES_MOST} CRLs`);
    crls.push(readOrRefuse(`CRL ${crls.length + 1}`, readCrl(octets)));
  };
  for (const { encoding, data } of payloads) {
    if (X509.includes(encoding)) addCertificate(data);
    else if (CRLS.includes(encoding)) addCrl(data);
    else if (encoding === CERT_ENCODING.pkcs7) {
      const wrapped = readOrRefuse('PKCS#7', readPkcs7(data));
      wrapped.certificates.forEach(addCertificate);
      wrapped.crls.forEach(addCrl);
    }
  }
  return { certificates, crls };
}

function readOrRefuse<T>(what: string, read: Reading<T>): T {
  if (read.ok) return read.value;
  return refuse(undefined, read.reason, `${what} of those that came: ${read.detail}`);
}
