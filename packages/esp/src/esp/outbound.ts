import { type Engine, type EspSuite, type EspTransform, keyLimits, type Rng, sealMany } from '@espalier/crypto';
import { type Instant, PROTOCOL, requireObject, type Spi, writeU32 } from '@espalier/wire';
import type { Batch, Slots } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { endOfRun } from '../batch/many.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { MODES, type Mode, type OutboundMode } from '../modes/mode.ts';
import { createOuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { OutboundTransport } from '../modes/transport.ts';
import { OutboundTunnel } from '../modes/tunnel.ts';
import type { UdpPorts } from '../modes/udp.ts';
import { oneOf, requireBooleans, requireEngine, requireRng, requireSpi } from '../sa/arguments.ts';
import { type EspCounters, RefusalCounter } from '../sa/counters.ts';
import { LifetimeMeter, type LifetimeState } from '../sa/lifetime.ts';
import { plainKeys, plainOctets } from '../sa/octets.ts';
import { type EspRefusal, refused } from '../sa/refusals.ts';
import { Placement, type SealResult } from '../sa/results.ts';
import { numberBefore, SequenceCounter } from '../sa/sequence-counter.ts';
import {
  lastSequence,
  readAhead,
  readSnapshot,
  type SaSnapshot,
  type SnapshotSubject,
  snapshotOf,
} from '../sa/snapshot.ts';
import { saSuite } from '../sa/suite.ts';
import { ESP_TRAILER_OCTETS, type EspLayout, layoutOf } from './layout.ts';
import type { OutboundSaOptions } from './options.ts';
import { FlowPadding } from './traffic-flow.ts';
import { writeTrailer } from './trailer.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const TRAILER_OCTETS = ESP_TRAILER_OCTETS;
const NONE = PROTOCOL.none;

/** No packet has more. */
const MAX_OCTETS = 0xffff;

/** Where the ESP header has its sequence number (RFC 4303 §2). */
const SEQUENCE_AT = 4;

/** One direction of an SA: turns IP packets into ESP packets, in tunnel mode or in transport mode (RFC 4303 §3.3). */
export class OutboundSa {
  readonly spi: Spi;
  readonly suite: EspSuite;
  readonly esn: boolean;
  readonly mode: Mode;
  /** Octets by which a packet grows in front: outer header, UDP header, ESP header and IV. */
  readonly headOctets: number;
  readonly #engine: Engine;
  readonly #layout: EspLayout;
  readonly #rng: Rng;
  #mode: OutboundMode;
  readonly #padding: FlowPadding | undefined;
  readonly #sequence: SequenceCounter;
  readonly #keepsAhead: boolean;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: EspTransform;
  #isWiped = false;
  readonly #single: Single;
  readonly #sealed = new Placement();

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, or a suite that the engine
   *   does not support, or that does not authenticate where that is not asked for, or that does not with ESN.
   */
  constructor(options: OutboundSaOptions) {
    requireObject('options', options);
    requireBooleans(options, 'esn', 'keepAhead', 'allowUnauthenticated', 'strictConstantTime');
    const { engine, suite, keys, spi, rng, mode = 'tunnel', esn = false, strictConstantTime = false } = options;
    const { firstSequence = 1n, resume, keepAhead = resume !== undefined } = options;
    requireEngine(engine, 'createEspTransform');
    requireSpi(spi);
    requireRng(rng);
    oneOf('mode', mode, MODES);
    this.spi = spi;
    this.suite = saSuite(suite, options);
    this.mode = mode;
    this.esn = esn;
    this.#engine = engine;
    this.#single = singleOf(engine);
    this.#layout = layoutOf(this.suite);
    this.#rng = rng;
    this.#mode = outboundMode(mode, this.#layout, options);
    this.#padding = flowPadding(mode, options);
    this.headOctets = this.#mode.frontOctets + this.#layout.payloadOffset;
    const beforeFirst = numberBefore(firstSequence, esn);
    if (resume !== undefined && options.firstSequence !== undefined) {
      throw new TypeError('firstSequence: resume says where it goes on');
    }
    const before = resume === undefined ? beforeFirst : readSnapshot('resume', resume, this.#subject);
    this.#keepsAhead = keepAhead;
    this.#sequence = new SequenceCounter(before, esn, keepAhead ? before : lastSequence(esn));
    this.#meter = new LifetimeMeter(options.lifetime, options.keyLimits ?? keyLimits(this.suite), resume);
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
   * What is to be kept, on a disk or elsewhere, before `kept` lets `ahead` more packets go out. Whenever the program ends, an
   * SA that resumes from the newest snapshot that was kept repeats no sequence number, and no IV that is made of one.
   *
   * @param ahead A whole number to 2^32: what is not used of it is skipped when the SA resumes. Default 0.
   * @throws TypeError for an SA without `keepAhead`, whose numbers no snapshot covers for long.
   */
  snapshot(ahead: number = 0): SaSnapshot {
    this.#requireKeepAhead('snapshot');
    const sequence = this.#sequence;
    return snapshotOf(this.#subject, sequence.end + readAhead(ahead), sequence.current, this.#meter);
  }

  /**
   * This snapshot is kept: packets that it covers may go out.
   * @throws TypeError for an SA without `keepAhead`, and what is no snapshot; RangeError for one of another SA.
   */
  kept(snapshot: SaSnapshot): void {
    this.#requireKeepAhead('kept');
    this.#sequence.extend(readSnapshot('snapshot', snapshot, this.#subject));
  }

  /** How many packets may go out before another snapshot must be kept; for most SAs as many as there are numbers. */
  get packetsAhead(): number {
    return Number(this.#sequence.end - this.#sequence.current);
  }

  /**
   * The other end is to be reached elsewhere (RFC 3947 §4): from now on a tunnel's packets get this outer header.
   *
   * @throws TypeError for an SA without an outer header.
   * @throws RangeError for a value out of bounds, or a header that is not as long as the one before.
   */
  redirect(outer: OuterHeaderOptions): void {
    const { frontOctets } = this.#mode;
    if (this.mode === 'transport' || frontOctets === 0) throw new TypeError('redirect: this SA writes no outer header');
    const moved = new OutboundTunnel(this.#layout, createOuterHeader(outer, this.#rng));
    if (moved.frontOctets !== frontOctets) throw new RangeError('redirect: outer must be as long as the one before');
    this.#mode = moved;
  }

  /**
   * The same for transport mode, whose packets say themselves where they go: from now on they go between these ports.
   *
   * @throws TypeError for an SA that is not in transport mode in UDP.
   * @throws RangeError for a port that is none.
   */
  redirectUdp(ports: UdpPorts): void {
    if (this.mode === 'tunnel' || this.#mode.frontOctets === 0) {
      throw new TypeError('redirectUdp: this SA is not in transport mode in UDP');
    }
    this.#mode = new OutboundTransport(this.#layout, ports);
  }

  /**
   * What the path carries has changed: from now on TFC padding makes no packet longer than so many octets, inside. Does
   * nothing without `trafficFlow`.
   */
  limitPadding(octets: number): void {
    this.#padding?.limit(octets);
  }

  /**
   * Octets of room that a packet of this length needs to be sealed. In tunnel mode what it becomes has as many; in
   * transport mode, where the padding depends on where its headers end, it can be shorter by what alignment adds.
   */
  sealedOctets(packetOctets: number): number {
    const { frontOctets, safeOctets } = this.#mode;
    const padded = this.#padding?.padded(packetOctets, safeOctets) ?? packetOctets;
    if (this.mode === 'tunnel') return frontOctets + this.#layout.espOctets(padded);
    return this.headOctets + packetOctets + this.#layout.mostAfterPayload;
  }

  /**
   * Seals one IP packet into `out`, which may overlap it or be the same. A refusal leaves `out` untouched.
   *
   * @throws RangeError when `out` is shorter than `sealedOctets(packet.length)`.
   * @throws TypeError unless both are Uint8Arrays, and after `wipe`, but for a packet that is refused.
   */
  sealInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    return this.#sealOne(now, packet, out, false);
  }

  /**
   * The same for a dummy: an ESP packet that looks like any other, and that the other end discards silently (RFC 4303
   * §2.6). It is as long as `packet` would be, has its addresses in transport mode, and of a tunnel's outer header what is
   * copied from inside. What else is in `packet` is of no interest.
   *
   * @throws as `sealInto`.
   */
  sealDummyInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    return this.#sealOne(now, packet, out, true);
  }

  #sealOne(now: Instant, packet: Uint8Array, out: Uint8Array, isDummy: boolean): SealResult {
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
    try {
      single.packet.begin();
      single.packet.wait(0, 0, this.headOctets, length, 0, 0);
      if (isDummy) single.packet.markDummy(0);
      // It is checked again there, with the same result: nothing has changed.
      single.job.begin();
      this.#layOut(now, memory, single.packet, 0, 1, single.job, MAX_OCTETS);
      this.#seal(memory, single.job);
      this.#note(memory, single.packet, 0, 1, single.job);
    } finally {
      single.isTaken = false;
    }
    return this.#sealed.place(memory, 0, single.packet.length(0), 0);
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
    this.#requireRoom(pool);
    jobs.begin();
    this.#layOut(now, pool.memory, descriptors, 0, size, jobs, pool.packetOctets);
    if (jobs.count === 0) return 0;
    try {
      this.#seal(pool.memory, jobs);
      this.#note(pool.memory, descriptors, 0, size, jobs);
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return jobs.count;
  }

  /**
   * Seals every packet of the batch that no SA has seen yet, the packet at `i` by `sas[i]`, in place and in order: what
   * each SA's `sealBatch` would do, in one call of their engine. Packets of one suite share what its kernels gain by many.
   *
   * @returns How many were sealed.
   * @throws TypeError, with nothing done, unless each packet has an SA, all of one engine and none wiped.
   * @throws RangeError when the batch's pool has too little head or tail room for one of them; with nothing done.
   */
  static sealMany(now: Instant, batch: Batch, sas: readonly OutboundSa[]): number {
    const { descriptors, jobs, pool, size } = batch;
    const { memory } = pool;
    if (size === 0) return 0;
    const first = OutboundSa.#at(sas, 0);
    if (endOfRun(sas, 0, size) === size) return first.sealBatch(now, batch);
    const engine = first.#engine;
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = OutboundSa.#at(sas, i);
      if (sa.#engine !== engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
      sa.#requireRoom(pool);
    }
    jobs.begin();
    for (let i = 0, end = 0; i < size; i = end) {
      end = endOfRun(sas, i, size);
      const sa = OutboundSa.#at(sas, i);
      sa.#layOut(now, memory, descriptors, i, end, jobs, pool.packetOctets);
      jobs.assign(sa.#transform);
    }
    if (jobs.count === 0) return 0;
    try {
      sealMany(engine, memory, jobs, jobs.transforms, 'fresh');
      for (let i = 0, end = 0; i < size; i = end) {
        end = endOfRun(sas, i, size);
        OutboundSa.#at(sas, i).#note(memory, descriptors, i, end, jobs);
      }
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return jobs.count;
  }

  /** Overwrites the keys. To seal is a TypeError from then on. */
  wipe(): void {
    this.#isWiped = true;
    this.#transform.wipe();
  }

  #check(now: Instant, memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    const fault = this.#mode.fault(memory, at, octets);
    if (fault !== undefined) return fault;
    if (this.#meter.isOver(now)) return 'expired';
    if (this.#sequence.isSpent) return this.#sequence.isExhausted ? 'sequence-exhausted' : 'not-kept';
    const mode = this.#mode;
    return octets > mode.safeOctets && mode.isTooLong(memory, at, octets) ? 'too-long' : undefined;
  }

  // Two long functions: V8 inlines only so much into one, and a short one it inlines itself, to where there is no room
  // left for what it calls.

  /** Lays packets out around their payloads, but for those that are refused (RFC 4303 §3.3.2, §3.3.3). */
  #layOut(
    now: Instant,
    memory: Uint8Array,
    packets: Descriptors,
    from: number,
    end: number,
    jobs: Jobs,
    roomOctets: number,
  ): void {
    const { spi } = this;
    const { payloadOffset, fixedOctets, blockOctets } = this.#layout;
    const mode = this.#mode;
    const meter = this.#meter;
    const sequence = this.#sequence;
    const padding = this.#padding;
    const firstJob = jobs.count;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const octets = packets.length(i);
      const refusal = this.#check(now, memory, at, octets);
      if (refusal !== undefined) {
        packets.refuse(i, refusal);
        this.#refusals.count(refusal);
        continue;
      }
      sequence.advance();
      meter.count(octets);

      const payloadAt = at + mode.clearOctets(memory, at, octets);
      const payloadOctets = padding === undefined ? at + octets - payloadAt : this.#pad(memory, at, octets, roomOctets);
      const espAt = payloadAt - payloadOffset;
      // As the layout has it, but not called: there is no room left in V8's budget for inlining.
      const padOctets = -(payloadOctets + TRAILER_OCTETS) & (blockOctets - 1);
      const espOctets = fixedOctets + payloadOctets + padOctets;
      const nextHeader = mode.nextHeader(memory, at, payloadAt);
      mode.write(memory, at, espAt, espOctets);
      writeU32(memory, espAt, spi);
      writeU32(memory, espAt + SEQUENCE_AT, sequence.low);
      writeTrailer(memory, payloadAt + payloadOctets, padOctets, nextHeader);
      jobs.add(espAt, espOctets, sequence.high);
    }
    if (packets.hasDummies) this.#callDummies(memory, packets, from, end, jobs, firstJob);
  }

  /** Dummies are told by their next header alone (RFC 4303 §2.6). */
  #callDummies(
    memory: Uint8Array,
    packets: Descriptors,
    from: number,
    end: number,
    jobs: Jobs,
    firstJob: number,
  ): void {
    const { icvOctets } = this.#layout;
    let job = firstJob;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      if (packets.isDummy(i)) memory[jobs.offset(job) + jobs.length(job) - icvOctets - 1] = NONE;
      job += 1;
    }
  }

  /** Writes TFC padding behind the packet at `at`; returns the octets of both. Zeros: what lay there is nobody's business. */
  #pad(memory: Uint8Array, at: number, octets: number, roomOctets: number): number {
    const padded = this.#padding?.padded(octets, Math.min(roomOctets, this.#mode.safeOctets)) ?? octets;
    memory.fill(0, at + octets, at + padded);
    return padded;
  }

  #seal(memory: Uint8Array, jobs: Jobs): void {
    const outcome: unknown = this.#transform.seal(memory, jobs, 'fresh');
    if (outcome !== undefined) throw new TypeError('engine: seal must be done when it returns');
  }

  /**
   * Notes down where the packets are. Not before they are sealed, and not without the engine's word: what it has not
   * sealed is in clear.
   */
  #note(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void {
    const { headOctets } = this;
    const mode = this.#mode;
    const { coversPayload } = mode;
    let job = jobs.read;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      if (!jobs.succeeded(job)) throw new TypeError('engine: seal left a packet in clear');
      const at = packets.offset(i) - headOctets;
      const octets = jobs.offset(job) + jobs.length(job) - at;
      if (coversPayload) mode.cover(memory, at, octets);
      packets.done(i, at, octets, 0);
      job += 1;
    }
    jobs.read = job;
  }

  get #subject(): SnapshotSubject {
    return { direction: 'outbound', spi: this.spi, suite: this.suite.name, mode: this.mode, esn: this.esn };
  }

  #requireKeepAhead(method: string): void {
    if (!this.#keepsAhead) throw new TypeError(`${method}: this SA was made without keepAhead`);
  }

  #requireRoom({ headroom, tailroom }: Slots): void {
    if (headroom < this.headOctets) throw new RangeError(`sealBatch: headroom must be ${this.headOctets} octets`);
    const tail = this.#layout.mostAfterPayload;
    if (tailroom < tail) throw new RangeError(`sealBatch: tailroom must be ${tail} octets`);
  }

  /** The SA of a packet. @throws TypeError unless it is one that can seal. */
  static #at(sas: readonly OutboundSa[], index: number): OutboundSa {
    const sa = sas[index];
    if (!(sa instanceof OutboundSa)) throw new TypeError(`sas[${index}] must be an OutboundSa`);
    if (sa.#isWiped) throw new TypeError(`sas[${index}] is wiped`);
    return sa;
  }
}

function flowPadding(mode: Mode, { trafficFlow }: OutboundSaOptions): FlowPadding | undefined {
  if (trafficFlow === undefined) return undefined;
  if (mode === 'transport') throw new TypeError('trafficFlow: only what is in a tunnel says where it ends');
  return new FlowPadding(trafficFlow);
}

function outboundMode(mode: Mode, layout: EspLayout, { outer, udp, rng }: OutboundSaOptions): OutboundMode {
  if (mode === 'transport') {
    if (outer !== undefined) throw new TypeError('outer: there is none in transport mode');
    return new OutboundTransport(layout, udp);
  }
  if (udp !== undefined) throw new TypeError('udp: in tunnel mode a part of outer');
  return new OutboundTunnel(layout, outer === undefined ? undefined : createOuterHeader(outer, rng));
}
