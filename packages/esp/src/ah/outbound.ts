import { type AhSuite, ahSuite, type Engine, type IcvTransform, octetsView, type Rng } from '@espalier/crypto';
import {
  AH_HEADER_OCTETS,
  type Instant,
  ip,
  ipv4,
  PROTOCOL,
  requireObject,
  type Spi,
  writeAhHeader,
} from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { clearHeadersFault, clearOctets, moveClearHeaders, protocolBehind } from '../modes/clear-headers.ts';
import { MODES, type Mode } from '../modes/mode.ts';
import { createOuterHeader, type OuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { tunnelNextHeader } from '../modes/tunnel.ts';
import { oneOf, requireBooleans, requireEngine, requireRng, requireSpi } from '../sa/arguments.ts';
import { type EspCounters, RefusalCounter } from '../sa/counters.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from '../sa/lifetime.ts';
import { plainOctets } from '../sa/octets.ts';
import { type EspRefusal, refused } from '../sa/refusals.ts';
import { Placement, type SealResult } from '../sa/results.ts';
import { numberBefore, SequenceCounter } from '../sa/sequence-counter.ts';
import { authenticate } from './authenticated.ts';
import { requireNoEspOptions } from './esp-options.ts';
import { type Kept, keptOf } from './kept.ts';
import { type AhOverhead, ahOverhead } from './sizes.ts';

/** One outbound AH SA (RFC 4301 §4.4.2.1). */
export interface OutboundAhSaOptions {
  /** Computes, and holds the key. */
  readonly engine: Engine;
  /** The suite, or its name: a MAC. */
  readonly suite: AhSuite | string;
  /** `suite.integrityKeyOctets`. Copied: the caller may wipe its own. */
  readonly key: Uint8Array;
  /** The SPI that the other end chose. */
  readonly spi: Spi;
  /** What of a packet is behind AH (RFC 4302 §3.1). Default `tunnel`. */
  readonly mode?: Mode;
  /** The tunnel's outer header, which tunnel mode must have; never in UDP, for a NAT would change what is authenticated. */
  readonly outer?: OuterHeaderOptions;
  /** Source of the first IPv4 identification; needed in tunnel mode over IPv4 without one. */
  readonly rng: Rng;
  /**
   * Units of octets that the header fills over IPv4: 4 (RFC 4302 §3.3.3.2.1), or 8 for Linux without its flag align4.
   * Over IPv6 it is always 8. Default 4.
   */
  readonly alignment?: 4 | 8;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Default: no bound but that of the sequence numbers. */
  readonly lifetime?: Lifetime;
  /** Sequence number of the first packet. Default 1. */
  readonly firstSequence?: bigint;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/** One direction of an AH SA: authenticates IP packets, in tunnel mode or in transport mode (RFC 4302 §3.3). */
export class OutboundAhSa {
  readonly spi: Spi;
  readonly suite: AhSuite;
  readonly mode: Mode;
  readonly esn: boolean;
  /** Octets by which a packet grows in front at most: outer header and AH. */
  readonly headOctets: number;
  /** What a packet of each family grows by. */
  readonly #overhead: Readonly<Record<4 | 6, AhOverhead>>;
  readonly #rng: Rng;
  #outer: OuterHeader | undefined;
  readonly #sequence: SequenceCounter;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: IcvTransform;
  readonly #kept: Kept;
  readonly #single: Single;
  readonly #sealed = new Placement();

  /**
   * @throws RangeError for a key of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode.
   */
  constructor(options: OutboundAhSaOptions) {
    requireObject('options', options);
    requireNoEspOptions(options);
    requireBooleans(options, 'esn', 'strictConstantTime');
    const { engine, suite, key, spi, rng, mode = 'tunnel', outer, alignment = 4, esn = false } = options;
    requireEngine(engine, 'createIcvTransform');
    requireSpi(spi);
    requireRng(rng);
    oneOf('mode', mode, MODES);
    if (alignment !== 4 && alignment !== 8) throw new RangeError('alignment must be 4 or 8');
    this.spi = spi;
    this.suite = ahSuite(suite);
    this.mode = mode;
    this.esn = esn;
    this.#overhead = {
      4: ahOverhead(this.suite, { mode, family: 4, alignment }),
      6: ahOverhead(this.suite, { mode, family: 6, alignment }),
    };
    this.#rng = rng;
    this.#outer = outerHeader(mode, outer, rng);
    this.headOctets = (this.#outer?.octets ?? 0) + Math.max(this.#overhead[4].ah, this.#overhead[6].ah);
    this.#sequence = new SequenceCounter(numberBefore(options.firstSequence ?? 1n, esn), esn);
    this.#meter = new LifetimeMeter(options.lifetime);
    this.#kept = keptOf(engine);
    this.#single = singleOf(engine);
    this.#transform = engine.createIcvTransform({
      suite: this.suite,
      key: octetsView('key', key),
      strictConstantTime: options.strictConstantTime ?? false,
    });
  }

  /** What this SA has done so far: a copy, octets being those of packets without AH. */
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
   * From now on a tunnel's packets get this outer header.
   *
   * @throws TypeError for an SA in transport mode, or a header in UDP.
   * @throws RangeError for a value out of bounds, or a header of the other family.
   */
  redirect(outer: OuterHeaderOptions): void {
    const header = outerHeader(this.mode, outer, this.#rng);
    if (header?.octets !== this.#outer?.octets)
      throw new RangeError('redirect: outer must be as long as the one before');
    this.#outer = header;
  }

  /** Octets of room that a packet of this length needs: what it becomes at most, the family being unknown yet. */
  sealedOctets(packetOctets: number): number {
    return packetOctets + this.headOctets;
  }

  /**
   * Authenticates one IP packet into `out`, which may overlap it or be the same. A refusal leaves `out` untouched.
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
    const room = this.sealedOctets(length);
    if (memory.length < room) throw new RangeError(`sealInto: out must have ${room} octets`);
    memory.set(from, this.headOctets);
    const single = take(this.#single);
    try {
      single.packet.wait(0, 0, this.headOctets, length, 0, 0);
      this.#seal(memory, single.packet, 0);
    } finally {
      single.isTaken = false;
    }
    return this.#sealed.place(memory, single.packet.offset(0), single.packet.length(0), 0);
  }

  /**
   * Authenticates every packet of the batch that no SA has seen yet, in place and in order.
   *
   * @returns How many were authenticated.
   * @throws RangeError when the batch's pool has too little headroom for this SA.
   * @throws TypeError after `wipe`, unless all packets are refused.
   */
  sealBatch(now: Instant, batch: Batch): number {
    const { descriptors, pool, size } = batch;
    if (pool.headroom < this.headOctets) throw new RangeError(`sealBatch: headroom must be ${this.headOctets} octets`);
    try {
      return this.#sealAll(now, pool.memory, descriptors, size);
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
  }

  /** Overwrites the key. To seal is a TypeError from then on. */
  wipe(): void {
    this.#transform.wipe();
  }

  #check(now: Instant, memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    const fault = this.#fault(memory, at, octets);
    if (fault !== undefined) return fault;
    if (this.#meter.isOver(now)) return 'expired';
    if (this.#sequence.isExhausted) return 'sequence-exhausted';
    return this.#isTooLong(memory, at, octets) ? 'too-long' : undefined;
  }

  #fault(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    if (this.mode === 'tunnel') return ip.packetOctets(memory, at, at + octets) === octets ? undefined : 'bad-inner';
    const fault = clearHeadersFault(memory, at, octets);
    if (fault !== undefined) return fault;
    const clear = clearOctets(memory, at, octets);
    this.#kept.keep(memory, at, at + clear);
    return authenticate(this.#kept.octets, 0, clear, 'out') ? undefined : 'bad-inner';
  }

  #isTooLong(memory: Uint8Array, at: number, octets: number): boolean {
    const family = this.#familyAround(memory, at);
    const sealed = this.#overhead[family].all + octets;
    return sealed > (family === 4 ? ipv4.MAX_PACKET_OCTETS : ip.MAX_PACKET_OCTETS);
  }

  #familyAround(memory: Uint8Array, at: number): 4 | 6 {
    return this.#outer?.family ?? (ip.version(memory, at) === 4 ? 4 : 6);
  }

  #sealAll(now: Instant, memory: Uint8Array, packets: Descriptors, size: number): number {
    let sealed = 0;
    for (let i = 0; i < size; i++) {
      if (!packets.isWaiting(i)) continue;
      const refusal = this.#check(now, memory, packets.offset(i), packets.length(i));
      if (refusal === undefined) {
        this.#seal(memory, packets, i);
        sealed += 1;
      } else {
        packets.refuse(i, refusal);
        this.#refusals.count(refusal);
      }
    }
    return sealed;
  }

  /** The packet as it will be sent, but with what is mutable zeroed until the ICV is there (RFC 4302 §3.3.3). */
  #seal(memory: Uint8Array, packets: Descriptors, index: number): void {
    const at = packets.offset(index);
    const octets = packets.length(index);
    const ahOctets = this.#overhead[this.#familyAround(memory, at)].ah;
    const end = at + octets;
    const sequence = this.#sequence;
    sequence.advance();
    this.#meter.count(octets);

    const clear = this.#outer === undefined ? clearOctets(memory, at, octets) : 0;
    const ahAt = at + clear - ahOctets;
    const headAt = ahAt - clear - (this.#outer?.octets ?? 0);
    const nextHeader = clear > 0 ? protocolBehind(memory, at, clear) : tunnelNextHeader(memory, at);
    if (this.#outer !== undefined) {
      this.#outer.write(memory, headAt, end - headAt, at);
    } else {
      moveClearHeaders(memory, at, headAt, clear, end - headAt, PROTOCOL.ah);
      if (ip.version(memory, headAt) === 4) ipv4.setHeaderChecksum(memory, headAt);
    }
    writeAhHeader(memory, ahAt, nextHeader, ahOctets, this.spi, sequence.low);
    memory.fill(0, ahAt + AH_HEADER_OCTETS, ahAt + ahOctets);

    const kept = this.#kept;
    kept.keep(memory, headAt, ahAt);
    authenticate(memory, headAt, ahAt, 'out');
    const high = this.esn ? sequence.high : undefined;
    this.#transform.compute(memory, headAt, end, high, memory, ahAt + AH_HEADER_OCTETS);
    kept.restore(memory, headAt, ahAt);
    packets.done(index, headAt, end - headAt, 0);
  }
}

function outerHeader(mode: Mode, outer: OuterHeaderOptions | undefined, rng: Rng): OuterHeader | undefined {
  if (mode === 'transport') {
    if (outer !== undefined) throw new TypeError('outer: there is none in transport mode');
    return undefined;
  }
  if (outer === undefined) throw new TypeError('outer: tunnel mode needs one, which AH authenticates');
  if (outer.udp !== undefined) throw new TypeError('outer.udp: AH is never in UDP (RFC 3948 §1)');
  return createOuterHeader(outer, rng, PROTOCOL.ah);
}
