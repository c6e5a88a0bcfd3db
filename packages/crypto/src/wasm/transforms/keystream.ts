import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { Keying } from './protection.ts';

/** What encrypts counter blocks: the kernels, or a platform that has AES in hardware. */
export interface Keystream {
  /** Encrypts the first `octets` octets of the staging area: whole blocks, in place. */
  encrypt(octets: number): void;
  /** Forgets a key that is not in the context. */
  wipe(): void;
}

/** Made with a context that begins with the key's schedule. */
export type KeystreamMaker = (keying: Keying) => Keystream;

export const kernelKeystream: KeystreamMaker = (keying) => new KernelKeystream(keying);

class KernelKeystream implements Keystream {
  readonly #memory: KernelMemory;
  readonly #context: number;

  constructor({ memory, context }: Keying) {
    this.#memory = memory;
    this.#context = context;
  }

  encrypt(octets: number): void {
    this.#memory.kernels.aesEcb(this.#context, this.#memory.staging, octets);
  }

  wipe(): void {}
}
