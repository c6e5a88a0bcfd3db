import type { EspTransform, EspTransformOptions } from '../engine.ts';
import type { AeadArm } from '../engine-parts.ts';
import { ChaCha20Poly1305 } from '../modes/chacha20-poly1305.ts';
import { Gcm } from '../modes/gcm.ts';
import type { EspAead } from '../suites/aeads.ts';
import { AeadTransform } from './aead.ts';
import { CcmTransform } from './ccm.ts';
import { GmacTransform } from './gmac.ts';

export interface NobleAeadArm extends AeadArm {
  key(options: EspTransformOptions): EspTransform;
}

/** How this engine keys each AEAD; ICVs of RFC 4106 §6, RFC 4309 §6, RFC 4543 §3.4, RFC 7634 §2. */
export const AEADS: Readonly<Record<EspAead, NobleAeadArm>> = {
  'aes-gcm': {
    icvOctets: [8, 12, 16],
    ivs: ['sequence', 'implicit'],
    key: (options) => new AeadTransform(options, new Gcm(options.keys)),
  },
  'aes-ccm': {
    icvOctets: [8, 12, 16],
    ivs: ['sequence', 'implicit'],
    key: (options) => new CcmTransform(options),
  },
  'aes-gmac': { icvOctets: [16], ivs: ['sequence'], key: (options) => new GmacTransform(options) },
  'chacha20-poly1305': {
    icvOctets: [16],
    ivs: ['sequence', 'implicit'],
    key: (options) => new AeadTransform(options, new ChaCha20Poly1305(options.keys)),
  },
};
