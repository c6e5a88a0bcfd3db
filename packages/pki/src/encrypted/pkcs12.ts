import type { PrivateKey } from '@espalier/crypto';
import { fromBER, type OctetString } from 'asn1js';
import { type CertBag, type ContentInfo, EncryptedData, PFX, SafeContents } from 'pkijs';
import { type Certificate, readCertificate } from '../certificate/certificate.ts';
import { OID } from '../certificate/object-identifiers.ts';
import { belongsTo } from '../keys/belongs.ts';
import { PkiFileError } from '../keys/files.ts';
import { readPrivateKey } from '../keys/private-key.ts';
import { FILE_OCTETS_MOST } from '../limits.ts';
import { attempt, decryptData, decryptKey, passwordOctets, toArrayBuffer } from './decrypt.ts';

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
 * The private key of a PKCS#12 file and the certificates beside it, once its MAC is right. Encrypted by PBES2, as OpenSSL 3
 * does it, or by RC2 and 3DES, as files of long ago are.
 * @throws PkiFileError (the promise is rejected) for a wrong password, or another form.
 */
export async function pkcs12From(file: Uint8Array, password: string): Promise<Pkcs12> {
  if (file.length > FILE_OCTETS_MOST) throw new PkiFileError(`PKCS#12: more than ${FILE_OCTETS_MOST} octets`);
  const pfx = attempt('PKCS#12', () => PFX.fromBER(toArrayBuffer(file)));
  try {
    await pfx.parseInternalValues({ password: passwordOctets(password), checkIntegrity: true });
  } catch {
    throw new PkiFileError('PKCS#12: the password is wrong, or it is damaged');
  }
  const found: { keys: PrivateKey[]; certificates: Certificate[] } = { keys: [], certificates: [] };
  for (const info of pfx.parsedValue?.authenticatedSafe?.safeContents ?? []) {
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

async function openContents(info: ContentInfo, password: string): Promise<SafeContents> {
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
