import { type KernelSource, type Kernels, loadKernels } from '../kernels/kernels.ts';
import { Arena } from './arena.ts';
import { JobTable, type PacketShape } from './job-table.ts';
import { RandomPool } from './random-pool.ts';

/** No packet is longer: more than IPv6 and UDP can carry, but for jumbograms. */
const PACKET_OCTETS = 131_072;
/** Packets from memory that is not in the arena pass through this many octets at a time. */
const SCRATCH_OCTETS = 2 * PACKET_OCTETS;
/** Cipher input that is made out of many packets. */
export const STAGING_OCTETS: number = 2 * PACKET_OCTETS;
/** Octets of key streams, or of a cipher's input, that are made at once: more do not stay in the processor's nearer caches. */
export const STRETCH_OCTETS = 65_536;
/** Where in the staging area the next blocks of chains are, behind the key streams of packets. */
export const CHAINS_AT: number = STAGING_OCTETS - 8192;
/** Packets have so many octets at most whose key streams fit in front of that: each may have a block more. */
export const STREAM_OCTETS: number = CHAINS_AT - 4096;
/** IVs of 16 octets for four full job tables: what asking for random octets costs is mostly the asking. */
const RANDOM_OCTETS = 16_384;
/** Kernels may read, and in the staging area write, this far past an end. */
const MARGIN_OCTETS = 128;
/** Static memory of the kernels, with room to grow in. */
const STATIC_OCTETS = 1_048_576;

/** The kernels, their memory and what lies where in it. An engine owns one. */
export class KernelMemory {
  readonly level: 'simd' | 'relaxed';
  readonly kernels: Kernels;
  readonly jobs: JobTable;
  readonly random: RandomPool;
  /** Address of the staging area. */
  readonly staging: number;
  /** Address of the room for packets from elsewhere. */
  readonly #scratch: number;
  readonly #octets: Uint8Array;
  readonly #arena: Arena;
  readonly #shapes: PacketShape[] = [];
  /** Whether packets or keys have passed since working memory was last overwritten. */
  #isUsed = true;

  constructor(arenaOctets: number, source: KernelSource) {
    const { kernels, memory } = loadKernels(arenaOctets + SCRATCH_OCTETS + STAGING_OCTETS + STATIC_OCTETS, source);
    this.level = source.level;
    this.kernels = kernels;
    this.#octets = new Uint8Array(memory);
    this.#arena = new Arena(kernels.heapBase(), memory.byteLength - MARGIN_OCTETS);
    this.staging = this.take(STAGING_OCTETS + MARGIN_OCTETS);
    this.#scratch = this.take(SCRATCH_OCTETS + MARGIN_OCTETS);
    this.jobs = new JobTable({
      memory,
      table: kernels.jobTable(),
      capacity: kernels.JOB_CAPACITY.value,
      packetOctets: PACKET_OCTETS,
      scratch: this.#scratch,
      scratchOctets: SCRATCH_OCTETS,
    });
    const random = this.take(RANDOM_OCTETS);
    this.random = new RandomPool(this.#octets.subarray(random, random + RANDOM_OCTETS), random);
  }

  /** Address of octets from the arena. @throws RangeError when it has no stretch of that length left. */
  take(octets: number): number {
    return this.#arena.take(octets);
  }

  /** @throws RangeError for an address that was not taken, or that was given back before. */
  giveBack(address: number): void {
    this.#arena.giveBack(address);
  }

  /** The octets at an address. No property holds them, so that no printed object shows the keys among them. */
  at(address: number, octets: number): Uint8Array {
    return this.#octets.subarray(address, address + octets);
  }

  /** Octets `from` to `to` of the staging area. */
  staged(from: number, to: number): Uint8Array {
    return this.#octets.subarray(this.staging + from, this.staging + to);
  }

  /** Puts octets into the staging area. */
  stage(at: number, octets: Uint8Array): void {
    this.#octets.set(octets, this.staging + at);
  }

  /** The table of jobs, for a transform that is about to run. */
  use(): JobTable {
    this.#isUsed = true;
    return this.jobs;
  }

  /** What all packets of a suite have in common: one object for all SAs that have the same. */
  shapeOf(overhead: number, blockOctets: number): PacketShape {
    let shape = this.#shapes.find((known) => known.overhead === overhead && known.blockOctets === blockOctets);
    if (shape === undefined) {
      shape = { overhead, blockOctets };
      this.#shapes.push(shape);
    }
    return shape;
  }

  /** Address of zeroed memory for the keys of one SA. @throws RangeError as `take`. */
  takeContext(octets: number): number {
    const context = this.take(octets);
    this.at(context, octets).fill(0);
    this.#isUsed = true;
    return context;
  }

  /** Overwrites everything of a wiped SA: its context, the packets that were copied in, and what the kernels remember. */
  wipeContext(context: number, octets: number): void {
    this.at(context, octets).fill(0);
    if (this.#isUsed) {
      this.staged(0, STAGING_OCTETS).fill(0);
      this.at(this.#scratch, SCRATCH_OCTETS).fill(0);
      this.kernels.forget();
      this.#isUsed = false;
    }
    this.giveBack(context);
  }
}
