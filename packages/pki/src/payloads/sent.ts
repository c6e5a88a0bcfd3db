import type { Certificate as CertificatePayload, CertificateRequest } from '@espalier/ike';
import { CERT_ENCODING } from '@espalier/wire';
import type { Certificate } from '../certificate/certificate.ts';
import type { Crl } from '../revocation/crl.ts';
import { writePkcs7 } from './pkcs7.ts';

/** How a chain is sent: a payload for each certificate, one PKCS#7 for all, or the end entity's alone. */
export type ChainEncoding = 'x509' | 'pkcs7' | 'end-entity';

/** Certificate payloads of a chain, the end entity first (RFC 2408 §3.9, RFC 4945 §3.3). */
export function certificatePayloads(
  chain: readonly Certificate[],
  encoding: ChainEncoding = 'x509',
): readonly CertificatePayload[] {
  if (encoding === 'pkcs7') return [{ encoding: CERT_ENCODING.pkcs7, data: writePkcs7(chain) }];
  const sent = encoding === 'end-entity' ? chain.slice(0, 1) : chain;
  return sent.map(({ octets }) => ({ encoding: CERT_ENCODING.x509Signature, data: octets }));
}

/** The payload of a CRL. */
export function crlPayload({ octets }: Crl): CertificatePayload {
  return { encoding: CERT_ENCODING.crl, data: octets };
}

/** Requests for certificates that one of these authorities has issued (RFC 2408 §3.10). */
export function certificateRequests(
  authorities: readonly Certificate[],
  encoding: ChainEncoding = 'x509',
): readonly CertificateRequest[] {
  const number = encoding === 'pkcs7' ? CERT_ENCODING.pkcs7 : CERT_ENCODING.x509Signature;
  return authorities.map(({ subject }) => ({ encoding: number, authority: subject.octets }));
}
