import { PkiFileError } from '../keys/files.ts';

/** Without padding (RFC 8018 §6.1.1): what is left over by a wrong password has another. @throws PkiFileError */
export function withoutPadding(what: string, plain: Uint8Array, block: number): Uint8Array {
  const count = plain[plain.length - 1] ?? 0;
  const isPadded = count >= 1 && count <= block && plain.subarray(-count).every((octet) => octet === count);
  if (!isPadded) throw new PkiFileError(`${what}: the password is wrong, or it is damaged`);
  return plain.subarray(0, plain.length - count);
}
