import type { PrivateKey } from '@espalier/crypto';
import { fromBER, OctetString } from 'asn1js';
import { AuthenticatedSafe, type CertBag, type ContentInfo, EncryptedData, PFX, SafeContents } from 'pkijs';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { belongsTo } from '../keys/belongs.ts';
import { PkiFileError } from '../keys/files.ts';
import { readPrivateKey } from '../keys/private-key.ts';
import { FILE_OCTETS_MOST } from '../limits.ts';
import { attempt, decryptData, decryptKey, toArrayBuffer } from './decrypt.ts';
import { isMacRight, type Mac } from './mac.ts';
import { type Password, passwordForms, wipePassword } from './password.ts';

/** What a PKCS#12 file holds for one owner (RFC 7292). */
export interface Pkcs12 {
  readonly key: PrivateKey;
  /** That of the key first, then the others in their order. */
  readonly certificates: readonly Certificate[];
}

const BAG = {
  key: '1.2.840.113549.1.12.10.1.1',
  shroudedKey: '1.2.840.113549.1.12.10.1.2',
  certificate: '1.2.840.113549.1.12.10.1.3',
};
const ENCRYPTED_DATA = '1.2.840.113549.1.7.6';

/**
 * The private key of a PKCS#12 file and the certificates beside it, once its MAC is right, if it has one (RFC 7292 §4).
 * Encrypted by PBES2, as OpenSSL 3 does it, by RC2 and 3DES, as files of long ago are, or not at all.
 * @throws PkiFileError (the promise is rejected) for a wrong password, or another form.
 */
export async function pkcs12From(file: Uint8Array, password: string): Promise<Pkcs12> {
  if (file.length > FILE_OCTETS_MOST) throw new PkiFileError(`PKCS#12: more than ${FILE_OCTETS_MOST} octets`);
  const pfx = attempt('PKCS#12', () => PFX.fromBER(toArrayBuffer(file)));
  const contents = contentsOf(pfx);
  const forms = passwordForms(password);
  try {
    const right = pfx.macData === undefined ? forms[0] : forms.find((form) => isMacRight(macOf(pfx), contents, form));
    if (right === undefined) throw new PkiFileError('PKCS#12: the password is wrong, or it is damaged');
    return await open(contents, right);
  } finally {
    forms.forEach(wipePassword);
  }
}

/** What the MAC is of, in DER. */
function contentsOf({ authSafe }: PFX): Uint8Array {
  if (authSafe.contentType !== OID.data || !(authSafe.content instanceof OctetString)) {
    throw new PkiFileError('PKCS#12: protected by a signature, not by a password');
  }
  return new Uint8Array(authSafe.content.getValue());
}

function macOf({ macData }: PFX): Mac {
  if (macData === undefined) throw new PkiFileError('PKCS#12: not of the form that it should have');
  const { mac, macSalt, iterations = 1 } = macData;
  return {
    type: mac.digestAlgorithm.algorithmId,
    salt: new Uint8Array(macSalt.getValue()),
    iterations,
    digest: new Uint8Array(mac.digest.getValue()),
  };
}

async function open(contents: Uint8Array, password: Password): Promise<Pkcs12> {
  const { safeContents } = attempt('PKCS#12', () => AuthenticatedSafe.fromBER(toArrayBuffer(contents)));
  const found: { keys: PrivateKey[]; certificates: Certificate[] } = { keys: [], certificates: [] };
  for (const info of safeContents) {
    for (const { bagId, bagValue } of (await openContents(info, password)).safeBags) {
      if (bagId === BAG.certificate) found.certificates.push(certificateOf(bagValue as CertBag));
      if (bagId !== BAG.key && bagId !== BAG.shroudedKey) continue;
      const octets = new Uint8Array(bagValue.toSchema().toBER());
      const plain = bagId === BAG.key ? octets : await decryptKey(octets, password);
      const read = readPrivateKey(plain);
      plain.fill(0);
      if (!read.ok) throw new PkiFileError(`PKCS#12: private key: ${read.detail}`);
      found.keys.push(read.value);
    }
  }
  const [key] = found.keys;
  if (key === undefined) throw new PkiFileError('PKCS#12: there is no private key');
  return { key, certificates: ownersFirst(key, found.certificates) };
}

async function openContents(info: ContentInfo, password: Password): Promise<SafeContents> {
  if (info.contentType === OID.data) {
    const content = info.content as OctetString;
    return attempt('PKCS#12', () => SafeContents.fromBER(content.getValue()));
  }
  if (info.contentType !== ENCRYPTED_DATA)
    throw new PkiFileError('PKCS#12: encrypted for a certificate, not by a password');
  const data = attempt('PKCS#12', () => new EncryptedData({ schema: info.content }));
  const plain = await decryptData(data, password);
  const { offset, result } = fromBER(toArrayBuffer(plain));
  plain.fill(0);
  if (offset === -1) throw new PkiFileError('PKCS#12: the password is wrong, or it is damaged');
  return attempt('PKCS#12', () => new SafeContents({ schema: result }));
}

function certificateOf(bag: CertBag): Certificate {
  const value = bag.certValue as OctetString;
  const read = readCertificate(new Uint8Array(value.getValue()));
  if (!read.ok) throw new PkiFileError(`PKCS#12: certificate: ${read.detail}`);
  return read.value;
}

function ownersFirst(key: PrivateKey, certificates: readonly Certificate[]): readonly Certificate[] {
  const owner = certificates.find((one) => belongsTo(key, one));
  if (owner === undefined) return certificates;
  return [owner, ...certificates.filter((one) => one !== owner)];
}
