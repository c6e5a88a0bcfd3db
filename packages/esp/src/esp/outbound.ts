import { type EspSuite, type EspTransform, keyLimits, type Rng, sealMany } from '@espalier/crypto';
import { type Instant, PROTOCOL, requireObject, writeU32 } from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { endOfRun, requireSas } from '../batch/many.ts';
import type { Mode, OutboundMode } from '../modes/mode.ts';
import { createOuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { OutboundTransport } from '../modes/transport.ts';
import { OutboundTunnel } from '../modes/tunnel.ts';
import type { UdpPorts } from '../modes/udp.ts';
import { requireBooleans, requireEngine } from '../sa/arguments.ts';
import { plainKeys } from '../sa/octets.ts';
import { Outbound } from '../sa/outbound.ts';
import type { EspRefusal } from '../sa/refusals.ts';
import type { SealResult } from '../sa/results.ts';
import { saSuite } from '../sa/suite.ts';
import { ESP_TRAILER_OCTETS, type EspLayout, layoutOf } from './layout.ts';
import type { OutboundSaOptions } from './options.ts';
import { FlowPadding } from './traffic-flow.ts';
import { writeTrailer } from './trailer.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const TRAILER_OCTETS = ESP_TRAILER_OCTETS;
const NONE = PROTOCOL.none;
const putU32 = writeU32;
const putTrailer = writeTrailer;

/** Where the ESP header has its sequence number (RFC 4303 §2). */
const SEQUENCE_AT = 4;

/** One direction of an SA: turns IP packets into ESP packets, in tunnel mode or in transport mode (RFC 4303 §3.3). */
export class OutboundSa extends Outbound {
  readonly suite: EspSuite;
  /** Octets by which a packet grows in front: outer header, UDP header, ESP header and IV. */
  readonly headOctets: number;
  readonly #layout: EspLayout;
  readonly #rng: Rng;
  #mode: OutboundMode;
  readonly #padding: FlowPadding | undefined;
  readonly #transform: EspTransform;

  /**
   * @throws RangeError for keys of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, or a suite that the engine
   *   does not support, or that does not authenticate where that is not asked for, or that does not with ESN.
   */
  constructor(options: OutboundSaOptions) {
    requireObject('options', options);
    requireBooleans(options, 'esn', 'antiReplay', 'keepAhead', 'allowUnauthenticated', 'strictConstantTime');
    const { engine, keys, rng, esn = false, strictConstantTime = false } = options;
    requireEngine(engine, 'createEspTransform');
    const suite = saSuite(options.suite, options);
    super(options, suite, keyLimits(suite));
    this.suite = suite;
    this.#layout = layoutOf(suite);
    this.#rng = rng;
    this.#mode = outboundMode(this.mode, this.#layout, options);
    this.#padding = flowPadding(this.mode, options);
    this.headOctets = this.#mode.frontOctets + this.#layout.payloadOffset;
    this.#transform = engine.createEspTransform({
      suite: this.suite,
      keys: plainKeys(keys),
      direction: 'seal',
      esn,
      rng,
      strictConstantTime,
    });
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
   * As `sealInto` with a dummy: an ESP packet that looks like any other, and that the other end discards silently (RFC 4303
   * §2.6). It is as long as `packet` would be, has its addresses in transport mode, and of a tunnel's outer header what is
   * copied from inside. What else is in `packet` is of no interest.
   *
   * @throws as `sealInto`.
   */
  sealDummyInto(now: Instant, packet: Uint8Array, out: Uint8Array): SealResult {
    return this.sealOne(now, packet, out, true);
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
    requireSas(sas);
    const first = OutboundSa.#at(sas, 0);
    if (endOfRun(sas, 0, size) === size) return first.sealBatch(now, batch);
    const { engine } = first;
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = OutboundSa.#at(sas, i);
      if (sa.engine !== engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
      sa.requireRoom(batch);
      sa.meter.see(now);
    }
    jobs.begin();
    for (let i = 0, end = 0; i < size; i = end) {
      end = endOfRun(sas, i, size);
      const sa = OutboundSa.#at(sas, i);
      sa.#layOut(memory, descriptors, i, end, jobs, pool.packetOctets);
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

  protected wipeKeys(): void {
    this.#transform.wipe();
  }

  protected check(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    const mode = this.#mode;
    const fault = mode.fault(memory, at, octets);
    if (fault !== undefined) return fault;
    if (this.meter.isOver) return 'expired';
    if (this.sequence.isSpent) return this.sequence.isExhausted ? 'sequence-exhausted' : 'not-kept';
    return octets > mode.safeOctets && mode.isTooLong(memory, at, octets) ? 'too-long' : undefined;
  }

  protected sealRun(
    memory: Uint8Array,
    packets: Descriptors,
    from: number,
    end: number,
    jobs: Jobs,
    roomOctets: number,
  ): number {
    jobs.begin();
    this.#layOut(memory, packets, from, end, jobs, roomOctets);
    if (jobs.count === 0) return 0;
    this.#seal(memory, jobs);
    this.#note(memory, packets, from, end, jobs);
    return jobs.count;
  }

  // Two long functions: V8 inlines only so much into one, and a short one it inlines itself, to where there is no room
  // left for what it calls.

  /** Lays packets out around their payloads, but for those that are refused (RFC 4303 §3.3.2, §3.3.3). */
  #layOut(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs, roomOctets: number): void {
    const { spi, headOctets } = this;
    const { payloadOffset, fixedOctets, blockOctets } = this.#layout;
    const mode = this.#mode;
    const meter = this.meter;
    const sequence = this.sequence;
    const padding = this.#padding;
    const firstJob = jobs.count;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const at = packets.offset(i);
      const octets = packets.length(i);
      const refusal = this.check(memory, at, octets);
      if (refusal !== undefined) {
        packets.refuse(i, refusal);
        this.refusals.count(refusal);
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
      putU32(memory, espAt, spi);
      putU32(memory, espAt + SEQUENCE_AT, sequence.low);
      putTrailer(memory, payloadAt + payloadOctets, padOctets, nextHeader);
      jobs.add(espAt, espOctets, sequence.high);
      packets.place(i, at - headOctets, espAt + espOctets - at + headOctets);
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
   * Notes down that they are sealed. Not before they are sealed, and not without the engine's word: what it has not
   * sealed is in clear.
   */
  #note(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void {
    const mode = this.#mode;
    const { coversPayload } = mode;
    let job = jobs.read;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      if (!jobs.succeeded(job)) throw new TypeError('engine: seal left a packet in clear');
      if (coversPayload) mode.cover(memory, packets.offset(i), packets.length(i));
      packets.sealed(i);
      job += 1;
    }
    jobs.read = job;
  }

  protected override requireRoom(batch: Batch): void {
    super.requireRoom(batch);
    const tail = this.#layout.mostAfterPayload;
    if (batch.tailroom < tail) throw new RangeError(`sealBatch: tailroom must be ${tail} octets`);
  }

  /** The SA of a packet. @throws TypeError unless it is one that can seal. */
  static #at(sas: readonly OutboundSa[], index: number): OutboundSa {
    const sa = sas[index];
    if (!(sa instanceof OutboundSa)) throw new TypeError(`sas[${index}] must be an OutboundSa`);
    if (sa.isWiped) throw new TypeError(`sas[${index}] is wiped`);
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
