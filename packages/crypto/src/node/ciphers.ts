import { type createCipheriv, type createDecipheriv, getCiphers } from 'node:crypto';

/** By what they are made with: platforms call their classes differently. */
export type Cipher = ReturnType<typeof createCipheriv>;
export type Decipher = ReturnType<typeof createDecipheriv>;

/** Whether node:crypto has the cipher here: Deno's has no aes-192-cbc, and a build of OpenSSL may leave any out. */
export function hasCipher(name: string): boolean {
  CIPHERS ??= new Set(getCiphers());
  return CIPHERS.has(name);
}

/** The name of AES-ECB by this key. */
export function ecb(key: Uint8Array): string {
  return `aes-${8 * key.length}-ecb`;
}

/** The name of AES-CBC by this key. */
export function cbc(key: Uint8Array): string {
  return `aes-${8 * key.length}-cbc`;
}

let CIPHERS: ReadonlySet<string> | undefined;
