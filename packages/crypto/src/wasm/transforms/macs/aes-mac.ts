import { copySecret } from '../../../octets.ts';
import type { Kernels } from '../../kernels/kernels.ts';
import { withSecrets } from '../../memory/secrets.ts';
import type { Chains, ChainsMaker } from '../chains.ts';
import type { KernelArm, KernelMac, Keying } from '../protection.ts';

/** AES-XCBC-MAC (RFC 3566) or AES-CMAC (RFC 4494), computed by `chains`: round keys, and two keys for the last block. */
export function aesMacArm(kind: 'xcbc' | 'cmac', chains: ChainsMaker): KernelArm<KernelMac> {
  return { contextOctets: () => 288, key: (keying) => new AesMac(keying, kind, chains) };
}

class AesMac implements KernelMac {
  readonly #kernels: Kernels;
  readonly #icvOctets: number;
  readonly #esn: 0 | 1;
  readonly #chains: Chains;

  constructor(keying: Keying, kind: 'xcbc' | 'cmac', chains: ChainsMaker) {
    const { memory, context, options } = keying;
    const { kernels } = memory;
    this.#kernels = kernels;
    this.#icvOctets = options.suite.icvOctets;
    this.#esn = options.esn ? 1 : 0;
    const key = copySecret('keys.integrity', options.keys.integrity);
    withSecrets(memory, [key], (at) => {
      if (kind === 'xcbc') kernels.xcbcKey(context, at);
      else kernels.cmacKey(context, at);
      // The key of the chain: RFC 3566 derives another one, and leaves it here.
      key.set(memory.at(at, key.length));
    });
    this.#chains = chains(keying, key);
    key.fill(0);
  }

  seal(count: number): void {
    this.#kernels.aesMacBegin(count, this.#icvOctets, this.#esn);
    this.#chains.run();
    this.#kernels.aesMacSeal(count);
  }

  open(count: number): void {
    this.#kernels.aesMacBegin(count, this.#icvOctets, this.#esn);
    this.#chains.run();
    this.#kernels.aesMacOpen(count);
  }

  wipe(): void {
    this.#chains.wipe();
  }
}
