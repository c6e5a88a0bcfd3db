import type { Engine, EspSuite, KeyLimits, Rng } from '@espalier/crypto';
import type { Instant, Spi } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { MODES, type Mode } from '../modes/mode.ts';
import { oneOf, requireRng, requireSpi } from './arguments.ts';
import { type EspCounters, RefusalCounter } from './counters.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from './lifetime.ts';
import { plainOctets } from './octets.ts';
import { type EspRefusal, refused } from './refusals.ts';
import { Placement, type SealResult } from './results.ts';
import { numberBefore, SequenceCounter } from './sequence-counter.ts';
import {
  lastSequence,
  readAhead,
  readSnapshot,
  type SaSnapshot,
  type SnapshotSubject,
  snapshotOf,
} from './snapshot.ts';

/** No packet has more. */
const MAX_OCTETS = 0xffff;

/** What is said of an outbound SA whether it is of ESP or of AH. */
export interface OutboundOptions {
  /** Computes, and holds the keys. */
  readonly engine: Engine;
  /** The SPI that the other end chose. */
  readonly spi: Spi;
  /** Source of IVs and of the first IPv4 identification. */
  readonly rng: Rng;
  /** What of a packet is protected (RFC 4301 §4.1). Default `tunnel`. */
  readonly mode?: Mode;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Default: no bound but those of the sequence numbers and of the key. */
  readonly lifetime?: Lifetime;
  /** What the key protects at most. Default: what `keyLimits` of @espalier/crypto says of the suite. */
  readonly keyLimits?: KeyLimits;
  /** Sequence number of the first packet. Default 1. Never one that these keys were used with before. */
  readonly firstSequence?: bigint;
  /**
   * Whether the other end may have an anti-replay window. Without one, as only who gave the keys by hand or was told by the
   * other end can know, the number after 2^32 - 1 is 0 (RFC 4303 §3.3.3, RFC 4302 §3.3.2). Never with ESN, nor with a suite
   * whose IVs are made of numbers: they would be repeated. Default true.
   */
  readonly antiReplay?: boolean;
  /** For an SA that is to outlive its program: it sends nothing that a kept snapshot does not cover. Default false. */
  readonly keepAhead?: boolean;
  /**
   * The newest snapshot that was kept of an SA with these keys, whose program has ended: this one goes on behind all that
   * it covers. Implies `keepAhead`.
   */
  readonly resume?: SaSnapshot;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** What an SA's suite says of it. */
interface OutboundSuite {
  readonly name: string;
  /** Where its IVs come from; absent where it has none. */
  readonly iv?: EspSuite['iv'];
}

/** What the outbound SAs of ESP and AH have in common: their numbers, their lives, and the doors for packets. */
export abstract class Outbound {
  readonly spi: Spi;
  readonly mode: Mode;
  readonly esn: boolean;
  abstract readonly suite: OutboundSuite;
  /** Octets by which a packet grows in front at most. */
  abstract readonly headOctets: number;
  protected readonly engine: Engine;
  protected readonly sequence: SequenceCounter;
  protected readonly meter: LifetimeMeter;
  protected readonly refusals: RefusalCounter = new RefusalCounter();
  readonly #subject: SnapshotSubject;
  #isWiped = false;
  readonly #keepsAhead: boolean;
  readonly #single: Single;
  readonly #sealed = new Placement();

  /** @throws RangeError or TypeError that names the option. */
  constructor(options: OutboundOptions, suite: OutboundSuite, limits: KeyLimits) {
    const { engine, spi, rng, mode = 'tunnel', esn = false } = options;
    const { firstSequence = 1n, antiReplay = true, resume, keepAhead = resume !== undefined } = options;
    requireSpi(spi);
    requireRng(rng);
    oneOf('mode', mode, MODES);
    if (!antiReplay && esn) throw new TypeError('antiReplay: esn has it (RFC 4303 §3.3.3)');
    if (!antiReplay && keepAhead) throw new TypeError('antiReplay: what keepAhead keeps are numbers that come once');
    if (!antiReplay && isCounted(suite)) {
      throw new TypeError(`antiReplay: ${suite.name} has IVs that are made of numbers, which come once (RFC 8221 §3)`);
    }
    this.spi = spi;
    this.mode = mode;
    this.esn = esn;
    this.engine = engine;
    this.#single = singleOf(engine);
    this.#subject = { direction: 'outbound', spi, suite: suite.name, mode, esn };
    const beforeFirst = numberBefore(firstSequence, esn);
    if (resume !== undefined && options.firstSequence !== undefined) {
      throw new TypeError('firstSequence: resume says where it goes on');
    }
    const before = resume === undefined ? beforeFirst : readSnapshot('resume', resume, this.#subject);
    this.#keepsAhead = keepAhead;
    // A number whose high half nobody is told goes on from 0.
    const isLong = esn || !antiReplay;
    this.sequence = new SequenceCounter(before, isLong, keepAhead ? before : lastSequence(isLong));
    this.meter = new LifetimeMeter(options.lifetime, options.keyLimits ?? limits, resume);
  }

  /** Whether its keys are overwritten. */
  protected get isWiped(): boolean {
    return this.#isWiped;
  }

  /** What this SA has done so far: a copy, octets being those of packets as they came. */
  get counters(): EspCounters {
    return { packets: this.meter.packets, octets: this.meter.octets, refusals: this.refusals.snapshot() };
  }

  /** `soft` also when most sequence numbers are spent, `hard` when all are. */
  lifetimeState(now: Instant): LifetimeState {
    if (this.sequence.isExhausted) return 'hard';
    const state = this.meter.state(now);
    return state === 'fresh' && this.sequence.isScarce ? 'soft' : state;
  }

  /**
   * What is to be kept, on a disk or elsewhere, before `kept` lets `ahead` more packets go out. Whenever the program ends, an
   * SA that resumes from the newest snapshot that was kept repeats no sequence number, and no IV that is made of one.
   *
   * @param ahead A whole number to 2^32: what is not used of it is skipped when the SA resumes. Default 0.
   * @throws TypeError for an SA without `keepAhead`, whose numbers no snapshot covers for long.
   */
  snapshot(ahead: number = 0): SaSnapshot {
    this.#requireKeepAhead('snapshot');
    const { end, current } = this.sequence;
    return snapshotOf(this.#subject, end + readAhead(ahead), current, this.meter);
  }

  /**
   * This snapshot is kept: packets that it covers may go out.
   * @throws TypeError for an SA without `keepAhead`, and what is no snapshot; RangeError for one of another SA.
   */
  kept(snapshot: SaSnapshot): void {
    this.#requireKeepAhead('kept');
    this.sequence.extend(readSnapshot('snapshot', snapshot, this.#subject));
  }

  /** How many packets may go out before another snapshot must be kept; for most SAs as many as there are numbers. */
  get packetsAhead(): number {
    return Number(this.sequence.end - this.sequence.current);
  }

  /** Octets of room that a packet of this length needs to be sealed. */
  abstract sealedOctets(packetOctets: number): number;

  /**
   * Seals one IP packet into `out`, which may overlap it or be the same. A refusal leaves `out` untouched.
   *
   * @throws RangeError when `out` is shorter than `sealedOctets(packet.length)`.
   * @throws TypeError unless both are Uint8Arrays, and after `wipe`, but for a packet that is refused.
   */
  sealInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    return this.sealOne(now, packet, out, false);
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
    this.requireRoom(batch);
    this.meter.see(now);
    try {
      return this.sealRun(pool.memory, descriptors, 0, size, jobs, pool.packetOctets);
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
  }

  /** Overwrites the keys. To seal is a TypeError from then on. */
  wipe(): void {
    this.#isWiped = true;
    this.wipeKeys();
  }

  /** @throws RangeError when packets have too little room around them for what this SA makes of them. */
  protected requireRoom({ headroom }: Batch): void {
    if (headroom < this.headOctets) throw new RangeError(`sealBatch: headroom must be ${this.headOctets} octets`);
  }

  protected abstract wipeKeys(): void;

  /** Why the packet at `at` cannot be sealed. */
  protected abstract check(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined;

  /** Seals the packets from `from` to `end` that wait. Returns how many it has sealed. */
  protected abstract sealRun(
    memory: Uint8Array,
    packets: Descriptors,
    from: number,
    end: number,
    jobs: Jobs,
    roomOctets: number,
  ): number;

  protected sealOne(now: Instant, packet: Uint8Array, out: Uint8Array, isDummy: boolean): SealResult {
    const from = plainOctets('packet', packet);
    const memory = plainOctets('out', out);
    const { length } = from;
    this.meter.see(now);
    const refusal = this.check(from, 0, length);
    if (refusal !== undefined) {
      this.refusals.count(refusal);
      return refused(refusal);
    }
    const sealedOctets = this.sealedOctets(length);
    if (memory.length < sealedOctets) throw new RangeError(`sealInto: out must have ${sealedOctets} octets`);
    memory.set(from, this.headOctets);
    const single = take(this.#single);
    const { packet: one, job } = single;
    try {
      one.begin();
      one.wait(0, 0, this.headOctets, length, 0, 0);
      if (isDummy) one.markDummy(0);
      // It is checked again there, with the same result: nothing has changed.
      this.sealRun(memory, one, 0, 1, job, MAX_OCTETS);
    } finally {
      single.isTaken = false;
    }
    return this.#sealed.place(memory, one.offset(0), one.length(0), 0);
  }

  #requireKeepAhead(method: string): void {
    if (!this.#keepsAhead) throw new TypeError(`${method}: this SA was made without keepAhead`);
  }
}

/** Whether a suite makes its IVs of sequence numbers. */
function isCounted({ iv }: OutboundSuite): boolean {
  return iv !== undefined && iv !== 'none' && iv !== 'unpredictable';
}
