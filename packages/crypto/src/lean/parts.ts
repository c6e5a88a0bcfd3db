import { HmacCore } from '../hash/digest/hmac-core.ts';
import { SHA1 } from '../hash/digest/sha1.ts';
import { SHA2_256 } from '../hash/digest/sha256.ts';
import { ChaCha20Poly1305 } from '../modes/chacha20-poly1305.ts';
import { Gcm } from '../modes/gcm.ts';
import { AeadTransform } from '../noble/aead.ts';
import type { NobleAeadArm } from '../noble/aeads.ts';
import { type CipherArm, cbc } from '../noble/ciphers.ts';
import type { MacArm } from '../noble/macs.ts';

/** AES-CBC (RFC 3602). */
export const aesCbc: CipherArm = (options) => cbc('aes-cbc', options);

/** HMAC-SHA1-96 (RFC 2404). */
export const hmacSha1: MacArm = (key) => new HmacCore(SHA1, key);

/** HMAC-SHA2-256-128 (RFC 4868). */
export const hmacSha256: MacArm = (key) => new HmacCore(SHA2_256, key);

/** AES-GCM (RFC 4106). */
export const aesGcm: NobleAeadArm = {
  icvOctets: [8, 12, 16],
  ivs: ['sequence', 'implicit'],
  key: (options) => new AeadTransform(options, new Gcm(options.keys)),
};

/** ChaCha20-Poly1305 (RFC 7634). */
export const chaCha20Poly1305: NobleAeadArm = {
  icvOctets: [16],
  ivs: ['sequence', 'implicit'],
  key: (options) => new AeadTransform(options, new ChaCha20Poly1305(options.keys)),
};
