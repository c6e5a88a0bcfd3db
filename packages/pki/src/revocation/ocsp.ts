import { type HashName, hash } from '@espalier/crypto';
import { equalOctets, toHex } from '@espalier/wire';
import {
  type Certificate,
  parseCertificate,
  type Reading,
  reading,
  readSigned,
  type Signed,
} from '../certificate/certificate.ts';
import { readRawExtensions } from '../certificate/extensions.ts';
import { OID } from '../certificate/object-identifiers.ts';
import {
  contextTag,
  type Element,
  fault,
  readElement,
  readInteger,
  readObjectIdentifier,
  readOctetString,
  readSmall,
  readTime,
  TAG,
} from '../der/element.ts';
import { CERTIFICATE_OCTETS_MOST, CERTIFICATES_MOST, OCSP_ANSWERS_MOST } from '../limits.ts';
import { type DistinguishedName, equalNames, readName } from '../name/distinguished-name.ts';

/** A BasicOCSPResponse (RFC 6960 §4.2.1), read. */
export interface OcspResponse {
  readonly octets: Uint8Array;
  /** Who signed it: by name, or by the SHA-1 hash of its key. */
  readonly responder: DistinguishedName | Uint8Array;
  readonly answers: readonly OcspAnswer[];
  /** Certificates that came along, for the responder's. */
  readonly certificates: readonly Certificate[];
  readonly hasUnknownCritical: boolean;
  readonly signed: Signed;
}

/** SingleResponse. Times are in milliseconds since 1970. */
export interface OcspAnswer {
  readonly hashName: HashName | undefined;
  readonly issuerNameHash: Uint8Array;
  readonly issuerKeyHash: Uint8Array;
  readonly serial: string;
  readonly status: 'good' | 'unknown' | Revoked;
  readonly thisUpdate: number;
  readonly nextUpdate: number | undefined;
}

/** RevokedInfo. */
interface Revoked {
  readonly revokedAt: number;
  /** certificateHold: the one reason that may be taken back (RFC 5280 §5.3.1). */
  readonly isOnHold: boolean;
}

/** Of CRLReason. */
export const CERTIFICATE_HOLD = 6;

const HASHES: ReadonlyMap<string, HashName> = new Map<string, HashName>([
  [OID.sha1, 'sha1'],
  [OID.sha256, 'sha2-256'],
  [OID.sha384, 'sha2-384'],
  [OID.sha512, 'sha2-512'],
]);

/**
 * An OCSPResponse as a responder sends it. One that holds no answer (`tryLater`, `unauthorized`) is malformed here: it says
 * nothing. @throws TypeError unless `octets` are a Uint8Array.
 */
export function readOcspResponse(octets: Uint8Array): Reading<OcspResponse> {
  return reading(octets, CERTIFICATE_OCTETS_MOST, parseOcspResponse);
}

/** Whether an answer is about this certificate (RFC 6960 §4.1.1). */
export function isAbout(answer: OcspAnswer, certificate: Certificate, issuer: Certificate): boolean {
  return answer.serial === certificate.serial && isOfIssuer(answer, issuer);
}

/** Whether an answer is about a certificate that this issuer, by name and key, has issued. */
export function isOfIssuer({ hashName, issuerNameHash, issuerKeyHash }: OcspAnswer, issuer: Certificate): boolean {
  return (
    hashName !== undefined &&
    equalOctets(issuerNameHash, hash(hashName, issuer.subject.octets)) &&
    equalOctets(issuerKeyHash, hash(hashName, issuer.subjectKey.bits))
  );
}

export function isRevoked({ status }: OcspAnswer): boolean {
  return typeof status === 'object';
}

/** Whether a certificate is that of the responder. */
export function isResponder({ responder }: OcspResponse, { subject, subjectKey }: Certificate): boolean {
  return 'parts' in responder ? equalNames(responder, subject) : equalOctets(responder, hash('sha1', subjectKey.bits));
}

function parseOcspResponse(element: Element): OcspResponse {
  const fields = element.fields();
  const status = fields.next(TAG.enumerated);
  if (status.content.length !== 1 || status.content[0] !== 0) fault('an OCSP response that holds no answer');
  const bytes = fields.next(contextTag(0)).inner().fields();
  fields.end();
  if (readObjectIdentifier(bytes.next(TAG.objectIdentifier)) !== OID.ocspBasic) fault('no basic OCSP response');
  return parseBasic(readElement(readOctetString(bytes.next(TAG.octetString))), element.octets);
}

function parseBasic(element: Element, octets: Uint8Array): OcspResponse {
  const whole = element.fields();
  const { tbs, signed } = readSigned(whole);
  const certificates = whole.optional(contextTag(0));
  whole.end();
  const fields = tbs.fields();
  fields.optional(contextTag(0));
  const responder = readResponder(fields.any());
  readTime(fields.next(TAG.generalizedTime));
  const answers = fields.next(TAG.sequence).list(TAG.sequence, OCSP_ANSWERS_MOST).map(readAnswer);
  const extensions = fields.optional(contextTag(1));
  fields.end();
  const raw = extensions === undefined ? [] : readRawExtensions(extensions.inner());
  return {
    octets,
    responder,
    answers: answers.map(({ answer }) => answer),
    certificates: certificates?.inner().list(TAG.sequence, CERTIFICATES_MOST).map(parseCertificate) ?? [],
    hasUnknownCritical: raw.some(({ isCritical }) => isCritical) || answers.some(({ isCritical }) => isCritical),
    signed,
  };
}

function readResponder(element: Element): OcspResponse['responder'] {
  if (element.tag === contextTag(1)) return readName(element.inner());
  if (element.tag === contextTag(2)) return readOctetString(element.inner());
  return fault('a responder that is none');
}

function readAnswer(element: Element): { readonly answer: OcspAnswer; readonly isCritical: boolean } {
  const fields = element.fields();
  const id = fields.next(TAG.sequence).fields();
  const hashType = readObjectIdentifier(id.next(TAG.sequence).fields().any());
  const [issuerNameHash, issuerKeyHash] = [readOctetString(id.any()), readOctetString(id.any())];
  const serial = toHex(readInteger(id.any()));
  id.end();
  const status = readStatus(fields.any());
  const thisUpdate = readTime(fields.next(TAG.generalizedTime));
  const next = fields.optional(contextTag(0));
  const extensions = fields.optional(contextTag(1));
  fields.end();
  const raw = extensions === undefined ? [] : readRawExtensions(extensions.inner());
  return {
    answer: {
      hashName: HASHES.get(hashType),
      issuerNameHash,
      issuerKeyHash,
      serial,
      status,
      thisUpdate,
      nextUpdate: next === undefined ? undefined : readTime(next.inner()),
    },
    isCritical: raw.some((one) => one.isCritical),
  };
}

function readStatus(element: Element): OcspAnswer['status'] {
  if (element.tag === contextTag(0, false)) return 'good';
  if (element.tag === contextTag(2, false)) return 'unknown';
  if (element.tag === contextTag(1)) return readRevoked(element);
  return fault('a status that is none');
}

function readRevoked(element: Element): Revoked {
  const fields = element.fields(contextTag(1));
  const revokedAt = readTime(fields.any());
  const reason = fields.optional(contextTag(0))?.inner();
  return {
    revokedAt,
    isOnHold: reason?.tag === TAG.enumerated && readSmall(reason.as(TAG.integer)) === CERTIFICATE_HOLD,
  };
}
