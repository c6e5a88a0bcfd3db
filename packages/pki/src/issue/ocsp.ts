import { hash } from '@espalier/crypto';
import type { Certificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { contextTag, TAG } from '../der/element.ts';
import { encode, encodeObjectIdentifier } from '../der/encode.ts';
import { CERTIFICATE_HOLD, type OcspResponse, readOcspResponse } from '../revocation/ocsp.ts';
import { type Authority, authorityName, encodeSerial, seal } from './authority.ts';
import { encodeGeneralizedTime } from './time.ts';

/** One answer of an OCSP responder that is to be issued. Times are in milliseconds since 1970. */
export interface OcspFields {
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly status: 'good' | 'unknown' | { readonly revokedAt: number; readonly isOnHold?: boolean };
  readonly thisUpdate: number;
  readonly nextUpdate?: number;
  /** Certificates that go along, as the responder's. Default: none. */
  readonly certificates?: readonly Certificate[];
}

/** @throws RangeError for fields that make no response, and for a key with a fault. */
export function issueOcspResponse(responder: Authority, fields: OcspFields): OcspResponse {
  const { certificate, issuer, status, thisUpdate, nextUpdate, certificates = [] } = fields;
  const id = encode(
    TAG.sequence,
    encode(TAG.sequence, encodeObjectIdentifier(OID.sha1), encode(TAG.null)),
    encode(TAG.octetString, hash('sha1', issuer.subject.octets)),
    encode(TAG.octetString, hash('sha1', issuer.subjectKey.bits)),
    encodeSerial(certificate.serial),
  );
  const answer = encode(
    TAG.sequence,
    id,
    encodeStatus(status),
    encodeGeneralizedTime(thisUpdate),
    nextUpdate === undefined ? new Uint8Array() : encode(contextTag(0), encodeGeneralizedTime(nextUpdate)),
  );
  const tbs = encode(
    TAG.sequence,
    encode(contextTag(1), authorityName(responder)),
    encodeGeneralizedTime(thisUpdate),
    encode(TAG.sequence, answer),
  );
  const along = certificates.map(({ octets }) => octets);
  const basic = seal(
    responder,
    tbs,
    ...(along.length === 0 ? [] : [encode(contextTag(0), encode(TAG.sequence, ...along))]),
  );
  const bytes = encode(TAG.sequence, encodeObjectIdentifier(OID.ocspBasic), encode(TAG.octetString, basic));
  const read = readOcspResponse(
    encode(TAG.sequence, encode(TAG.enumerated, Uint8Array.of(0)), encode(contextTag(0), bytes)),
  );
  if (!read.ok) throw new RangeError(`fields: make no response: ${read.detail}`);
  return read.value;
}

function encodeStatus(status: OcspFields['status']): Uint8Array {
  if (status === 'good') return encode(contextTag(0, false));
  if (status === 'unknown') return encode(contextTag(2, false));
  const reason = encode(contextTag(0), encode(TAG.enumerated, Uint8Array.of(CERTIFICATE_HOLD)));
  const at = encodeGeneralizedTime(status.revokedAt);
  return encode(contextTag(1), at, ...(status.isOnHold === true ? [reason] : []));
}
