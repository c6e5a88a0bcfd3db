import {
  type Cipher,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type Decipher,
  type KeyObject,
} from 'node:crypto';
import type { EspTransformOptions } from '../engine.ts';
import type { EspIntegrity } from '../suites/suites.ts';
import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { AesHmacTransform } from '../wasm/transforms/cbc-hmac.ts';
import { FEW_OCTETS, STRETCH_OCTETS, updateStaged } from './stretch.ts';

const BLOCK_OCTETS = 16;

/**
 * AES-CBC (RFC 3602) by one cipher object that lives as long as its SA, and one update for many packets.
 *
 * To seal, each packet is preceded by a fresh random block. What that encrypts to, after whatever came before it in the
 * chain, is the packet's IV: the encryption of a block nobody knows, which SP 800-38A Appendix C recommends. To open, all
 * IVs and ciphertexts are decrypted as one chain, in which only the IVs come out wrong. So neither object carries
 * anything from one packet to the next that matters.
 */
export class NodeAesHmacTransform extends AesHmacTransform {
  readonly #algorithm: string;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;
  #decipher: Decipher | undefined;

  constructor(memory: KernelMemory, options: EspTransformOptions, integrity: Exclude<EspIntegrity, 'none'>) {
    super(memory, options, integrity);
    const key = options.keys.encryption;
    this.#algorithm = `aes-${8 * key.length}-cbc`;
    this.#key = createSecretKey(key);
  }

  protected override encrypt(count: number, freshIv: boolean): void {
    if (!freshIv || this.#isLittle(count)) {
      super.encrypt(count, freshIv);
      return;
    }
    const { kernels, staging } = this.memory;
    const { icvOctets } = this.suite;
    for (let from = 0; from < count; ) {
      const to = this.memory.jobs.fitting(from, count, STRETCH_OCTETS);
      const random = this.memory.random.take(this.rng, (to - from) * BLOCK_OCTETS);
      this.#encryptStretch(kernels.gatherSeal(from, to, icvOctets, random, staging));
      kernels.scatterSeal(from, to, icvOctets, staging);
      from = to;
    }
  }

  protected override decrypt(count: number): void {
    if (this.#isLittle(count)) {
      super.decrypt(count);
      return;
    }
    const { kernels, staging } = this.memory;
    const { icvOctets } = this.suite;
    for (let from = 0; from < count; ) {
      const to = this.memory.jobs.fitting(from, count, STRETCH_OCTETS);
      const octets = kernels.gatherOpen(from, to, icvOctets, staging);
      if (octets > 0) this.#decryptStretch(octets);
      kernels.scatterOpen(from, to, icvOctets, staging);
      from = to;
    }
  }

  protected override wipeKeys(): void {
    this.#key = undefined;
    this.#cipher = undefined;
    this.#decipher = undefined;
  }

  /** A call of the platform costs as much as the kernels need for a few hundred octets. */
  #isLittle(count: number): boolean {
    return this.memory.jobs.areWithin(FEW_OCTETS, count);
  }

  #encryptStretch(octets: number): void {
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    updateStaged(this.memory, cipher, octets);
    this.#cipher = cipher;
  }

  #decryptStretch(octets: number): void {
    const decipher = this.#decipher ?? this.#createDecipher();
    this.#decipher = undefined;
    updateStaged(this.memory, decipher, octets);
    this.#decipher = decipher;
  }

  #createCipher(): Cipher {
    return createCipheriv(this.#algorithm, this.#keyObject(), new Uint8Array(BLOCK_OCTETS)).setAutoPadding(false);
  }

  #createDecipher(): Decipher {
    return createDecipheriv(this.#algorithm, this.#keyObject(), new Uint8Array(BLOCK_OCTETS)).setAutoPadding(false);
  }

  #keyObject(): KeyObject {
    if (this.#key === undefined) throw new TypeError('this transform was wiped');
    return this.#key;
  }
}
