import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { CHAINS_AT, type KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { type Chains, type ChainsMaker, kernelChains } from '../wasm/transforms/chains.ts';
import type { Keying } from '../wasm/transforms/protection.ts';
import { type Cipher, ecb, hasCipher } from './ciphers.ts';

/**
 * CBC-MACs of many packets by AES-ECB: a block of every packet at a time, by an object that lives as long as its SA. What
 * is left when few packets have more blocks is the kernels'.
 */
export const nodeChains: ChainsMaker = (keying, key) =>
  hasCipher(ecb(key)) ? new NodeChains(keying, key) : kernelChains(keying, key);

/** For fewer blocks than these a call of the platform costs more than the kernels. */
const FEW_CHAINS_OCTETS = 16 * 28;

class NodeChains implements Chains {
  readonly #memory: KernelMemory;
  /** That of packets. */
  readonly #context: number;
  readonly #algorithm: string;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;

  constructor({ memory, context, keysAt }: Keying, key: Uint8Array) {
    this.#memory = memory;
    this.#context = context - keysAt;
    this.#algorithm = ecb(key);
    this.#key = createSecretKey(key);
  }

  run(): void {
    const memory = this.#memory;
    const { kernels, jobs, staging } = memory;
    if (jobs.areOf(this.#context)) {
      let octets = kernels.macFirst(staging + CHAINS_AT);
      // As many octets come again and again: a view of them costs as much as to encrypt a few.
      let blocks = memory.staged(CHAINS_AT, CHAINS_AT + octets);
      while (octets >= FEW_CHAINS_OCTETS) {
        this.#encrypt(blocks);
        octets = kernels.macNext(staging + CHAINS_AT);
        if (octets !== blocks.length) blocks = memory.staged(CHAINS_AT, CHAINS_AT + octets);
      }
    }
    kernels.macRest();
  }

  wipe(): void {
    this.#key = undefined;
    this.#cipher = undefined;
  }

  #encrypt(blocks: Uint8Array): void {
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    this.#memory.stage(CHAINS_AT, cipher.update(blocks));
    this.#cipher = cipher;
  }

  #createCipher(): Cipher {
    if (this.#key === undefined) throw new TypeError('this transform was wiped');
    return createCipheriv(this.#algorithm, this.#key, null).setAutoPadding(false);
  }
}
