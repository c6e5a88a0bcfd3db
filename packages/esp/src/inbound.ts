import { type Engine, type EspJobs, type EspKeys, type EspSuite, type EspTransform, espSuite } from '@espalier/crypto';
import { type ReplayVerdict, ReplayWindow } from '@espalier/replay';
import { espSequence, espSpi, type Instant, PROTOCOL, type Spi } from '@espalier/wire';
import type { Batch } from './batch.ts';
import { type EspCounters, RefusalCounter } from './counters.ts';
import { decapsulatedTos } from './ecn.ts';
import { innerOctets, innerTos, setInnerTos } from './inner.ts';
import { addJob, createJobs, jobLength, jobOffset, jobSequenceHigh, jobSucceeded } from './jobs.ts';
import { EspLayout } from './layout.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from './lifetime.ts';
import { type EspRefusal, type Refused, refused } from './refusals.ts';
import { type OpenResult, Placement } from './results.ts';
import { payloadOctets } from './trailer.ts';

/** One inbound SA: what was agreed on for the direction towards this end (RFC 4301 §4.4.2.1). */
export interface InboundSaOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The suite, or its name. */
  readonly suite: EspSuite | string;
  /** Taken over by the engine: the caller may wipe its own copy. */
  readonly keys: EspKeys;
  /** The SPI that this end chose: packets with another one are refused. */
  readonly spi: Spi;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Packets that the anti-replay window spans, 32 to 4096, or none. Default 64 (RFC 4303 §3.4.3). */
  readonly replayWindow?: number | 'off';
  /** Default: no bound. */
  readonly lifetime?: Lifetime;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/**
 * The other direction: turns ESP packets back into inner IP packets, in tunnel mode (RFC 4303 §3.4). The checks come in
 * this order: length, SPI, lifetime, replay, ICV, padding, next header and inner packet, ECN, then once more what
 * earlier packets of the same batch may have changed. A packet whose ICV is wrong changes nothing but a counter.
 */
export class InboundSa {
  readonly spi: Spi;
  readonly suite: EspSuite;
  readonly esn: boolean;
  /** Packets that the anti-replay window spans, or `off`. */
  readonly replayWindow: number | 'off';
  readonly #layout: EspLayout;
  readonly #window: ReplayWindow | undefined;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: EspTransform;
  readonly #jobs: EspJobs = createJobs(1);
  readonly #opened = new Placement();

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, or an option outside its bounds.
   * @throws TypeError for a suite that the engine does not support, or for ESN without a replay window.
   */
  constructor(options: InboundSaOptions) {
    const { engine, suite, keys, spi, esn = false, replayWindow = 64, strictConstantTime = false } = options;
    if (esn && replayWindow === 'off') {
      throw new TypeError('InboundSa: esn needs a replayWindow, which tells the high half (RFC 4303 §3.3.3)');
    }
    this.spi = spi;
    this.suite = typeof suite === 'string' ? espSuite(suite) : suite;
    this.esn = esn;
    this.replayWindow = replayWindow;
    this.#layout = new EspLayout(this.suite);
    this.#window = replayWindow === 'off' ? undefined : new ReplayWindow({ packets: replayWindow, esn });
    this.#meter = new LifetimeMeter(options.lifetime);
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys,
      direction: 'open',
      esn,
      strictConstantTime,
    });
  }

  /** What this SA has done so far: a copy, octets being those of inner packets. */
  get counters(): EspCounters {
    return { packets: this.#meter.packets, octets: this.#meter.octets, refusals: this.#refusals.snapshot() };
  }

  /** Whether the lifetime still runs at `now` (RFC 4301 §4.4.2.1). An earlier `now` counts as the latest seen. */
  lifetimeState(now: Instant): LifetimeState {
    return this.#meter.state(now);
  }

  /** The highest sequence number opened; 0n before the first, undefined without an anti-replay window. */
  get highestSequence(): bigint | undefined {
    return this.#window?.highest;
  }

  /**
   * Opens one ESP packet, from its SPI to its ICV, into `out`, which may overlap it or be the same. The inner packet
   * lies where the result says, for it is decrypted in place.
   *
   * @param outerTos TOS or traffic class of the outer header, for its ECN field (RFC 6040 §4.2). Default: not ECT.
   * @throws RangeError when `out` is shorter than `packet`.
   * @throws TypeError after `wipe`.
   */
  openInto(now: Instant, packet: Uint8Array, out: Uint8Array, outerTos: number = 0): OpenResult {
    const length = packet.length;
    if (out.length < length) throw new RangeError(`openInto: out must have ${length} octets`);
    const refusal = this.#check(now, packet, 0, length);
    if (refusal !== undefined) return this.#refuse(refusal);
    if (out !== packet) out.set(packet);
    this.#jobs.count = 0;
    addJob(this.#jobs, 0, length, this.#window?.sequenceHigh ?? 0);
    this.#transform.open(out, this.#jobs);
    const fault = this.#accept(now, out, this.#jobs, 0, outerTos);
    return fault === undefined ? this.#opened : this.#refuse(fault);
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, in place and in order.
   *
   * @returns How many were opened.
   * @throws TypeError after `wipe`.
   */
  openBatch(now: Instant, batch: Batch): number {
    const { jobs } = batch;
    jobs.count = 0;
    this.#admitAll(now, batch);
    if (jobs.count === 0) return 0;
    this.#transform.open(batch.pool.memory, jobs);
    return this.#acceptAll(now, batch);
  }

  /** Overwrites the keys. To open is a TypeError from then on. */
  wipe(): void {
    this.#transform.wipe();
  }

  // The loops are methods of their own: V8 inlines only so much into any one function.

  #admitAll(now: Instant, batch: Batch): void {
    const { descriptors, jobs, pool, size } = batch;
    const { memory } = pool;
    for (let i = 0; i < size; i++) {
      if (!descriptors.isWaiting(i)) continue;
      const offset = descriptors.offset(i);
      const length = descriptors.length(i);
      const refusal = this.#check(now, memory, offset, length);
      if (refusal === undefined) addJob(jobs, offset, length, this.#window?.sequenceHigh ?? 0);
      else this.#refuseIn(batch, i, refusal);
    }
  }

  /** How many are good. */
  #acceptAll(now: Instant, batch: Batch): number {
    const { descriptors, jobs, pool, size } = batch;
    const { memory } = pool;
    const opened = this.#opened;
    let count = 0;
    for (let i = 0, job = 0; i < size; i++) {
      if (!descriptors.isWaiting(i)) continue;
      const fault = this.#accept(now, memory, jobs, job, descriptors.tos(i));
      job += 1;
      if (fault === undefined) {
        descriptors.done(i, opened.offset, opened.length, opened.nextHeader);
        count += 1;
      } else {
        this.#refuseIn(batch, i, fault);
      }
    }
    return count;
  }

  /** What can be said before the ICV is verified (RFC 4303 §3.4.2, §3.4.3). Leaves the high half in the window. */
  #check(now: Instant, memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    if (!this.#layout.fits(octets)) return 'malformed';
    if (espSpi(memory, at) !== this.spi) return 'wrong-spi';
    if (this.#meter.isOver(now)) return 'expired';
    if (this.#window === undefined) return undefined;
    return replayRefusal(this.#window.check(espSequence(memory, at)));
  }

  /**
   * What can be said once the transform has run (RFC 4303 §3.4.4). When nothing is wrong the packet is committed,
   * counted, and placed in `#opened`.
   */
  #accept(now: Instant, memory: Uint8Array, jobs: EspJobs, job: number, tos: number): EspRefusal | undefined {
    if (!jobSucceeded(jobs, job)) return 'bad-icv';
    const at = jobOffset(jobs, job);
    const payloadAt = at + this.#layout.payloadOffset;
    const payloadEnd = at + jobLength(jobs, job) - this.#layout.icvOctets;

    const payload = payloadOctets(memory, payloadAt, payloadEnd);
    if (payload < 0) return 'bad-padding';
    const nextHeader = memory[payloadEnd - 1] ?? 0;
    if (nextHeader === PROTOCOL.none) {
      // A dummy uses a sequence number up like any other packet.
      this.#window?.commit(espSequence(memory, at), jobSequenceHigh(jobs, job));
      return 'dummy';
    }
    if (nextHeader !== PROTOCOL.ipip && nextHeader !== PROTOCOL.ipv6) return 'bad-next-header';
    // TFC padding may follow the inner packet (RFC 4303 §2.7).
    const inner = innerOctets(memory, payloadAt, payloadAt + payload, nextHeader);
    if (inner < 0) return 'bad-inner';
    const innerTosBefore = innerTos(memory, payloadAt);
    const innerTosAfter = decapsulatedTos(innerTosBefore, tos);
    if (innerTosAfter < 0) return 'congested';

    if (this.#meter.isOver(now)) return 'expired';
    if (this.#window !== undefined) {
      const verdict = this.#window.commit(espSequence(memory, at), jobSequenceHigh(jobs, job));
      if (verdict !== 'new') return replayRefusal(verdict);
    }
    this.#meter.count(inner);
    if (innerTosAfter !== innerTosBefore) setInnerTos(memory, payloadAt, innerTosAfter);
    this.#opened.place(memory, payloadAt, inner, nextHeader);
    return undefined;
  }

  #refuse(reason: EspRefusal): Refused {
    this.#refusals.count(reason);
    return refused(reason);
  }

  #refuseIn(batch: Batch, index: number, reason: EspRefusal): void {
    this.#refusals.count(reason);
    batch.descriptors.refuse(index, reason);
  }
}

function replayRefusal(verdict: ReplayVerdict): EspRefusal | undefined {
  if (verdict === 'new') return undefined;
  return verdict === 'zero' ? 'sequence-zero' : verdict;
}
