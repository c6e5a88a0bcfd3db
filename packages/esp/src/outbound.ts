import {
  type Engine,
  type EspJobs,
  type EspKeys,
  type EspSuite,
  type EspTransform,
  espSuite,
  type Rng,
} from '@espalier/crypto';
import { type Instant, ipv4, type Spi, UDP_HEADER_OCTETS, writeEspHeader } from '@espalier/wire';
import type { Batch } from './batch.ts';
import { type EspCounters, RefusalCounter } from './counters.ts';
import { innerNextHeader, isWholePacket } from './inner.ts';
import { addJob, createJobs, jobLength, jobOffset } from './jobs.ts';
import { EspLayout } from './layout.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from './lifetime.ts';
import { createOuterHeader, type OuterHeader, type OuterHeaderOptions } from './outer.ts';
import { type EspRefusal, type Refused, refused } from './refusals.ts';
import { Placement, type SealResult } from './results.ts';
import { SequenceCounter } from './sequence-counter.ts';
import { writeTrailer } from './trailer.ts';

/** One outbound SA: what was agreed on for the direction towards the other end (RFC 4301 §4.4.2.1). */
export interface OutboundSaOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The suite, or its name. */
  readonly suite: EspSuite | string;
  /** Taken over by the engine: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  /** The SPI that the other end chose. */
  readonly spi: Spi;
  /** Source of IVs and of the first IPv4 identification. */
  readonly rng: Rng;
  /** The tunnel's outer header. Without it packets begin at their SPI, ready for UDP encapsulation (RFC 3948). */
  readonly outer?: OuterHeaderOptions;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Default: no bound but that of the sequence numbers. */
  readonly lifetime?: Lifetime;
  /** Sequence number of the first packet. Default 1. Never one that these keys were used with before. */
  readonly firstSequence?: bigint;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** What fits into UDP on IPv4. */
const MAX_UDP_PAYLOAD_OCTETS = ipv4.MAX_PACKET_OCTETS - ipv4.HEADER_OCTETS - UDP_HEADER_OCTETS;

/** One direction of an SA: turns inner IP packets into ESP packets in tunnel mode (RFC 4303 §3.3). */
export class OutboundSa {
  readonly spi: Spi;
  readonly suite: EspSuite;
  readonly esn: boolean;
  /** Octets in front of the inner packet: outer header, ESP header and IV. */
  readonly headOctets: number;
  readonly #layout: EspLayout;
  readonly #rng: Rng;
  #outer: OuterHeader | undefined;
  readonly #outerOctets: number;
  readonly #mostInnerOctets: number;
  readonly #sequence: SequenceCounter;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: EspTransform;
  readonly #jobs: EspJobs = createJobs(1);
  readonly #sealed = new Placement();

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, or an option outside its bounds.
   * @throws TypeError for a suite that the engine does not support.
   */
  constructor(options: OutboundSaOptions) {
    const { engine, suite, keys, spi, rng, outer, esn = false, strictConstantTime = false } = options;
    this.spi = spi;
    this.suite = typeof suite === 'string' ? espSuite(suite) : suite;
    this.esn = esn;
    this.#layout = new EspLayout(this.suite);
    this.#rng = rng;
    this.#outer = outer === undefined ? undefined : createOuterHeader(outer, rng);
    this.#outerOctets = this.#outer?.octets ?? 0;
    const mostEspOctets = outer === undefined ? MAX_UDP_PAYLOAD_OCTETS : ipv4.MAX_PACKET_OCTETS - this.#outerOctets;
    this.#mostInnerOctets = this.#layout.mostPayloadOctets(mostEspOctets);
    this.headOctets = this.#outerOctets + this.#layout.payloadOffset;
    this.#sequence = new SequenceCounter(options.firstSequence ?? 1n, esn);
    this.#meter = new LifetimeMeter(options.lifetime);
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys,
      direction: 'seal',
      esn,
      rng,
      strictConstantTime,
    });
  }

  /** What this SA has done so far: a copy, octets being those of inner packets. */
  get counters(): EspCounters {
    return { packets: this.#meter.packets, octets: this.#meter.octets, refusals: this.#refusals.snapshot() };
  }

  /** `soft` also when most sequence numbers are spent, `hard` when all are. */
  lifetimeState(now: Instant): LifetimeState {
    if (this.#sequence.isExhausted) return 'hard';
    const state = this.#meter.state(now);
    return state === 'fresh' && this.#sequence.isScarce ? 'soft' : state;
  }

  /**
   * The other end is to be reached elsewhere (RFC 3947 §4): from now on packets get this outer header.
   *
   * @throws TypeError for an SA without an outer header.
   * @throws RangeError for a value out of bounds, or a header that is not as long as the one before.
   */
  redirect(outer: OuterHeaderOptions): void {
    if (this.#outer === undefined) throw new TypeError('redirect: this SA writes no outer header');
    const header = createOuterHeader(outer, this.#rng);
    if (header.octets !== this.#outerOctets) throw new RangeError('redirect: outer must be as long as the one before');
    this.#outer = header;
  }

  /** Octets of the packet that an inner packet of this length becomes. */
  sealedOctets(innerOctets: number): number {
    return this.#outerOctets + this.#layout.espOctets(innerOctets);
  }

  /**
   * Seals one inner IP packet into `out`, which may overlap it or be the same. A refusal leaves `out` untouched.
   *
   * @throws RangeError when `out` is shorter than `sealedOctets(packet.length)`.
   * @throws TypeError after `wipe`.
   */
  sealInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    const refusal = this.#check(now, packet, 0, packet.length);
    if (refusal !== undefined) return this.#refuse(refusal);
    const sealedOctets = this.sealedOctets(packet.length);
    if (out.length < sealedOctets) throw new RangeError(`sealInto: out must have ${sealedOctets} octets`);
    const innerOctets = packet.length;
    out.set(packet, this.headOctets);
    this.#jobs.count = 0;
    this.#lay(out, this.headOctets, innerOctets, this.#jobs);
    this.#transform.seal(out, this.#jobs, 'fresh');
    return this.#sealed.place(out, 0, sealedOctets, 0);
  }

  /**
   * Seals every packet of the batch that no SA has seen yet, in place and in order.
   *
   * @returns How many were sealed.
   * @throws RangeError when the batch's pool has too little head or tail room for this SA.
   * @throws TypeError after `wipe`.
   */
  sealBatch(now: Instant, batch: Batch): number {
    const { jobs, pool } = batch;
    if (pool.headroom < this.headOctets) throw new RangeError(`sealBatch: headroom must be ${this.headOctets} octets`);
    const tail = this.#layout.mostAfterPayload;
    if (pool.tailroom < tail) throw new RangeError(`sealBatch: tailroom must be ${tail} octets`);
    jobs.count = 0;
    this.#layAll(now, batch);
    if (jobs.count === 0) return 0;
    this.#transform.seal(pool.memory, jobs, 'fresh');
    // Not before: when the transform throws, no packet may pass for sealed.
    this.#noteSealed(batch);
    return jobs.count;
  }

  /** Overwrites the keys. To seal is a TypeError from then on. */
  wipe(): void {
    this.#transform.wipe();
  }

  // The loops are methods of their own: V8 inlines only so much into any one function.

  #layAll(now: Instant, { descriptors, jobs, pool, size }: Batch): void {
    const { memory } = pool;
    for (let i = 0; i < size; i++) {
      if (!descriptors.isWaiting(i)) continue;
      const innerAt = descriptors.offset(i);
      const innerOctets = descriptors.length(i);
      const refusal = this.#check(now, memory, innerAt, innerOctets);
      if (refusal === undefined) {
        this.#lay(memory, innerAt, innerOctets, jobs);
      } else {
        descriptors.refuse(i, refusal);
        this.#refusals.count(refusal);
      }
    }
  }

  #noteSealed({ descriptors, jobs, size }: Batch): void {
    const outerOctets = this.#outerOctets;
    for (let i = 0, job = 0; i < size; i++) {
      if (!descriptors.isWaiting(i)) continue;
      descriptors.done(i, jobOffset(jobs, job) - outerOctets, outerOctets + jobLength(jobs, job), 0);
      job += 1;
    }
  }

  #check(now: Instant, memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    if (!isWholePacket(memory, at, at + octets)) return 'bad-inner';
    if (this.#meter.isOver(now)) return 'expired';
    if (this.#sequence.isExhausted) return 'sequence-exhausted';
    if (octets > this.#mostInnerOctets) return 'too-long';
    return undefined;
  }

  /** Lays a packet out around its payload, ready for the transform (RFC 4303 §3.3.2, §3.3.3). Cannot fail. */
  #lay(memory: Uint8Array, innerAt: number, innerOctets: number, jobs: EspJobs): void {
    const layout = this.#layout;
    const espAt = innerAt - layout.payloadOffset;
    const padOctets = layout.padOctets(innerOctets);
    const espOctets = layout.fixedOctets + innerOctets + padOctets;
    this.#sequence.advance();
    this.#meter.count(innerOctets);
    this.#outer?.write(memory, espAt - this.#outerOctets, this.#outerOctets + espOctets, innerAt);
    writeEspHeader(memory, espAt, this.spi, this.#sequence.low);
    writeTrailer(memory, innerAt + innerOctets, padOctets, innerNextHeader(memory, innerAt));
    addJob(jobs, espAt, espOctets, this.#sequence.high);
  }

  #refuse(reason: EspRefusal): Refused {
    this.#refusals.count(reason);
    return refused(reason);
  }
}
