import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import type { Rng } from '../rng.ts';
import type { JobTable } from '../wasm/memory/job-table.ts';
import { STRETCH_OCTETS } from '../wasm/memory/kernel-memory.ts';
import type { Chains } from '../wasm/transforms/chains.ts';
import { AesCbc } from '../wasm/transforms/ciphers/aes-cbc.ts';
import type { IvPlacer } from '../wasm/transforms/ivs.ts';
import type { Keying } from '../wasm/transforms/protection.ts';
import { ByContext } from './by-context.ts';
import { nodeChains } from './chains.ts';
import { type Cipher, cbc, type Decipher } from './ciphers.ts';
import { FEW_OCTETS, updateStaged } from './stretch.ts';

const BLOCK_OCTETS = 16;
/** For fewer packets at work a call for each block of all costs more than one call that takes their blocks in turn. */
const MANY_CHAINS = 96;

/**
 * AES-CBC (RFC 3602) by one cipher object that lives as long as its SA, and one update for many packets.
 *
 * To seal many packets of about one length, a block of every packet at a time is encrypted instead, each chain beginning with
 * its sequence number and a random block, of which the IV is made.
 *
 * To seal fewer, each packet is preceded by a fresh random block. What that encrypts to, after whatever came before it in the
 * chain, is the packet's IV: the encryption of a block nobody knows, which SP 800-38A Appendix C recommends. To open, all
 * IVs and ciphertexts are decrypted as one chain, in which only the IVs come out wrong. So neither object carries
 * anything from one packet to the next that matters.
 */
export class NodeAesCbc extends AesCbc {
  readonly #algorithm: string;
  readonly #rng: Rng | undefined;
  /** That of packets. */
  readonly #context: number;
  readonly #keysAt: number;
  /** None to open with. */
  readonly #chains: Chains | undefined;
  readonly #placeIvs: IvPlacer;
  #key: KeyObject | undefined;
  #cipher: Cipher | undefined;
  #decipher: Decipher | undefined;

  constructor(keying: Keying) {
    super(keying);
    const { keys, rng, direction } = keying.options;
    this.#algorithm = cbc(keys.encryption);
    this.#rng = rng;
    this.#key = createSecretKey(keys.encryption);
    this.#keysAt = keying.keysAt;
    this.#context = keying.context - keying.keysAt;
    if (direction === 'seal') this.#chains = nodeChains(keying, keys.encryption);
    this.#placeIvs = keying.placeIvs;
    CIPHERS.set(keying.memory, this.#context, this);
  }

  override encrypt(count: number, freshIv: boolean): void {
    if (!freshIv || this.#rng === undefined) {
      super.encrypt(count, freshIv);
      return;
    }
    const { jobs } = this.memory;
    if (this.#chains !== undefined && jobs.areOf(this.#context) && areMany(jobs, count)) {
      this.#encryptChains(count, this.#chains);
      return;
    }
    let few = 0;
    for (let from = 0; from < count; ) {
      const to = jobs.runFrom(from, count);
      if (!jobs.areWithin(FEW_OCTETS, from, to)) {
        if (few < from) this.encryptJobs(few, from, true);
        this.#of(from).#encryptRun(from, to, this.#rng);
        few = to;
      }
      from = to;
    }
    if (few < count) this.encryptJobs(few, count, true);
  }

  override decrypt(count: number): void {
    const { jobs } = this.memory;
    let few = 0;
    for (let from = 0; from < count; ) {
      const to = jobs.runFrom(from, count);
      if (!jobs.areWithin(FEW_OCTETS, from, to)) {
        if (few < from) this.decryptJobs(few, from);
        this.#of(from).#decryptRun(from, to);
        few = to;
      }
      from = to;
    }
    if (few < count) this.decryptJobs(few, count);
  }

  override wipe(): void {
    CIPHERS.delete(this.memory, this.#context);
    this.#chains?.wipe();
    this.#key = undefined;
    this.#cipher = undefined;
    this.#decipher = undefined;
  }

  /** The cipher of the SA that a job is of. */
  #of(job: number): NodeAesCbc {
    const { jobs } = this.memory;
    return jobs.areOf(this.#context) ? this : CIPHERS.get(this.memory, jobs.contextOf(job));
  }

  /** Random blocks in the places of the IVs are what the chains begin with. */
  #encryptChains(count: number, chains: Chains): void {
    this.#placeIvs(0, count);
    this.memory.kernels.aesCbcSeal(this.#keysAt, 0, count, 0, this.icvOctets);
    chains.run();
  }

  /** A call of the platform costs as much as the kernels need for a few hundred octets: for less it is not asked. */
  #encryptRun(first: number, end: number, rng: Rng): void {
    const { kernels, staging, jobs } = this.memory;
    const { icvOctets } = this;
    for (let from = first; from < end; ) {
      const to = jobs.fitting(from, end, STRETCH_OCTETS);
      const random = this.memory.random.take(rng, (to - from) * BLOCK_OCTETS);
      this.#encryptStretch(kernels.gatherSeal(from, to, icvOctets, random, staging));
      kernels.scatterSeal(from, to, icvOctets, staging);
      from = to;
    }
  }

  #decryptRun(first: number, end: number): void {
    const { kernels, staging, jobs } = this.memory;
    const { icvOctets } = this;
    for (let from = first; from < end; ) {
      const to = jobs.fitting(from, end, STRETCH_OCTETS);
      const octets = kernels.gatherOpen(from, to, icvOctets, staging);
      if (octets > 0) this.#decryptStretch(octets);
      kernels.scatterOpen(from, to, icvOctets, staging);
      from = to;
    }
  }

  #encryptStretch(octets: number): void {
    const cipher = this.#cipher ?? this.#createCipher();
    // Kept only if it worked: an object that threw may be in any state.
    this.#cipher = undefined;
    updateStaged(this.memory, cipher, 0, octets);
    this.#cipher = cipher;
  }

  #decryptStretch(octets: number): void {
    const decipher = this.#decipher ?? this.#createDecipher();
    this.#decipher = undefined;
    updateStaged(this.memory, decipher, 0, octets);
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

/** Whether on average there are chains enough at work: as many octets as so many packets have that are as long as the longest. */
function areMany(jobs: JobTable, count: number): boolean {
  if (count < MANY_CHAINS) return false;
  let longest = 0;
  let all = 0;
  for (let job = 0; job < count; job++) {
    const length = jobs.lengthOf(job);
    all += length;
    if (length > longest) longest = length;
  }
  return all >= MANY_CHAINS * longest;
}

const CIPHERS = new ByContext<NodeAesCbc>();
