import {
  type Cipher,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type Decipher,
  type KeyObject,
} from 'node:crypto';
import type { Rng } from '../rng.ts';
import { STRETCH_OCTETS } from '../wasm/memory/kernel-memory.ts';
import { AesCbc } from '../wasm/transforms/aes-cbc.ts';
import type { Keying } from '../wasm/transforms/protection.ts';
import { FEW_OCTETS, updateStaged } from './stretch.ts';

const BLOCK_OCTETS = 16;

/**
 * AES-CBC (RFC 3602) by one cipher object that lives as long as its SA, and one update for many packets.
 *
 * To seal, each packet is preceded by a fresh random block. What that encrypts to, after whatever came before it in the
 * chain, is the packet's IV: the encryption of a block nobody knows, which SP 800-38A Appendix C recommends. To open, all
 * IVs and ciphertexts are decrypted as one chain, in which only the IVs come out wrong. So neither object carries
 * anything from one packet to the next that matters.
 */
export class NodeAesCbc extends AesCbc {
  readonly #algorithm: string;
  readonly #rng: Rng | undefined;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;
  #decipher: Decipher | undefined;

  constructor(keying: Keying) {
    super(keying);
    const { keys, rng } = keying.options;
    this.#algorithm = `aes-${8 * keys.encryption.length}-cbc`;
    this.#rng = rng;
    this.#key = createSecretKey(keys.encryption);
  }

  override encrypt(count: number, freshIv: boolean): void {
    const rng = this.#rng;
    if (!freshIv || rng === undefined || this.#isLittle(count)) {
      super.encrypt(count, freshIv);
      return;
    }
    const { kernels, staging } = this.memory;
    const { icvOctets } = this;
    for (let from = 0; from < count; ) {
      const to = this.memory.jobs.fitting(from, count, STRETCH_OCTETS);
      const random = this.memory.random.take(rng, (to - from) * BLOCK_OCTETS);
      this.#encryptStretch(kernels.gatherSeal(from, to, icvOctets, random, staging));
      kernels.scatterSeal(from, to, icvOctets, staging);
      from = to;
    }
  }

  override decrypt(count: number): void {
    if (this.#isLittle(count)) {
      super.decrypt(count);
      return;
    }
    const { kernels, staging } = this.memory;
    const { icvOctets } = this;
    for (let from = 0; from < count; ) {
      const to = this.memory.jobs.fitting(from, count, STRETCH_OCTETS);
      const octets = kernels.gatherOpen(from, to, icvOctets, staging);
      if (octets > 0) this.#decryptStretch(octets);
      kernels.scatterOpen(from, to, icvOctets, staging);
      from = to;
    }
  }

  override wipe(): void {
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
