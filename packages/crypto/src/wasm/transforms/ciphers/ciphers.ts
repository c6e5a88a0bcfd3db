import type { EspCipher } from '../../../suites/ciphers.ts';
import { kernelKeystream } from '../keystream.ts';
import type { KernelArm, KernelCipher } from '../protection.ts';
import { AesCbc, aesContextOctets } from './aes-cbc.ts';
import { ctrArm } from './aes-ctr.ts';
import { Des } from './des.ts';

/** How the kernels compute each cipher. */
export const KERNEL_CIPHERS: Readonly<Record<EspCipher, KernelArm<KernelCipher> | undefined>> = {
  null: { contextOctets: () => 0, key: () => NULL },
  'des-cbc': { contextOctets: () => 128, key: (keying) => new Des(keying, 0) },
  '3des-cbc': { contextOctets: () => 384, key: (keying) => new Des(keying, 1) },
  'aes-cbc': { contextOctets: aesContextOctets, key: (keying) => new AesCbc(keying) },
  'aes-ctr': ctrArm(kernelKeystream),
  'camellia-cbc': undefined,
};

/** RFC 2410. */
const NULL: KernelCipher = { constantTime: true, encrypt: () => {}, decrypt: () => {}, wipe: () => {} };
