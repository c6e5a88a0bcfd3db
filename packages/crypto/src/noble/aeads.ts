import type { EspKeys } from '../engine.ts';
import type { AeadArm } from '../engine-parts.ts';
import type { Aead } from '../modes/aead.ts';
import { ChaCha20Poly1305 } from '../modes/chacha20-poly1305.ts';
import { Gcm } from '../modes/gcm.ts';
import type { EspAead } from '../suites/aeads.ts';

export interface NobleAeadArm extends AeadArm {
  key(keys: EspKeys): Aead;
}

/** How this engine keys each AEAD; ICVs of RFC 4106 §6, RFC 7634 §2. */
export const AEADS: Readonly<Record<EspAead, NobleAeadArm>> = {
  'aes-gcm': { icvOctets: [8, 12, 16], key: (keys) => new Gcm(keys) },
  'chacha20-poly1305': { icvOctets: [16], key: (keys) => new ChaCha20Poly1305(keys) },
};
