import { fromBER } from 'asn1js';
import { EncryptedContentInfo, type EncryptedData, getCrypto, PKCS8ShroudedKeyBag } from 'pkijs';
import { PkiFileError } from '../keys/files.ts';
import type { Password } from './password.ts';
import { decryptPbe, isPbeOfPkcs12 } from './pbe.ts';

export function toArrayBuffer(octets: Uint8Array): ArrayBuffer {
  const copy = new ArrayBuffer(octets.length);
  new Uint8Array(copy).set(octets);
  return copy;
}

/** What an EncryptedPrivateKeyInfo (RFC 5958 §3) holds: PKCS#8 in DER. @throws PkiFileError */
export async function decryptKey(octets: Uint8Array, password: Password): Promise<Uint8Array> {
  const { offset, result } = fromBER(toArrayBuffer(octets));
  if (offset === -1) throw new PkiFileError('private key: no DER');
  const bag = attempt('private key', () => new PKCS8ShroudedKeyBag({ schema: result }));
  const info = new EncryptedContentInfo({
    contentEncryptionAlgorithm: bag.encryptionAlgorithm,
    encryptedContent: bag.encryptedData,
  });
  return decryptInfo('private key', info, password);
}

/** What an EncryptedData holds (RFC 5652 §8). @throws PkiFileError */
export async function decryptData(data: EncryptedData, password: Password): Promise<Uint8Array> {
  return decryptInfo('PKCS#12', data.encryptedContentInfo, password);
}

async function decryptInfo(what: string, info: EncryptedContentInfo, password: Password): Promise<Uint8Array> {
  const { algorithmId } = info.contentEncryptionAlgorithm;
  if (isPbeOfPkcs12(algorithmId)) {
    const parameters = new Uint8Array(info.contentEncryptionAlgorithm.algorithmParams.toBER());
    return decryptPbe(what, algorithmId, parameters, new Uint8Array(info.getEncryptedContent()), password);
  }
  if (algorithmId !== PBES2) throw new PkiFileError(`${what}: encrypted with ${algorithmId}, which is not known`);
  const crypto = getCrypto();
  if (crypto === null) throw new PkiFileError(`${what}: the platform has no WebCrypto to decrypt it with`);
  try {
    return new Uint8Array(
      await crypto.decryptEncryptedContentInfo({ password: toArrayBuffer(password.utf8), encryptedContentInfo: info }),
    );
  } catch {
    throw new PkiFileError(`${what}: the password is wrong, or it is damaged`);
  }
}

/** What pkijs throws is another's text about octets: only that it was thrown is told. */
export function attempt<T>(what: string, read: () => T): T {
  try {
    return read();
  } catch {
    throw new PkiFileError(`${what}: not of the form that it should have`);
  }
}

const PBES2 = '1.2.840.113549.1.5.13';
