import { type OwnOctets, octetsView } from '../octets.ts';
import type { Rng } from '../rng.ts';
import { privateKeyFault, publicKeyFault } from './faults.ts';
import type { RsaPrivateKey, RsaPublicKey } from './keys.ts';
import { BIGINT_POWERS, FRAME_LEAST, modulusOctets } from './rsa.ts';

/**
 * 0 | 2 | random octets that are not 0 | 0 | message, as RSA encrypts it (RFC 8017 §7.2.1); as long as n. Undefined for a key
 * with a fault, and for a message that does not fit.
 * @throws TypeError for what is no Uint8Array.
 */
export function encryptRsaPkcs1(key: RsaPublicKey, message: Uint8Array, rng: Rng): OwnOctets | undefined {
  const text = octetsView('message', message);
  if (publicKeyFault(key) !== undefined) return undefined;
  const octets = modulusOctets(key);
  if (text.length > octets - FRAME_LEAST) return undefined;
  const padding = new Uint8Array(octets - text.length - 3);
  rng.fill(padding);
  for (let at = padding.indexOf(0); at >= 0; at = padding.indexOf(0, at)) rng.fill(padding.subarray(at, at + 1));
  const block = new Uint8Array(octets);
  block.set([0, 2]);
  block.set(padding, 2);
  block.set(text, octets - text.length);
  return BIGINT_POWERS.public(key, block);
}

/**
 * The message; undefined for what is none. Who is told which of the two it was can have everything decrypted
 * (Bleichenbacher 1998): for reading what was recorded, not for answering.
 * @throws TypeError for what is no Uint8Array.
 */
export function decryptRsaPkcs1(key: RsaPrivateKey, ciphertext: Uint8Array): OwnOctets | undefined {
  const octets = octetsView('ciphertext', ciphertext);
  if (privateKeyFault(key) !== undefined || octets.length !== modulusOctets(key)) return undefined;
  const block = BIGINT_POWERS.private(key, octets);
  const end = block?.indexOf(0, 2) ?? -1;
  return block?.[0] === 0 && block[1] === 2 && end >= FRAME_LEAST - 1 ? block.slice(end + 1) : undefined;
}
