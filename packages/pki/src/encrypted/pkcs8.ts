import type { PrivateKey } from '@espalier/crypto';
import { type FileContents, PkiFileError, pemBlocks } from '../keys/files.ts';
import { readPrivateKey } from '../keys/private-key.ts';
import { decryptKey } from './decrypt.ts';
import { passwordForms, wipePassword } from './password.ts';
import { decryptPem } from './pem.ts';

/**
 * The first private key of a file that is encrypted: as PKCS#8 has it (RFC 5958 §3), by PBES2 or as PKCS#12 does it; or a
 * block of PEM that says so in its headers (RFC 1421 §4.6), as OpenSSL wrote them before 1.0.
 * @throws PkiFileError (the promise is rejected) for a wrong password, or another form.
 */
export async function encryptedPrivateKeyFrom(file: FileContents, password: string): Promise<PrivateKey> {
  const labels = [PKCS8, 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];
  const block = pemBlocks(file, PKCS8, labels).find(({ label, headers }) => label === PKCS8 || headers.length > 0);
  if (block === undefined) throw new PkiFileError('private key: there is none that is encrypted');
  const [form] = passwordForms(password);
  try {
    const octets = block.label === PKCS8 ? await decryptKey(block.octets, form) : decryptPem(block, form);
    const read = readPrivateKey(octets);
    octets.fill(0);
    if (!read.ok) throw new PkiFileError(`private key: ${read.detail}`);
    return read.value;
  } finally {
    wipePassword(form);
  }
}

const PKCS8 = 'ENCRYPTED PRIVATE KEY';
