import { type Engine, type EspKeys, type EspSuite, type EspTransform, espSuite, type Rng } from '@espalier/crypto';
import { type Instant, ip, ipv4, type Spi, UDP_HEADER_OCTETS, writeU32 } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { Single, singleOf, take } from '../batch/single.ts';
import { createOuterHeader, type OuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { tunnelNextHeader } from '../modes/tunnel.ts';
import { requireEngine, requireObject, requireRng, requireSpi } from '../sa/arguments.ts';
import { type EspCounters, RefusalCounter } from '../sa/counters.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from '../sa/lifetime.ts';
import { plainKeys, plainOctets } from '../sa/octets.ts';
import { type EspRefusal, refused } from '../sa/refusals.ts';
import { Placement, type SealResult } from '../sa/results.ts';
import { SequenceCounter } from '../sa/sequence-counter.ts';
import { ESP_TRAILER_OCTETS, type EspLayout, layoutOf } from './layout.ts';
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

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const TRAILER_OCTETS = ESP_TRAILER_OCTETS;

/** Where the ESP header has its sequence number (RFC 4303 §2). */
const SEQUENCE_AT = 4;

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
  #single: Single;
  readonly #sealed = new Placement();

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing or of another kind, or a suite that the engine does not support.
   */
  constructor(options: OutboundSaOptions) {
    requireObject('options', options);
    const { engine, suite, keys, spi, rng, outer, esn = false, strictConstantTime = false } = options;
    requireEngine(engine, 'createEspTransform');
    requireSpi(spi);
    requireRng(rng);
    this.spi = spi;
    this.suite = espSuite(suite);
    this.esn = esn;
    this.#single = singleOf(engine);
    this.#layout = layoutOf(this.suite);
    this.#rng = rng;
    this.#outer = outer === undefined ? undefined : createOuterHeader(outer, rng);
    this.#outerOctets = this.#outer?.octets ?? 0;
    const mostEspOctets =
      this.#outer === undefined ? MAX_UDP_PAYLOAD_OCTETS : this.#outer.mostOctets - this.#outerOctets;
    this.#mostInnerOctets = this.#layout.mostPayloadOctets(mostEspOctets);
    this.headOctets = this.#outerOctets + this.#layout.payloadOffset;
    this.#sequence = new SequenceCounter(options.firstSequence ?? 1n, esn);
    this.#meter = new LifetimeMeter(options.lifetime);
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys: plainKeys(keys),
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
   * @throws TypeError unless both are Uint8Arrays, and after `wipe`, but for a packet that is refused.
   */
  sealInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    const from = plainOctets('packet', packet);
    const memory = plainOctets('out', out);
    const { length } = from;
    const refusal = this.#check(now, from, 0, length);
    if (refusal !== undefined) {
      this.#refusals.count(refusal);
      return refused(refusal);
    }
    const sealedOctets = this.sealedOctets(length);
    if (memory.length < sealedOctets) throw new RangeError(`sealInto: out must have ${sealedOctets} octets`);
    memory.set(from, this.headOctets);
    const single = take(this.#single);
    single.packet.wait(0, 0, this.headOctets, length, 0);
    // It is checked again there, with the same result: nothing has changed.
    this.#sealAll(now, memory, single.packet, 1, single.job);
    single.isTaken = false;
    return this.#sealed.place(memory, 0, sealedOctets, 0);
  }

  /**
   * Seals every packet of the batch that no SA has seen yet, in place and in order.
   *
   * @returns How many were sealed.
   * @throws RangeError when the batch's pool has too little head or tail room for this SA.
   * @throws TypeError after `wipe`, unless all packets are refused.
   */
  sealBatch(now: Instant, batch: Batch): number {
    const { descriptors, jobs, pool, size } = batch;
    if (pool.headroom < this.headOctets) throw new RangeError(`sealBatch: headroom must be ${this.headOctets} octets`);
    const tail = this.#layout.mostAfterPayload;
    if (pool.tailroom < tail) throw new RangeError(`sealBatch: tailroom must be ${tail} octets`);
    this.#sealAll(now, pool.memory, descriptors, size, jobs);
    return jobs.count;
  }

  /** Overwrites the keys. To seal is a TypeError from then on. */
  wipe(): void {
    this.#transform.wipe();
    this.#single = new Single();
  }

  #check(now: Instant, memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    if (ip.packetOctets(memory, at, at + octets) !== octets) return 'bad-inner';
    if (this.#meter.isOver(now)) return 'expired';
    if (this.#sequence.isExhausted) return 'sequence-exhausted';
    if (octets > this.#mostInnerOctets) return 'too-long';
    return undefined;
  }

  /**
   * Lays packets out around their payloads, but for those that are refused, and transforms them (RFC 4303 §3.3.2,
   * §3.3.3). A long function: V8 inlines only so much into one, and a short one it inlines itself, to where there is no
   * room left for what it calls.
   */
  #sealAll(now: Instant, memory: Uint8Array, packets: Descriptors, size: number, jobs: Jobs): void {
    const { spi } = this;
    const { payloadOffset, fixedOctets, blockOctets } = this.#layout;
    const outer = this.#outer;
    const outerOctets = this.#outerOctets;
    const meter = this.#meter;
    const sequence = this.#sequence;
    jobs.count = 0;
    for (let i = 0; i < size; i++) {
      if (!packets.isWaiting(i)) continue;
      const innerAt = packets.offset(i);
      const octets = packets.length(i);
      const refusal = this.#check(now, memory, innerAt, octets);
      if (refusal !== undefined) {
        packets.refuse(i, refusal);
        this.#refusals.count(refusal);
        continue;
      }
      sequence.advance();
      meter.count(octets);

      const espAt = innerAt - payloadOffset;
      // As the layout has it, but not called: there is no room left in V8's budget for inlining.
      const padOctets = -(octets + TRAILER_OCTETS) & (blockOctets - 1);
      const espOctets = fixedOctets + octets + padOctets;
      outer?.write(memory, espAt - outerOctets, outerOctets + espOctets, innerAt);
      writeU32(memory, espAt, spi);
      writeU32(memory, espAt + SEQUENCE_AT, sequence.low);
      writeTrailer(memory, innerAt + octets, padOctets, tunnelNextHeader(memory, innerAt));
      jobs.add(espAt, espOctets, sequence.high);
    }

    if (jobs.count === 0) return;
    const outcome: unknown = this.#transform.seal(memory, jobs, 'fresh');
    if (outcome !== undefined) throw new TypeError('engine: seal must be done when it returns');
    // Not before, and not without the engine's word: what it has not sealed is in clear.
    const coversPayload = outer?.coversPayload === true;
    for (let i = 0, job = 0; i < size; i++) {
      if (!packets.isWaiting(i)) continue;
      if (!jobs.succeeded(job)) throw new TypeError('engine: seal left a packet in clear');
      const at = jobs.offset(job) - outerOctets;
      const octets = outerOctets + jobs.length(job);
      if (coversPayload) outer?.cover(memory, at, octets);
      packets.done(i, at, octets, 0);
      job += 1;
    }
  }
}
