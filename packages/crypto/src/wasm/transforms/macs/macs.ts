import type { EspIntegrity } from '../../../suites/macs.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { withSecrets } from '../../memory/secrets.ts';
import { kernelChains } from '../chains.ts';
import type { KernelArm, KernelMac, Keying } from '../protection.ts';
import { aesMacArm } from './aes-mac.ts';

/** How the kernels compute each MAC. */
export const KERNEL_MACS: Readonly<Record<EspIntegrity, KernelArm<KernelMac> | undefined>> = {
  none: { contextOctets: () => 0, key: () => ({ seal: () => {}, open: () => {}, wipe: () => {} }) },
  'hmac-md5-96': hmac(0),
  'hmac-sha1-96': hmac(1),
  'hmac-sha2-256-128': hmac(2),
  'hmac-sha2-384-192': hmac(3),
  'hmac-sha2-512-256': hmac(4),
  'hmac-sha2-256-96': hmac(2),
  'aes-xcbc-96': aesMacArm('xcbc', kernelChains),
  'aes-cmac-96': aesMacArm('cmac', kernelChains),
};

/** HMAC, with the kernels' number of its hash; the context holds both pads' states. */
function hmac(hash: number): KernelArm<KernelMac> {
  return { contextOctets: () => 128, key: (keying) => new KernelHmac(keying, hash) };
}

class KernelHmac implements KernelMac {
  readonly #kernels: Kernels;
  readonly #hash: number;
  readonly #icvOctets: number;
  readonly #esn: 0 | 1;

  constructor({ memory, context, options }: Keying, hash: number) {
    this.#kernels = memory.kernels;
    this.#hash = hash;
    this.#icvOctets = options.suite.icvOctets;
    this.#esn = options.esn ? 1 : 0;
    const key = options.keys.integrity;
    withSecrets(memory, [key], (at) => memory.kernels.hmacKey(context, hash, at, key.length));
  }

  seal(count: number): void {
    this.#kernels.hmacSeal(this.#hash, count, this.#icvOctets, this.#esn);
  }

  open(count: number): void {
    this.#kernels.hmacOpen(this.#hash, count, this.#icvOctets, this.#esn);
  }

  wipe(): void {}
}
