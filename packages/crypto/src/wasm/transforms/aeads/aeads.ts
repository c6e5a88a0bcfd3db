import type { EspAead } from '../../../suites/aeads.ts';
import { kernelChains } from '../chains.ts';
import { kernelKeystream } from '../keystream.ts';
import type { KernelAeadArm } from '../protection.ts';
import { ccmArm } from './ccm.ts';
import { ChaCha20Poly1305 } from './chacha20-poly1305.ts';
import { gcmArm, gmacArm } from './gcm.ts';

/** How the kernels compute each AEAD. */
export const KERNEL_AEADS: Readonly<Record<EspAead, KernelAeadArm | undefined>> = {
  'aes-gcm': gcmArm(kernelKeystream),
  'aes-ccm': ccmArm(kernelKeystream, kernelChains),
  'aes-gmac': gmacArm(kernelKeystream),
  'chacha20-poly1305': {
    icvOctets: [16],
    ivs: ['sequence', 'implicit'],
    contextOctets: () => 48,
    key: (keying) => new ChaCha20Poly1305(keying),
  },
};
