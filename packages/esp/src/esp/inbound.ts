import { type Engine, type EspSuite, type EspTransform, keyLimits, openMany } from '@espalier/crypto';
import { ReplayWindow } from '@espalier/replay';
import { espSequence, espSignedSpi, type Instant, PROTOCOL, requireObject, type Spi } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import { Jobs } from '../batch/jobs.ts';
import { endOfRun } from '../batch/many.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { ChecksumRepair } from '../modes/checksum-repair.ts';
import { type InboundMode, MODES, type Mode, refusalOf } from '../modes/mode.ts';
import { InboundTransport } from '../modes/transport.ts';
import { InboundTunnel } from '../modes/tunnel.ts';
import {
  oneOf,
  requireBooleans,
  requireEngine,
  requireOuterOctets,
  requireReplayWindow,
  requireSpi,
} from '../sa/arguments.ts';
import { SequenceBound } from '../sa/bound.ts';
import { type EspCounters, RefusalCounter } from '../sa/counters.ts';
import { LifetimeMeter, type LifetimeState } from '../sa/lifetime.ts';
import { plainKeys, plainOctets } from '../sa/octets.ts';
import { type EspRefusal, refused, replayRefusal } from '../sa/refusals.ts';
import { type OpenResult, Placement } from '../sa/results.ts';
import { FailureRow } from '../sa/resynchronisation.ts';
import { readAhead, readSnapshot, type SaSnapshot, type SnapshotSubject, snapshotOf } from '../sa/snapshot.ts';
import { saSuite } from '../sa/suite.ts';
import { type EspLayout, layoutOf } from './layout.ts';
import type { InboundSaOptions } from './options.ts';
import { payloadOctets } from './trailer.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const NONE = PROTOCOL.none;

/** Explicit Congestion Notification: the two low bits of a TOS octet (RFC 3168 §5). */
const ECN_MASK = 3;

/** Stands below all numbers. */
const NO_WINDOW = { highest: 0n, packets: 0 };

/** The last high half of a sequence number. */
const MOST_HIGH = 0xffff_ffff;

/**
 * The inbound direction of an SA: turns ESP packets back into IP packets, in tunnel mode or in transport mode (RFC 4303
 * §3.4). The checks come in this order: what is in front in transport mode, length, SPI, lifetime, replay, ICV, padding,
 * next header and inner packet, ECN, then once more what earlier packets of the same batch may have changed. A packet
 * whose ICV is wrong changes nothing but a counter.
 */
export class InboundSa {
  readonly spi: Spi;
  readonly suite: EspSuite;
  readonly mode: Mode;
  readonly esn: boolean;
  /** Packets that the anti-replay window spans, or `off`. */
  readonly replayWindow: number | 'off';
  readonly #engine: Engine;
  readonly #layout: EspLayout;
  readonly #mode: InboundMode;
  readonly #window: ReplayWindow | undefined;
  /** The highest number that is taken; undefined where all are. */
  readonly #bound: SequenceBound | undefined;
  readonly #row: FailureRow | undefined;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: EspTransform;
  #isWiped = false;
  readonly #single: Single;
  readonly #opened = new Placement();

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, a suite that the engine does
   *   not support, or ESN without a replay window.
   */
  constructor(options: InboundSaOptions) {
    requireObject('options', options);
    requireBooleans(options, 'esn', 'keepAhead', 'allowUnauthenticated', 'strictConstantTime');
    requireReplayWindow(options.replayWindow);
    const { engine, suite, keys, spi, mode = 'tunnel' } = options;
    const { esn = false, strictConstantTime = false } = options;
    const { resynchronise, resume, keepAhead = resume !== undefined } = options;
    requireEngine(engine, 'createEspTransform');
    requireSpi(spi);
    oneOf('mode', mode, MODES);
    this.suite = saSuite(suite, options);
    const replayWindow = options.replayWindow ?? (this.suite.unauthenticated ? 'off' : 64);
    if (this.suite.unauthenticated && replayWindow !== 'off') {
      throw new TypeError(`InboundSa: ${this.suite.name} has no replayWindow (RFC 4303 §1)`);
    }
    if (esn && replayWindow === 'off') {
      throw new TypeError('InboundSa: esn needs a replayWindow, which tells the high half (RFC 4303 §3.3.3)');
    }
    if (keepAhead && replayWindow === 'off') throw new TypeError('InboundSa: keepAhead needs a replayWindow');
    if (resynchronise !== undefined && !esn) throw new TypeError('InboundSa: resynchronise is for esn');
    this.spi = spi;
    this.mode = mode;
    this.esn = esn;
    this.replayWindow = replayWindow;
    this.#engine = engine;
    this.#single = singleOf(engine);
    this.#layout = layoutOf(this.suite);
    this.#mode = inboundMode(mode, options);
    const seen = resume === undefined ? 0n : readSnapshot('resume', resume, this.#subject);
    this.#window = replayWindow === 'off' ? undefined : new ReplayWindow({ packets: replayWindow, esn, seen });
    this.#bound = keepAhead ? new SequenceBound(seen) : undefined;
    this.#row = resynchronise === undefined ? undefined : new FailureRow(resynchronise);
    this.#meter = new LifetimeMeter(
      options.lifetime,
      { soft: (options.keyLimits ?? keyLimits(this.suite)).soft },
      resume,
    );
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys: plainKeys(keys),
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
   * What is to be kept before `kept` lets packets up to `ahead` numbers further come in. Whenever the program ends, an SA
   * that resumes from the newest snapshot that was kept takes no packet a second time.
   *
   * @param ahead A whole number to 2^32: packets below it that come after the SA has resumed are lost. Default 0.
   * @throws TypeError for an SA without `keepAhead`.
   */
  snapshot(ahead: number = 0): SaSnapshot {
    const { end } = this.#requireBound('snapshot');
    const { highest, packets } = this.#window ?? NO_WINDOW;
    return snapshotOf(this.#subject, end + readAhead(ahead), highest - BigInt(packets), this.#meter);
  }

  /**
   * This snapshot is kept: packets that it covers may come in.
   * @throws TypeError for an SA without `keepAhead`, and what is no snapshot; RangeError for one of another SA.
   */
  kept(snapshot: SaSnapshot): void {
    this.#requireBound('kept').extend(readSnapshot('snapshot', snapshot, this.#subject));
  }

  /** How many numbers above the highest may come in before another snapshot must be kept; undefined where all may. */
  get packetsAhead(): number | undefined {
    return this.#bound === undefined ? undefined : Number(this.#bound.end - (this.#window?.highest ?? 0n));
  }

  /**
   * Opens one ESP packet, from its SPI to its ICV, into `out`, which may overlap it or be the same. The IP packet lies
   * where the result says, for it is decrypted in place.
   *
   * @param outerTos TOS or traffic class of the outer header, for its ECN field (RFC 6040 §4.2). Default: not ECT.
   * @param outerOctets Octets in front of the SPI that `packet` begins with. In transport mode there must be some: from
   *   the IP header on. Default 0.
   * @throws RangeError when `out` is shorter than `packet`, and for `outerOctets` that are more.
   * @throws TypeError unless both are Uint8Arrays, and after `wipe`, but for a packet that is refused unopened.
   */
  openInto(
    now: Instant,
    packet: Uint8Array,
    out: Uint8Array,
    outerTos: number = 0,
    outerOctets: number = 0,
  ): OpenResult {
    const from = plainOctets('packet', packet);
    const memory = plainOctets('out', out);
    const { length } = from;
    if (memory.length < length) throw new RangeError(`openInto: out must have ${length} octets`);
    requireOuterOctets(outerOctets, length);
    const single = take(this.#single);
    const { packet: one, job } = single;
    try {
      one.wait(0, 0, outerOctets, length - outerOctets, outerTos, outerOctets);
      job.begin();
      this.#admit(now, from, one, 0, 1, job);
      if (job.count > 0) {
        if (out !== packet) memory.set(from);
        this.#open(memory, job);
        this.#accept(now, memory, one, 0, 1, job);
      }
    } finally {
      single.isTaken = false;
    }
    const reason = one.reason(0);
    if (reason !== undefined) return refused(reason);
    return this.#opened.place(memory, one.offset(0), one.length(0), one.nextHeader(0));
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, in place and in order.
   *
   * @returns How many were opened.
   * @throws TypeError after `wipe`, unless all packets are refused unopened.
   */
  openBatch(now: Instant, batch: Batch): number {
    const { descriptors, jobs, pool, size } = batch;
    jobs.begin();
    this.#admit(now, pool.memory, descriptors, 0, size, jobs);
    if (jobs.count === 0) return 0;
    try {
      this.#open(pool.memory, jobs);
      return this.#accept(now, pool.memory, descriptors, 0, size, jobs);
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
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
    const first = InboundSa.#at(sas, 0);
    if (endOfRun(sas, 0, size) === size) return first.openBatch(now, batch);
    const engine = first.#engine;
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = InboundSa.#at(sas, i);
      if (sa.#engine !== engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
    }
    jobs.begin();
    for (let i = 0, end = 0; i < size; i = end) {
      end = endOfRun(sas, i, size);
      const sa = InboundSa.#at(sas, i);
      sa.#admit(now, memory, descriptors, i, end, jobs);
      jobs.assign(sa.#transform);
    }
    if (jobs.count === 0) return 0;
    let good = 0;
    try {
      openMany(engine, memory, jobs, jobs.transforms);
      for (let i = 0, end = 0; i < size; i = end) {
        end = endOfRun(sas, i, size);
        good += InboundSa.#at(sas, i).#accept(now, memory, descriptors, i, end, jobs);
      }
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return good;
  }

  /** Overwrites the keys. To open is a TypeError from then on. */
  wipe(): void {
    this.#isWiped = true;
    this.#transform.wipe();
  }

  #open(memory: Uint8Array, jobs: Jobs): void {
    const outcome: unknown = this.#transform.open(memory, jobs);
    if (outcome !== undefined) throw new TypeError('engine: open must be done when it returns');
  }

  // Two long loops: V8 inlines only so much into one function, and a short one it inlines itself, to where there is no
  // room left for what it calls.

  /** Makes jobs of the packets, but for those that can be refused without their ICV (RFC 4303 §3.4.2, §3.4.3). */
  #admit(now: Instant, memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void {
    const layout = this.#layout;
    const mode = this.#mode;
    const meter = this.#meter;
    const window = this.#window;
    const bound = this.#bound;
    const signedSpi = this.spi | 0;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const octets = packets.length(i);
      const fault = mode.fault(memory, packets, i);
      if (fault !== undefined) {
        this.#refuse(packets, i, fault);
      } else if (!layout.fits(octets)) {
        this.#refuse(packets, i, 'malformed');
      } else if (espSignedSpi(memory, at) !== signedSpi) {
        this.#refuse(packets, i, 'wrong-spi');
      } else if (meter.isOver(now)) {
        this.#refuse(packets, i, 'expired');
      } else if (window === undefined) {
        jobs.add(at, octets, 0);
      } else {
        const verdict = window.check(espSequence(memory, at));
        if (verdict !== 'new') this.#refuse(packets, i, replayRefusal(verdict));
        else if (bound?.isBelow(espSequence(memory, at), window.sequenceHigh)) this.#refuse(packets, i, 'not-kept');
        else jobs.add(at, octets, window.sequenceHigh);
      }
    }
  }

  /** Looks at what the transform made of the jobs (RFC 4303 §3.4.4), and commits what is good. Returns how many are. */
  #accept(now: Instant, memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): number {
    const { payloadOffset, icvOctets } = this.#layout;
    const mode = this.#mode;
    const meter = this.#meter;
    const window = this.#window;
    const row = this.#row;
    let good = 0;
    let job = jobs.read;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const isRight = jobs.succeeded(job);
      const inferred = jobs.sequenceHigh(job);
      job += 1;
      const sequenceHigh = isRight ? inferred : this.#findHigh(memory, at, packets.length(i), inferred);
      if (sequenceHigh < 0) {
        this.#refuse(packets, i, 'bad-icv');
        continue;
      }
      row?.end();

      const payloadAt = at + payloadOffset;
      const payloadEnd = at + packets.length(i) - icvOctets;
      const payload = payloadOctets(memory, payloadAt, payloadEnd);
      if (payload < 0) {
        this.#refuse(packets, i, 'bad-padding');
        continue;
      }
      const nextHeader = memory[payloadEnd - 1] ?? 0;
      if (nextHeader === NONE) {
        this.#discardDummy(memory, packets, i, sequenceHigh);
        continue;
      }
      const carried = mode.carriedOctets(memory, payloadAt, payload, nextHeader);
      if (carried < 0) {
        this.#refuse(packets, i, refusalOf(carried));
        continue;
      }
      const tos = packets.tos(i);
      const isMarked = (tos & ECN_MASK) !== 0;
      if (isMarked && mode.isCongested(memory, payloadAt, tos)) {
        this.#refuse(packets, i, 'congested');
        continue;
      }

      if (meter.isOver(now)) {
        this.#refuse(packets, i, 'expired');
        continue;
      }
      const verdict = window === undefined ? 'new' : window.commit(espSequence(memory, at), sequenceHigh);
      if (verdict !== 'new') {
        this.#refuse(packets, i, replayRefusal(verdict));
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

  /**
   * The high half of the sequence number with which a packet's ICV is right after all, decrypted then; -1 where none of
   * those that are tried is, or none is to be tried (RFC 4303 Appendix A3.2).
   */
  #findHigh(memory: Uint8Array, at: number, octets: number, inferred: number): number {
    const row = this.#row;
    if (row === undefined || !row.failed()) return -1;
    const job = new Jobs(1);
    const last = Math.min(inferred + row.attempts, MOST_HIGH);
    for (let high = inferred + 1; high <= last; high++) {
      if (this.#bound?.isBelow(espSequence(memory, at), high)) return -1;
      job.begin();
      job.add(at, octets, high);
      this.#open(memory, job);
      if (job.succeeded(0)) return high;
    }
    return -1;
  }

  get #subject(): SnapshotSubject {
    return { direction: 'inbound', spi: this.spi, suite: this.suite.name, mode: this.mode, esn: this.esn };
  }

  #requireBound(method: string): SequenceBound {
    if (this.#bound === undefined) throw new TypeError(`${method}: this SA was made without keepAhead`);
    return this.#bound;
  }

  /** A dummy uses a sequence number up like any other packet (RFC 4303 §2.6). */
  #discardDummy(memory: Uint8Array, packets: Descriptors, index: number, sequenceHigh: number): void {
    this.#window?.commit(espSequence(memory, packets.offset(index)), sequenceHigh);
    this.#refuse(packets, index, 'dummy');
  }

  #refuse(packets: Descriptors, index: number, reason: EspRefusal): void {
    this.#refusals.count(reason);
    packets.refuse(index, reason);
  }

  /** The SA of a packet. @throws TypeError unless it is one that can open. */
  static #at(sas: readonly InboundSa[], index: number): InboundSa {
    const sa = sas[index];
    if (!(sa instanceof InboundSa)) throw new TypeError(`sas[${index}] must be an InboundSa`);
    if (sa.#isWiped) throw new TypeError(`sas[${index}] is wiped`);
    return sa;
  }
}

function inboundMode(mode: Mode, { originalAddresses, dscp }: InboundSaOptions): InboundMode {
  const repair = originalAddresses === undefined ? undefined : new ChecksumRepair(originalAddresses);
  if (mode === 'transport') {
    if (dscp !== undefined) throw new TypeError('dscp: there is one header in transport mode');
    return new InboundTransport(repair);
  }
  if (repair !== undefined) throw new TypeError('originalAddresses: there are none in tunnel mode');
  if (dscp !== undefined) oneOf('dscp', dscp, ['keep', 'copy']);
  return new InboundTunnel(dscp ?? 'keep');
}
