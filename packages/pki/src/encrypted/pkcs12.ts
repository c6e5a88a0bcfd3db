import type { PrivateKey } from '@espalier/crypto';
import { fromBER, OctetString } from 'asn1js';
import {
  AuthenticatedSafe,
  type CertBag,
  type ContentInfo,
  EncryptedData,
  type MacData,
  PFX,
  SafeContents,
} from 'pkijs';
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
  const { key, certificates } = await bagsOf(file, password, readKey);
  if (key === undefined) throw new PkiFileError('PKCS#12: there is no private key');
  return { key, certificates: ownersFirst(key, certificates) };
}

/**
 * The certificates of a PKCS#12 file in their order, as a file of those that are trusted has them, without a private key (RFC 7292
 * §4.2.3). A key that is in it is not looked at.
 * @throws PkiFileError (the promise is rejected) as `pkcs12From`, and where there is no certificate.
 */
export async function pkcs12CertificatesFrom(file: Uint8Array, password: string): Promise<readonly Certificate[]> {
  const { certificates } = await bagsOf(file, password, passOver);
  if (certificates.length === 0) throw new PkiFileError('PKCS#12: there is no certificate');
  return certificates;
}

/** What the bags of a file hold: the first of its keys. */
interface Bags {
  readonly key: PrivateKey | undefined;
  readonly certificates: readonly Certificate[];
}

/** Of a bag of a key, which may be shrouded. */
type ReadKey = (octets: Uint8Array, isShrouded: boolean, password: Password) => Promise<PrivateKey | undefined>;

const passOver: ReadKey = async (octets) => {
  octets.fill(0);
  return undefined;
};

const readKey: ReadKey = async (octets, isShrouded, password) => {
  const plain = isShrouded ? await decryptKey(octets, password) : octets;
  const read = readPrivateKey(plain);
  plain.fill(0);
  if (!read.ok) throw new PkiFileError(`PKCS#12: private key: ${read.detail}`);
  return read.value;
};

async function bagsOf(file: Uint8Array, password: string, read: ReadKey): Promise<Bags> {
  if (file.length > FILE_OCTETS_MOST) throw new PkiFileError(`PKCS#12: more than ${FILE_OCTETS_MOST} octets`);
  const pfx = attempt('PKCS#12', () => PFX.fromBER(toArrayBuffer(file)));
  const contents = contentsOf(pfx);
  const mac = pfx.macData && macOf(pfx.macData);
  const forms = passwordForms(password);
  try {
    const right = mac === undefined ? forms[0] : forms.find((form) => isMacRight(mac, contents, form));
    if (right === undefined) throw new PkiFileError('PKCS#12: the password is wrong, or it is damaged');
    return await open(contents, right, read);
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

function macOf({ mac, macSalt, iterations = 1 }: MacData): Mac {
  return {
    type: mac.digestAlgorithm.algorithmId,
    salt: new Uint8Array(macSalt.getValue()),
    iterations,
    digest: new Uint8Array(mac.digest.getValue()),
  };
}

async function open(contents: Uint8Array, password: Password, read: ReadKey): Promise<Bags> {
  const { safeContents } = attempt('PKCS#12', () => AuthenticatedSafe.fromBER(toArrayBuffer(contents)));
  const found: { keys: PrivateKey[]; certificates: Certificate[] } = { keys: [], certificates: [] };
  for (const info of safeContents) {
    for (const { bagId, bagValue } of (await openContents(info, password)).safeBags) {
      if (bagId === BAG.certificate) found.certificates.push(certificateOf(bagValue as CertBag));
      if (bagId !== BAG.key && bagId !== BAG.shroudedKey) continue;
      const octets = new Uint8Array(bagValue.toSchema().toBER());
      const key = await read(octets, bagId === BAG.shroudedKey, password);
      if (key !== undefined) found.keys.push(key);
    }
  }
  return { key: found.keys[0], certificates: found.certificates };
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
