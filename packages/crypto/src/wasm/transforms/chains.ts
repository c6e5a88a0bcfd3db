import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { Keying } from './protection.ts';

/** What computes the messages that the kernels have been given for a CBC-MAC. */
export interface Chains {
  run(): void;
  /** Forgets a key that is not in the context. */
  wipe(): void;
}

/** Made with a context whose cipher's keys are those of the MAC, and with these keys. */
export type ChainsMaker = (keying: Keying, key: Uint8Array) => Chains;

export const kernelChains: ChainsMaker = ({ memory }) => new KernelChains(memory);

class KernelChains implements Chains {
  readonly #memory: KernelMemory;

  constructor(memory: KernelMemory) {
    this.#memory = memory;
  }

  run(): void {
    this.#memory.kernels.macRest();
  }

  wipe(): void {}
}
