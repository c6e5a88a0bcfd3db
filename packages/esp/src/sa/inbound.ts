import type { Engine, KeyLimits } from '@espalier/crypto';
import { ReplayWindow } from '@espalier/replay';
import type { Instant, Spi } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { MODES, type Mode } from '../modes/mode.ts';
import type { DscpInside } from '../modes/tos.ts';
import { oneOf, requireOuterOctets, requireReplayWindow, requireSpi } from './arguments.ts';
import { SequenceBound } from './bound.ts';
import { type EspCounters, RefusalCounter } from './counters.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from './lifetime.ts';
import { plainOctets } from './octets.ts';
import { type EspRefusal, refused } from './refusals.ts';
import { type OpenResult, Placement } from './results.ts';
import { FailureRow, type Resynchronisation } from './resynchronisation.ts';
import { readAhead, readSnapshot, type SaSnapshot, type SnapshotSubject, snapshotOf } from './snapshot.ts';

/** Stands below all numbers. */
const NO_WINDOW = { highest: 0n, packets: 0 };

/** The last high half of a sequence number. */
const MOST_HIGH = 0xffff_ffff;

/** What is said of an inbound SA whether it is of ESP or of AH. */
export interface InboundOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The SPI that this end chose: packets with another one are refused. */
  readonly spi: Spi;
  /** What of a packet is protected (RFC 4301 §4.1). Default `tunnel`. */
  readonly mode?: Mode;
  /** In tunnel mode the DSCP of what is delivered: its own, or that of the outer header (RFC 2983 §3). Default `keep`. */
  readonly dscp?: DscpInside;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /**
   * Packets that the anti-replay window spans, 32 to 4096, or none. Default 64 (RFC 4303 §3.4.3, RFC 4302 §3.4.3); without
   * authentication there can be none.
   */
  readonly replayWindow?: number | 'off';
  /**
   * With ESN: how to go on after 2^32 lost packets or more, whose high half the window cannot tell (RFC 4303 Appendix A3,
   * RFC 4302 Appendix B3). Default: not at all, such packets have a wrong ICV.
   */
  readonly resynchronise?: Resynchronisation;
  /** For an SA that is to outlive its program: it takes nothing that a kept snapshot does not cover. Default false. */
  readonly keepAhead?: boolean;
  /**
   * The newest snapshot that was kept of this SA, whose program has ended: all that it covers counts as seen. Implies
   * `keepAhead`.
   */
  readonly resume?: SaSnapshot;
  /** Default: no bound, but that of the key calls for a successor. */
  readonly lifetime?: Lifetime;
  /**
   * What the key protects at most, default as of the outbound SA. That is for the other end to obey; here the soft limits
   * make `lifetimeState` say so.
   */
  readonly keyLimits?: KeyLimits;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** What an SA's suite says of it. */
interface InboundSuite {
  readonly name: string;
  readonly unauthenticated?: boolean;
}

/** What the inbound SAs of ESP and AH have in common: their windows, their lives, and the doors for packets. */
export abstract class Inbound {
  readonly spi: Spi;
  readonly mode: Mode;
  readonly esn: boolean;
  /** Packets that the anti-replay window spans, or `off`. */
  readonly replayWindow: number | 'off';
  abstract readonly suite: InboundSuite;
  protected readonly engine: Engine;
  protected readonly window: ReplayWindow | undefined;
  /** The highest number that is taken; undefined where all are. */
  protected readonly bound: SequenceBound | undefined;
  protected readonly row: FailureRow | undefined;
  protected readonly meter: LifetimeMeter;
  protected readonly refusals: RefusalCounter = new RefusalCounter();
  readonly #subject: SnapshotSubject;
  #isWiped = false;
  readonly #single: Single;
  readonly #opened = new Placement();

  /** @throws RangeError or TypeError that names the option. */
  constructor(options: InboundOptions, suite: InboundSuite, limits: KeyLimits) {
    const { engine, spi, mode = 'tunnel', esn = false } = options;
    const { resynchronise, resume, keepAhead = resume !== undefined } = options;
    requireSpi(spi);
    oneOf('mode', mode, MODES);
    requireReplayWindow(options.replayWindow);
    const replayWindow = options.replayWindow ?? (suite.unauthenticated ? 'off' : 64);
    if (suite.unauthenticated && replayWindow !== 'off') {
      throw new TypeError(`${suite.name} has no replayWindow (RFC 4303 §1)`);
    }
    if (esn && replayWindow === 'off') {
      throw new TypeError('esn needs a replayWindow, which tells the high half (RFC 4303 §3.3.3, RFC 4302 §3.3.2)');
    }
    if (keepAhead && replayWindow === 'off') throw new TypeError('keepAhead needs a replayWindow');
    if (resynchronise !== undefined && !esn) throw new TypeError('resynchronise is for esn');
    this.spi = spi;
    this.mode = mode;
    this.esn = esn;
    this.replayWindow = replayWindow;
    this.engine = engine;
    this.#single = singleOf(engine);
    this.#subject = { direction: 'inbound', spi, suite: suite.name, mode, esn };
    const seen = resume === undefined ? 0n : readSnapshot('resume', resume, this.#subject);
    this.window = replayWindow === 'off' ? undefined : new ReplayWindow({ packets: replayWindow, esn, seen });
    this.bound = keepAhead ? new SequenceBound(seen) : undefined;
    this.row = resynchronise === undefined ? undefined : new FailureRow(resynchronise);
    this.meter = new LifetimeMeter(options.lifetime, { soft: (options.keyLimits ?? limits).soft }, resume);
  }

  /** Whether its keys are overwritten. */
  protected get isWiped(): boolean {
    return this.#isWiped;
  }

  /** What this SA has done so far: a copy, octets being those of packets as they are delivered. */
  get counters(): EspCounters {
    return { packets: this.meter.packets, octets: this.meter.octets, refusals: this.refusals.snapshot() };
  }

  /** Whether the lifetime still runs at `now` (RFC 4301 §4.4.2.1). An earlier `now` counts as the latest seen. */
  lifetimeState(now: Instant): LifetimeState {
    return this.meter.state(now);
  }

  /** The highest sequence number opened; 0n before the first, undefined without an anti-replay window. */
  get highestSequence(): bigint | undefined {
    return this.window?.highest;
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
    const { highest, packets } = this.window ?? NO_WINDOW;
    return snapshotOf(this.#subject, end + readAhead(ahead), highest - BigInt(packets), this.meter);
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
    return this.bound === undefined ? undefined : Number(this.bound.end - (this.window?.highest ?? 0n));
  }

  /**
   * Opens one packet into `out`, which may overlap it or be the same: of ESP from its SPI, or from headers in front, to its
   * ICV, of AH from its IP header to its end. The IP packet that comes of it lies where the result says.
   *
   * @param outerTos TOS or traffic class of the outer header, for its ECN field (RFC 6040 §4.2). Default: not ECT.
   * @param outerOctets Octets in front of the SPI, or of AH, that `packet` begins with. In transport mode, and with AH, there
   *   must be some: from the IP header on. Default 0.
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
    this.meter.see(now);
    const single = take(this.#single);
    const { packet: one, job } = single;
    try {
      one.wait(0, 0, outerOctets, length - outerOctets, outerTos, outerOctets);
      job.begin();
      this.admit(from, one, 0, 1, job);
      if (job.count > 0) {
        if (out !== packet) memory.set(from);
        this.openRun(memory, one, 0, 1, job);
      }
    } finally {
      single.isTaken = false;
    }
    const reason = one.reason(0);
    if (reason !== undefined) return refused(reason);
    return this.#opened.place(memory, one.offset(0), one.length(0), one.nextHeader(0));
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, in place and in order. In transport mode, and with AH, each was
   * added with the octets of its headers.
   *
   * @returns How many were opened.
   * @throws TypeError after `wipe`, unless all packets are refused unopened.
   */
  openBatch(now: Instant, batch: Batch): number {
    const { descriptors, jobs, pool, size } = batch;
    jobs.begin();
    this.meter.see(now);
    this.admit(pool.memory, descriptors, 0, size, jobs);
    if (jobs.count === 0) return 0;
    try {
      return this.openRun(pool.memory, descriptors, 0, size, jobs);
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
  }

  /** Overwrites the keys. To open is a TypeError from then on. */
  wipe(): void {
    this.#isWiped = true;
    this.wipeKeys();
  }

  protected abstract wipeKeys(): void;

  /** Makes jobs of the packets that wait, but for those that can be refused without their ICV. */
  protected abstract admit(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void;

  /** Verifies what was admitted, and commits what is good. Returns how many are. */
  protected abstract openRun(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): number;

  /**
   * The high half of the sequence number with which a packet's ICV is right after all; -1 where none of those that are tried
   * is, or none is to be tried (RFC 4303 Appendix A3.2, RFC 4302 Appendix B3.2). Asked only where there is a `row`: what
   * asks makes a closure, and a refused packet must cost no memory.
   */
  protected findHigh(low: number, inferred: number, isRight: (high: number) => boolean): number {
    const { row } = this;
    if (row === undefined || !row.failed()) return -1;
    const last = Math.min(inferred + row.attempts, MOST_HIGH);
    for (let high = inferred + 1; high <= last; high++) {
      if (this.bound?.isBelow(low, high)) return -1;
      if (isRight(high)) return high;
    }
    return -1;
  }

  protected refuse(packets: Descriptors, index: number, reason: EspRefusal): void {
    this.refusals.count(reason);
    packets.refuse(index, reason);
  }

  #requireBound(method: string): SequenceBound {
    if (this.bound === undefined) throw new TypeError(`${method}: this SA was made without keepAhead`);
    return this.bound;
  }
}
