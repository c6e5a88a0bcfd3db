import type { KernelMemory } from '../memory/kernel-memory.ts';
import type { Keying } from './protection.ts';

/** What encrypts counter blocks: the kernels, or a platform that has AES in hardware. */
export interface Keystream {
  /**
   * Encrypts the first `octets` octets of the staging area, in place. They are blocks of those jobs `from` to `to` that are
   * alive: one for every 16 octets that a job has beside `overhead`, unless that is `NO_TEXT`, and `more`.
   */
  encrypt(from: number, to: number, octets: number, overhead: number, more: number): void;
  /** Forgets a key that is not in the context. */
  wipe(): void;
}

/** In the place of an overhead, where packets have no text to be encrypted. */
export const NO_TEXT = 0;

/** Made with a context that begins with the key's schedule. */
export type KeystreamMaker = (keying: Keying) => Keystream;

export const kernelKeystream: KeystreamMaker = (keying) => new KernelKeystream(keying);

class KernelKeystream implements Keystream {
  readonly #memory: KernelMemory;
  readonly #context: number;
  readonly #keysAt: number;

  constructor({ memory, context, keysAt }: Keying) {
    this.#memory = memory;
    this.#context = context;
    this.#keysAt = keysAt;
  }

  encrypt(from: number, to: number, octets: number, overhead: number, more: number): void {
    const { kernels, jobs, staging } = this.#memory;
    if (jobs.areOf(this.#context - this.#keysAt)) kernels.aesEcb(this.#context, staging, octets);
    else kernels.aesEcbMany(this.#keysAt, from, to, overhead, more, staging);
  }

  wipe(): void {}
}
