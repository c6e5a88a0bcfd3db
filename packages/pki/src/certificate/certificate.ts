import { copyOctets } from '@espalier/crypto';
import { toHex } from '@espalier/wire';
import {
  contextTag,
  DerFault,
  type Element,
  equalElements,
  type Fields,
  fault,
  readElement,
  readInteger,
  readSmall,
  readTime,
  readWholeBits,
  TAG,
} from '../der/element.ts';
import { CERTIFICATE_OCTETS_MOST } from '../limits.ts';
import { type DistinguishedName, formatName, readName } from '../name/distinguished-name.ts';
import { readSignatureAlgorithm, type SignatureAlgorithm } from '../signature/algorithm.ts';
import { readSubjectKey, type SubjectKey } from '../signature/public-key.ts';
import { type Extensions, readExtensions } from './extensions.ts';

/** An X.509 certificate (RFC 5280 §4.1), read. Times are in milliseconds since 1970. */
export interface Certificate {
  /** In DER; a copy of what was read. */
  readonly octets: Uint8Array;
  readonly version: 1 | 2 | 3;
  /** Lower-case hexadecimal, two's complement as in the certificate. */
  readonly serial: string;
  readonly issuer: DistinguishedName;
  readonly subject: DistinguishedName;
  readonly notBefore: number;
  readonly notAfter: number;
  readonly subjectKey: SubjectKey;
  readonly extensions: Extensions;
  readonly signed: Signed;
}

/** What is signed, and how: of certificates, CRLs and OCSP responses. */
export interface Signed {
  readonly data: Uint8Array;
  readonly algorithm: SignatureAlgorithm;
  readonly signature: Uint8Array;
}

/** What came of reading octets: they are hostile until shown otherwise, so this is never an exception. */
export type Reading<T> =
  | { readonly ok: true; readonly value: T }
  /** `detail`: what is wrong with them, in words. */
  | { readonly ok: false; readonly reason: 'malformed' | 'too-large'; readonly detail: string };

/** @throws TypeError unless `octets` are a Uint8Array; for what they say it never throws. */
export function readCertificate(octets: Uint8Array): Reading<Certificate> {
  return reading(octets, CERTIFICATE_OCTETS_MOST, parseCertificate);
}

/** Reads DER, of at most so many octets, in a copy of its own. */
export function reading<T>(octets: Uint8Array, most: number, parse: (element: Element) => T): Reading<T> {
  if (octets.length > most) return { ok: false, reason: 'too-large', detail: `more than ${most} octets` };
  try {
    return { ok: true, value: parse(readElement(copyOctets('octets', octets))) };
  } catch (error) {
    if (error instanceof DerFault) return { ok: false, reason: 'malformed', detail: error.message };
    throw error;
  }
}

/** `CN=router2.example.com (serial 0a1b)`: which certificate, in words. */
export function nameCertificate({ subject, serial }: Certificate): string {
  return `${formatName(subject) || 'no subject'} (serial ${serial})`;
}

/** tbs, algorithm and signature, which certificates, CRLs and OCSP responses begin with. */
export function readSigned(fields: Fields): {
  readonly tbs: Element;
  readonly algorithm: Element;
  readonly signed: Signed;
} {
  const tbs = fields.next(TAG.sequence);
  const algorithm = fields.next(TAG.sequence);
  const signature = readWholeBits(fields.next(TAG.bitString));
  return { tbs, algorithm, signed: { data: tbs.octets, algorithm: readSignatureAlgorithm(algorithm), signature } };
}

export function parseCertificate(element: Element): Certificate {
  const whole = element.fields();
  const { tbs, algorithm, signed } = readSigned(whole);
  whole.end();
  const fields = tbs.fields();
  const version = readVersion(fields.optional(contextTag(0)));
  const serial = toHex(readInteger(fields.next(TAG.integer)));
  if (!equalElements(fields.next(TAG.sequence), algorithm)) fault('two algorithms of one signature');
  const issuer = readName(fields.next(TAG.sequence));
  const validity = fields.next(TAG.sequence).fields();
  const [notBefore, notAfter] = [readTime(validity.any()), readTime(validity.any())];
  validity.end();
  const subject = readName(fields.next(TAG.sequence));
  const subjectKey = readSubjectKey(fields.next(TAG.sequence));
  fields.optional(contextTag(1, false));
  fields.optional(contextTag(2, false));
  const extensions = fields.optional(contextTag(3));
  fields.end();
  if (extensions !== undefined && version !== 3) fault('extensions before version 3');
  return {
    octets: element.octets,
    version,
    serial,
    issuer,
    subject,
    notBefore,
    notAfter,
    subjectKey,
    extensions: extensions === undefined ? { unknownCritical: [] } : readExtensions(extensions.inner()),
    signed,
  };
}

function readVersion(element: Element | undefined): 1 | 2 | 3 {
  if (element === undefined) return 1;
  const number = readSmall(element.inner());
  if (number === 0) return 1;
  if (number === 1) return 2;
  return number === 2 ? 3 : fault('a version that is none');
}
