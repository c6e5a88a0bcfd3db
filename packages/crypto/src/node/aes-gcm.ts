import { type Cipher, createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { EspTransformOptions } from '../engine.ts';
import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { GcmTransform } from '../wasm/transforms/gcm.ts';
import { FEW_OCTETS, updateStaged } from './stretch.ts';

/** AES-GCM whose key stream comes from one AES-ECB object that lives as long as its SA; GHASH is that of the kernels. */
export class NodeGcmTransform extends GcmTransform {
  readonly #algorithm: string;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;

  constructor(memory: KernelMemory, options: EspTransformOptions) {
    super(memory, options);
    const key = options.keys.encryption;
    this.#algorithm = `aes-${8 * key.length}-ecb`;
    this.#key = createSecretKey(key);
  }

  protected override keyStream(octets: number): void {
    if (octets <= FEW_OCTETS) {
      super.keyStream(octets);
      return;
    }
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    updateStaged(this.memory, cipher, octets);
    this.#cipher = cipher;
  }

  protected override wipeKeys(): void {
    this.#key = undefined;
    this.#cipher = undefined;
  }

  #createCipher(): Cipher {
    if (this.#key === undefined) throw new TypeError('this transform was wiped');
    return createCipheriv(this.#algorithm, this.#key, null).setAutoPadding(false);
  }
}
