import type { PublicKey } from '@espalier/crypto';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { contextTag, TAG } from '../der/element.ts';
import { encode, encodeUnsigned } from '../der/encode.ts';
import { nameFromText } from '../name/distinguished-name.ts';
import { encodeSubjectKey } from '../signature/public-key.ts';
import { type Authority, authorityAlgorithm, authorityName, encodeSerial, seal } from './authority.ts';
import { encodeExtensions, type IssuedExtensions } from './extensions.ts';
import { encodeTime } from './time.ts';

/** A certificate that is to be issued. Times are in milliseconds since 1970. */
export interface CertificateFields {
  /** Hexadecimal, two's complement: for a positive number the first digit is below 8. */
  readonly serial: string;
  /** As `nameFromText` reads it; empty: none. */
  readonly subject: string;
  readonly key: PublicKey;
  readonly notBefore: number;
  readonly notAfter: number;
  /** Absent: a certificate of version 1. */
  readonly extensions?: IssuedExtensions;
}

/**
 * A certificate in the name of an authority, whatever it says: for laboratories, tests and demonstrations.
 * @throws RangeError for fields that make no certificate, and for a key with a fault.
 */
export function issueCertificate(authority: Authority, fields: CertificateFields): Certificate {
  const { serial, subject, key, notBefore, notAfter, extensions } = fields;
  const tbs = encode(
    TAG.sequence,
    extensions === undefined ? new Uint8Array() : encode(contextTag(0), encodeUnsigned(Uint8Array.of(2))),
    encodeSerial(serial),
    authorityAlgorithm(authority),
    authorityName(authority),
    encode(TAG.sequence, encodeTime(notBefore), encodeTime(notAfter)),
    nameFromText(subject).octets,
    encodeSubjectKey(key),
    extensions === undefined ? new Uint8Array() : encode(contextTag(3), encodeExtensions(extensions)),
  );
  const read = readCertificate(seal(authority, tbs));
  if (!read.ok) throw new RangeError(`fields: make no certificate: ${read.detail}`);
  return read.value;
}
