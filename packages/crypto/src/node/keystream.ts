import { createCipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { KernelMemory } from '../wasm/memory/kernel-memory.ts';
import { type Keystream, type KeystreamMaker, kernelKeystream, NO_TEXT } from '../wasm/transforms/keystream.ts';
import type { Keying } from '../wasm/transforms/protection.ts';
import { ByContext } from './by-context.ts';
import { type Cipher, ecb, hasCipher } from './ciphers.ts';
import { FEW_OCTETS, updateStaged } from './stretch.ts';

/**
 * Key streams from one AES-ECB object that lives as long as its SA; those of few blocks, and all where node:crypto has no such
 * cipher, from the kernels.
 */
export const nodeKeystream: KeystreamMaker = (keying) =>
  hasCipher(ecb(keying.options.keys.encryption)) ? new NodeKeystream(keying) : kernelKeystream(keying);

class NodeKeystream implements Keystream {
  readonly #memory: KernelMemory;
  /** That of packets, and how far into it the cipher's keys begin. */
  readonly #context: number;
  readonly #keysAt: number;
  readonly #few: Keystream;
  readonly #algorithm: string;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;

  constructor(keying: Keying) {
    const key = keying.options.keys.encryption;
    this.#memory = keying.memory;
    this.#few = kernelKeystream(keying);
    this.#algorithm = ecb(key);
    this.#key = createSecretKey(key);
    this.#keysAt = keying.keysAt;
    this.#context = keying.context - keying.keysAt;
    KEYSTREAMS.set(keying.memory, this.#context, this);
  }

  encrypt(from: number, to: number, octets: number, overhead: number, more: number): void {
    if (octets <= FEW_OCTETS) this.#few.encrypt(from, to, octets, overhead, more);
    else if (this.#memory.jobs.areOf(this.#context)) this.#encryptStaged(0, octets);
    else this.#encryptRuns(from, to, overhead, more);
  }

  wipe(): void {
    KEYSTREAMS.delete(this.#memory, this.#context);
    this.#key = undefined;
    this.#cipher = undefined;
  }

  /** Each SA's blocks by its own object, unless they are few: those the kernels take together. */
  #encryptRuns(from: number, to: number, overhead: number, more: number): void {
    const { kernels, jobs, staging } = this.#memory;
    let few = from;
    let fewAt = 0;
    let at = 0;
    for (let job = from; job < to; ) {
      const end = jobs.runFrom(job, to);
      let octets = 0;
      for (let i = job; i < end; i++)
        octets += jobs.isAlive(i) ? streamOctets(overhead === NO_TEXT ? 0 : jobs.lengthOf(i) - overhead, more) : 0;
      if (octets > FEW_OCTETS) {
        if (few < job) kernels.aesEcbMany(this.#keysAt, few, job, overhead, more, staging + fewAt);
        KEYSTREAMS.get(this.#memory, jobs.contextOf(job)).#encryptStaged(at, at + octets);
        few = end;
        fewAt = at + octets;
      }
      at += octets;
      job = end;
    }
    if (few < to) kernels.aesEcbMany(this.#keysAt, few, to, overhead, more, staging + fewAt);
  }

  #encryptStaged(from: number, to: number): void {
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    updateStaged(this.#memory, cipher, from, to);
    this.#cipher = cipher;
  }

  #createCipher(): Cipher {
    if (this.#key === undefined) throw new TypeError('this transform was wiped');
    return createCipheriv(this.#algorithm, this.#key, null).setAutoPadding(false);
  }
}

const KEYSTREAMS = new ByContext<NodeKeystream>();

/** Of a text of that many octets. */
function streamOctets(octets: number, more: number): number {
  return (((octets + 15) >> 4) + more) << 4;
}
