import { type EspSuite, type EspTransform, keyLimits, openMany } from '@espalier/crypto';
import { espSequence, espSignedSpi, type Instant, PROTOCOL, requireObject } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import { Jobs } from '../batch/jobs.ts';
import { endOfRun, requireSas } from '../batch/many.ts';
import { inboundMode } from '../modes/inbound.ts';
import { type InboundMode, refusalOf } from '../modes/mode.ts';
import { requireBooleans, requireEngine } from '../sa/arguments.ts';
import { Inbound } from '../sa/inbound.ts';
import { plainKeys } from '../sa/octets.ts';
import { replayRefusal } from '../sa/refusals.ts';
import { saSuite } from '../sa/suite.ts';
import { type EspLayout, layoutOf } from './layout.ts';
import type { InboundSaOptions } from './options.ts';
import { payloadOctets } from './trailer.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const NONE = PROTOCOL.none;

/** Explicit Congestion Notification: the two low bits of a TOS octet (RFC 3168 §5). */
const ECN_MASK = 3;

/**
 * The inbound direction of an SA: turns ESP packets back into IP packets, in tunnel mode or in transport mode (RFC 4303
 * §3.4). The checks come in this order: what is in front in transport mode, length, SPI, lifetime, replay, ICV, padding,
 * next header and inner packet, ECN, then once more what earlier packets of the same batch may have changed. A packet
 * whose ICV is wrong changes nothing but a counter.
 */
export class InboundSa extends Inbound {
  readonly suite: EspSuite;
  readonly #layout: EspLayout;
  readonly #mode: InboundMode;
  readonly #transform: EspTransform;

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, a suite that the engine does
   *   not support, or ESN without a replay window.
   */
  constructor(options: InboundSaOptions) {
    requireObject('options', options);
    requireBooleans(options, 'esn', 'keepAhead', 'allowUnauthenticated', 'strictConstantTime');
    const { engine, keys, esn = false, strictConstantTime = false } = options;
    requireEngine(engine, 'createEspTransform');
    const suite = saSuite(options.suite, options);
    super(options, suite, keyLimits(suite));
    this.suite = suite;
    this.#layout = layoutOf(suite);
    this.#mode = inboundMode(this.mode, options);
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys: plainKeys(keys),
      direction: 'open',
      esn,
      strictConstantTime,
    });
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, the packet at `i` by `sas[i]`, in place and in order: what
   * each SA's `openBatch` would do, in one call of their engine.
   *
   * @returns How many were opened.
   * @throws TypeError, with nothing done, unless each packet has an SA, all of one engine and none wiped.
   */
  static openMany(now: Instant, batch: Batch, sas: readonly InboundSa[]): number {
    const { descriptors, jobs, pool, size } = batch;
    const { memory } = pool;
    if (size === 0) return 0;
    requireSas(sas);
    const first = InboundSa.#at(sas, 0);
    if (endOfRun(sas, 0, size) === size) return first.openBatch(now, batch);
    const { engine } = first;
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = InboundSa.#at(sas, i);
      if (sa.engine !== engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
      sa.meter.see(now);
    }
    jobs.begin();
    for (let i = 0, end = 0; i < size; i = end) {
      end = endOfRun(sas, i, size);
      const sa = InboundSa.#at(sas, i);
      sa.admit(memory, descriptors, i, end, jobs);
      jobs.assign(sa.#transform);
    }
    if (jobs.count === 0) return 0;
    let good = 0;
    try {
      openMany(engine, memory, jobs, jobs.transforms);
      for (let i = 0, end = 0; i < size; i = end) {
        end = endOfRun(sas, i, size);
        good += InboundSa.#at(sas, i).#accept(memory, descriptors, i, end, jobs);
      }
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return good;
  }

  protected wipeKeys(): void {
    this.#transform.wipe();
  }

  protected openRun(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): number {
    this.#open(memory, jobs);
    return this.#accept(memory, packets, from, end, jobs);
  }

  #open(memory: Uint8Array, jobs: Jobs): void {
    const outcome: unknown = this.#transform.open(memory, jobs);
    if (outcome !== undefined) throw new TypeError('engine: open must be done when it returns');
  }

  // Two long loops: V8 inlines only so much into one function, and a short one it inlines itself, to where there is no
  // room left for what it calls.

  /** Makes jobs of the packets, but for those that can be refused without their ICV (RFC 4303 §3.4.2, §3.4.3). */
  protected admit(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void {
    const layout = this.#layout;
    const mode = this.#mode;
    const meter = this.meter;
    const window = this.window;
    const bound = this.bound;
    const signedSpi = this.spi | 0;
    const { isOver } = meter;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const octets = packets.length(i);
      const fault = mode.fault(memory, packets, i);
      if (fault !== undefined) {
        this.refuse(packets, i, fault);
      } else if (!layout.fits(octets)) {
        this.refuse(packets, i, 'malformed');
      } else if (espSignedSpi(memory, at) !== signedSpi) {
        this.refuse(packets, i, 'wrong-spi');
      } else if (isOver) {
        this.refuse(packets, i, 'expired');
      } else if (window === undefined) {
        jobs.add(at, octets, 0);
      } else {
        const verdict = window.check(espSequence(memory, at));
        if (verdict !== 'new') this.refuse(packets, i, replayRefusal(verdict));
        else if (bound?.isBelow(espSequence(memory, at), window.sequenceHigh)) this.refuse(packets, i, 'not-kept');
        else jobs.add(at, octets, window.sequenceHigh);
      }
    }
  }

  /** Looks at what the transform made of the jobs (RFC 4303 §3.4.4), and commits what is good. Returns how many are. */
  #accept(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): number {
    const { payloadOffset, icvOctets } = this.#layout;
    const mode = this.#mode;
    const meter = this.meter;
    const window = this.window;
    const row = this.row;
    let good = 0;
    let job = jobs.read;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const isRight = jobs.succeeded(job);
      const inferred = jobs.sequenceHigh(job);
      job += 1;
      const others = isRight || row === undefined ? -1 : this.#highOf(memory, at, packets.length(i), inferred);
      const sequenceHigh = isRight ? inferred : others;
      if (sequenceHigh < 0) {
        this.refuse(packets, i, 'bad-icv');
        continue;
      }
      row?.end();

      const payloadAt = at + payloadOffset;
      const payloadEnd = at + packets.length(i) - icvOctets;
      const payload = payloadOctets(memory, payloadAt, payloadEnd);
      if (payload < 0) {
        this.refuse(packets, i, 'bad-padding');
        continue;
      }
      const nextHeader = memory[payloadEnd - 1] ?? 0;
      if (nextHeader === NONE) {
        this.#discardDummy(memory, packets, i, sequenceHigh);
        continue;
      }
      const carried = mode.carriedOctets(memory, payloadAt, payload, nextHeader);
      if (carried < 0) {
        this.refuse(packets, i, refusalOf(carried));
        continue;
      }
      const tos = packets.tos(i);
      const isMarked = (tos & ECN_MASK) !== 0;
      if (isMarked && mode.isCongested(memory, payloadAt, tos)) {
        this.refuse(packets, i, 'congested');
        continue;
      }

      if (meter.isOver) {
        this.refuse(packets, i, 'expired');
        continue;
      }
      const verdict = window === undefined ? 'new' : window.commit(espSequence(memory, at), sequenceHigh);
      if (verdict !== 'new') {
        this.refuse(packets, i, replayRefusal(verdict));
        continue;
      }
      const isInPlace = mode.leavesUnmarked && !isMarked;
      const deliveredAt = isInPlace ? payloadAt : mode.deliver(memory, packets, i, payloadAt, carried, nextHeader);
      const octets = payloadAt + carried - deliveredAt;
      meter.count(octets);
      packets.done(i, deliveredAt, octets, nextHeader);
      good += 1;
    }
    jobs.read = job;
    return good;
  }

  /** The high half with which a packet, decrypted then, is right after all: see `findHigh`. */
  #highOf(memory: Uint8Array, at: number, octets: number, inferred: number): number {
    return this.findHigh(espSequence(memory, at), inferred, (high) => {
      const job = new Jobs(1);
      job.add(at, octets, high);
      this.#open(memory, job);
      return job.succeeded(0);
    });
  }

  /** A dummy uses a sequence number up like any other packet (RFC 4303 §2.6). */
  #discardDummy(memory: Uint8Array, packets: Descriptors, index: number, sequenceHigh: number): void {
    this.window?.commit(espSequence(memory, packets.offset(index)), sequenceHigh);
    this.refuse(packets, index, 'dummy');
  }

  /** The SA of a packet. @throws TypeError unless it is one that can open. */
  static #at(sas: readonly InboundSa[], index: number): InboundSa {
    const sa = sas[index];
    if (!(sa instanceof InboundSa)) throw new TypeError(`sas[${index}] must be an InboundSa`);
    if (sa.isWiped) throw new TypeError(`sas[${index}] is wiped`);
    return sa;
  }
}
