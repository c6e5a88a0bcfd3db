import { type Cipher, createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { type Keystream, type KeystreamMaker, kernelKeystream } from '../wasm/transforms/keystream.ts';
import type { Keying } from '../wasm/transforms/protection.ts';
import { FEW_OCTETS, updateStaged } from './stretch.ts';

/** Key streams from one AES-ECB object that lives as long as its SA; those of few blocks from the kernels. */
export const nodeKeystream: KeystreamMaker = (keying) => new NodeKeystream(keying);

class NodeKeystream implements Keystream {
  readonly #memory: KernelMemory;
  readonly #few: Keystream;
  readonly #algorithm: string;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;

  constructor(keying: Keying) {
    const key = keying.options.keys.encryption;
    this.#memory = keying.memory;
    this.#few = kernelKeystream(keying);
    this.#algorithm = `aes-${8 * key.length}-ecb`;
    this.#key = createSecretKey(key);
  }

  encrypt(octets: number): void {
    if (octets <= FEW_OCTETS) {
      this.#few.encrypt(octets);
      return;
    }
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    updateStaged(this.#memory, cipher, octets);
    this.#cipher = cipher;
  }

  wipe(): void {
    this.#key = undefined;
    this.#cipher = undefined;
  }

  #createCipher(): Cipher {
    if (this.#key === undefined) throw new TypeError('this transform was wiped');
    return createCipheriv(this.#algorithm, this.#key, null).setAutoPadding(false);
  }
}
