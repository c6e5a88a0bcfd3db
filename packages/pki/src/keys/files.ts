import { type PrivateKey, type PublicKey, wipe } from '@espalier/crypto';
import { type Certificate, type Reading, readCertificate, reading } from '../certificate/certificate.ts';
import { DerFault, type Element, TAG } from '../der/element.ts';
import { type PemBlock, readPem } from '../der/pem.ts';
import { latinText } from '../der/text.ts';
import { CERTIFICATE_OCTETS_MOST, FILE_OCTETS_MOST } from '../limits.ts';
import { readPkcs7 } from '../payloads/pkcs7.ts';
import { type Crl, readCrl } from '../revocation/crl.ts';
import { readRsaPublicKey, readSubjectKey } from '../signature/public-key.ts';
import { readPrivateKey } from './private-key.ts';

/** What a file of a caller holds: PEM as text or octets, or DER. */
export type FileContents = string | Uint8Array;

/** A file that cannot be read: a mistake of the caller's, unlike what a peer sends. The text never holds a key. */
export class PkiFileError extends Error {
  override readonly name = 'PkiFileError';
}

/** All certificates of a file, in order: `CERTIFICATE` and `PKCS7` blocks, or one in DER. @throws PkiFileError */
export function certificatesFrom(file: FileContents): readonly Certificate[] {
  const blocks = pemBlocks(file, 'CERTIFICATE', [
    'CERTIFICATE',
    'X509 CERTIFICATE',
    'TRUSTED CERTIFICATE',
    'PKCS7',
    'CMS',
  ]);
  return blocks.flatMap(({ label, octets }) => {
    const wrapped = readPkcs7(octets);
    if (wrapped.ok) return wrapped.value.certificates.map((one) => taken('certificate', readCertificate(one)));
    if (label === 'PKCS7' || label === 'CMS') throw new PkiFileError(`PKCS#7: ${wrapped.detail}`);
    return [taken('certificate', readCertificate(octets))];
  });
}

/** All CRLs of a file, in order. @throws PkiFileError */
export function crlsFrom(file: FileContents): readonly Crl[] {
  return pemBlocks(file, 'X509 CRL', ['X509 CRL']).map(({ octets }) => taken('CRL', readCrl(octets)));
}

/**
 * The first private key of a file: PKCS#8, PKCS#1 or SEC 1. Encrypted ones are read by `@espalier/pki/encrypted`.
 * @throws PkiFileError
 */
export function privateKeyFrom(file: FileContents): PrivateKey {
  const labels = ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY'];
  const [block] = pemBlocks(file, 'PRIVATE KEY', labels);
  if (block === undefined) throw new PkiFileError('private key: there is none');
  if (block.label === 'ENCRYPTED PRIVATE KEY' || block.headers.length > 0 || isEncryptedKey(block.octets)) {
    throw new PkiFileError('private key: it is encrypted; see @espalier/pki/encrypted');
  }
  const read = readPrivateKey(block.octets);
  wipe(block.octets);
  return taken('private key', read);
}

/** Whether this is EncryptedPrivateKeyInfo (RFC 5958 §3): an algorithm, and octets. */
function isEncryptedKey(octets: Uint8Array): boolean {
  const read = reading(octets, CERTIFICATE_OCTETS_MOST, (element) => {
    const fields = element.fields();
    fields.next(TAG.sequence);
    fields.next(TAG.octetString);
    fields.end();
  });
  return read.ok;
}

/** The first public key of a file: SubjectPublicKeyInfo, RSAPublicKey, or that of a certificate. @throws PkiFileError */
export function publicKeyFrom(file: FileContents): PublicKey {
  const [block] = pemBlocks(file, 'PUBLIC KEY', ['PUBLIC KEY', 'RSA PUBLIC KEY', 'CERTIFICATE']);
  if (block === undefined) throw new PkiFileError('public key: there is none');
  const certificate = readCertificate(block.octets);
  if (certificate.ok) return known(certificate.value.subjectKey.key);
  return known(taken('public key', reading(block.octets, CERTIFICATE_OCTETS_MOST, parsePublicKey)));
}

function parsePublicKey(element: Element): PublicKey | undefined {
  try {
    return readSubjectKey(element).key;
  } catch (error) {
    if (!(error instanceof DerFault)) throw error;
    return readRsaPublicKey(element.octets);
  }
}

function known(key: PublicKey | undefined): PublicKey {
  if (key === undefined) throw new PkiFileError('public key: of an algorithm, or on a curve, that is not known');
  return key;
}

function taken<T>(what: string, read: Reading<T>): T {
  if (read.ok) return read.value;
  throw new PkiFileError(`${what}: ${read.detail}`);
}

/** PEM blocks of these labels; DER as one of `label`. @throws PkiFileError */
export function pemBlocks(file: FileContents, label: string, labels: readonly string[]): readonly PemBlock[] {
  if (file.length > FILE_OCTETS_MOST) throw new PkiFileError(`file: more than ${FILE_OCTETS_MOST} octets`);
  const text = typeof file === 'string' ? file : textOf(file);
  if (typeof file !== 'string' && text === undefined) return [{ label, octets: Uint8Array.from(file), headers: [] }];
  const blocks = readPem(text ?? '');
  if (blocks === undefined) throw new PkiFileError('file: PEM whose text is no base64');
  return blocks.filter((block) => labels.includes(block.label));
}

/** PEM in octets; undefined for DER, which begins with a SEQUENCE. */
function textOf(octets: Uint8Array): string | undefined {
  return octets[0] === 0x30 && !/^0[\r\n -~]*-----BEGIN/.test(latinText(octets.subarray(0, 256)))
    ? undefined
    : latinText(octets);
}
