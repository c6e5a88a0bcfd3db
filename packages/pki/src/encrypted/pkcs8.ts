import type { PrivateKey } from '@espalier/crypto';
import { type FileContents, PkiFileError, pemBlocks } from '../keys/files.ts';
import { readPrivateKey } from '../keys/private-key.ts';
import { decryptKey } from './decrypt.ts';

/**
 * The first private key of a file that is encrypted as PKCS#8 has it (RFC 5958 §3), by PBES2 or as PKCS#12 does it.
 * @throws PkiFileError (the promise is rejected) for a wrong password, or another form.
 */
export async function encryptedPrivateKeyFrom(file: FileContents, password: string): Promise<PrivateKey> {
  const [block] = pemBlocks(file, 'ENCRYPTED PRIVATE KEY', ['ENCRYPTED PRIVATE KEY']);
  if (block === undefined) throw new PkiFileError('private key: there is none that is encrypted');
  const octets = await decryptKey(block.octets, password);
  const read = readPrivateKey(octets);
  octets.fill(0);
  if (!read.ok) throw new PkiFileError(`private key: ${read.detail}`);
  return read.value;
}
