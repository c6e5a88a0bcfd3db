import { type AhSuite, ahSuite, type IcvTransform, keyLimits, octetsView, type Rng } from '@espalier/crypto';
import {
  AH_HEADER_OCTETS,
  type Instant,
  ip,
  ipv4,
  PROTOCOL,
  prepareAhHeaders,
  requireObject,
  writeAhHeader,
  writeU32,
} from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { endOfRun, requireSas } from '../batch/many.ts';
import { clearHeadersFault, clearOctets, moveClearHeaders, protocolBehind } from '../modes/clear-headers.ts';
import type { Mode } from '../modes/mode.ts';
import { createOuterHeader, type OuterHeader, type OuterHeaderOptions } from '../modes/outer.ts';
import { tunnelNextHeader } from '../modes/tunnel.ts';
import { requireBooleans, requireEngine } from '../sa/arguments.ts';
import { Outbound, type OutboundOptions } from '../sa/outbound.ts';
import type { EspRefusal } from '../sa/refusals.ts';
import { requireNoEspOptions } from './esp-options.ts';
import { type Kept, keptOf } from './kept.ts';
import { type AhOverhead, ahOverhead } from './sizes.ts';

/** One outbound AH SA (RFC 4301 §4.4.2.1). */
export interface OutboundAhSaOptions extends OutboundOptions {
  /** The suite, or its name: a MAC. */
  readonly suite: AhSuite | string;
  /** `suite.integrityKeyOctets`. Copied: the caller may wipe its own. */
  readonly key: Uint8Array;
  /** The tunnel's outer header, which tunnel mode must have; never in UDP, for a NAT would change what is authenticated. */
  readonly outer?: OuterHeaderOptions;
  /**
   * Units of octets that the header fills over IPv4: 4 (RFC 4302 §3.3.3.2.1), or 8 for Linux without its flag align4.
   * Over IPv6 it is always 8. Default 4.
   */
  readonly alignment?: 4 | 8;
}

/** One direction of an AH SA: authenticates IP packets, in tunnel mode or in transport mode (RFC 4302 §3.3). */
export class OutboundAhSa extends Outbound {
  readonly suite: AhSuite;
  /** Octets by which a packet grows in front at most: outer header and AH. */
  readonly headOctets: number;
  /** What a packet of each family grows by. */
  readonly #overhead: Readonly<Record<4 | 6, AhOverhead>>;
  readonly #rng: Rng;
  #outer: OuterHeader | undefined;
  readonly #transform: IcvTransform;
  readonly #kept: Kept;
  /** IV, which is the sequence number, and ICV of a suite that has one (RFC 4543 §3.1): what is authenticated has neither. */
  readonly #counted: Uint8Array | undefined;

  /**
   * @throws RangeError for a key of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode.
   */
  constructor(options: OutboundAhSaOptions) {
    requireObject('options', options);
    requireNoEspOptions(options);
    requireBooleans(options, 'esn', 'antiReplay', 'keepAhead', 'strictConstantTime');
    const { engine, key, rng, outer, alignment = 4 } = options;
    requireEngine(engine, 'createIcvTransform');
    if (alignment !== 4 && alignment !== 8) throw new RangeError('alignment must be 4 or 8');
    const suite = ahSuite(options.suite);
    super(options, suite, keyLimits(suite));
    const { mode } = this;
    this.suite = suite;
    this.#overhead = {
      4: ahOverhead(suite, { mode, family: 4, alignment }),
      6: ahOverhead(suite, { mode, family: 6, alignment }),
    };
    this.#rng = rng;
    this.#outer = outerHeader(mode, outer, rng);
    this.headOctets = (this.#outer?.octets ?? 0) + Math.max(this.#overhead[4].ah, this.#overhead[6].ah);
    this.#kept = keptOf(engine);
    this.#counted = suite.ivOctets === 0 ? undefined : new Uint8Array(suite.ivOctets + suite.icvOctets);
    this.#transform = engine.createIcvTransform({
      suite: this.suite,
      key: octetsView('key', key),
      strictConstantTime: options.strictConstantTime ?? false,
    });
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
   * Authenticates every packet of the batch that no SA has seen yet, the packet at `i` by `sas[i]`, in place and in order:
   * what each SA's `sealBatch` would do.
   *
   * @returns How many were authenticated.
   * @throws TypeError, with nothing done, unless each packet has an SA, all of one engine and none wiped.
   * @throws RangeError when the batch's pool has too little headroom for one of them; with nothing done.
   */
  static sealMany(now: Instant, batch: Batch, sas: readonly OutboundAhSa[]): number {
    const { descriptors, jobs, pool, size } = batch;
    requireSas(sas);
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = OutboundAhSa.#at(sas, i);
      if (sa.engine !== sas[0]?.engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
      sa.requireRoom(batch);
      sa.meter.see(now);
    }
    let sealed = 0;
    try {
      for (let i = 0, end = 0; i < size; i = end) {
        end = endOfRun(sas, i, size);
        sealed += OutboundAhSa.#at(sas, i).sealRun(pool.memory, descriptors, i, end, jobs, pool.packetOctets);
      }
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return sealed;
  }

  protected check(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    const fault = this.#fault(memory, at, octets);
    if (fault !== undefined) return fault;
    if (this.meter.isOver) return 'expired';
    if (this.sequence.isSpent) return this.sequence.isExhausted ? 'sequence-exhausted' : 'not-kept';
    return this.#isTooLong(memory, at, octets) ? 'too-long' : undefined;
  }

  protected sealRun(
    memory: Uint8Array,
    packets: Descriptors,
    from: number,
    end: number,
    _jobs: Jobs,
    _roomOctets: number,
  ): number {
    let sealed = 0;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const refusal = this.check(memory, packets.offset(i), packets.length(i));
      if (refusal === undefined) {
        this.#seal(memory, packets, i);
        sealed += 1;
      } else {
        packets.refuse(i, refusal);
        this.refusals.count(refusal);
      }
    }
    return sealed;
  }

  protected wipeKeys(): void {
    this.#transform.wipe();
  }

  #fault(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    if (this.mode === 'tunnel') return ip.packetOctets(memory, at, at + octets) === octets ? undefined : 'bad-inner';
    const fault = clearHeadersFault(memory, at, octets);
    if (fault !== undefined) return fault;
    const clear = clearOctets(memory, at, octets);
    this.#kept.keep(memory, at, at + clear);
    return prepareAhHeaders(this.#kept.octets, 0, clear, 'out') ? undefined : 'bad-inner';
  }

  #isTooLong(memory: Uint8Array, at: number, octets: number): boolean {
    const family = this.#familyAround(memory, at);
    const sealed = this.#overhead[family].all + octets;
    return sealed > (family === 4 ? ipv4.MAX_PACKET_OCTETS : ip.MAX_PACKET_OCTETS);
  }

  #familyAround(memory: Uint8Array, at: number): 4 | 6 {
    return this.#outer?.family ?? (ip.version(memory, at) === 4 ? 4 : 6);
  }

  /** The packet as it will be sent, but with what is mutable zeroed until the ICV is there (RFC 4302 §3.3.3). */
  #seal(memory: Uint8Array, packets: Descriptors, index: number): void {
    const at = packets.offset(index);
    const octets = packets.length(index);
    const ahOctets = this.#overhead[this.#familyAround(memory, at)].ah;
    const end = at + octets;
    const sequence = this.sequence;
    sequence.advance();
    this.meter.count(octets);

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
    prepareAhHeaders(memory, headAt, ahAt, 'out');
    const high = this.esn ? sequence.high : undefined;
    if (this.#counted === undefined) {
      this.#transform.compute(memory, headAt, end, high, memory, ahAt + AH_HEADER_OCTETS);
    } else {
      writeU32(this.#counted, 0, sequence.high);
      writeU32(this.#counted, 4, sequence.low);
      this.#transform.compute(memory, headAt, end, high, this.#counted, 0);
      memory.set(this.#counted, ahAt + AH_HEADER_OCTETS);
    }
    kept.restore(memory, headAt, ahAt);
    packets.done(index, headAt, end - headAt, 0);
  }

  /** The SA of a packet. @throws TypeError unless it is one that can seal. */
  static #at(sas: readonly OutboundAhSa[], index: number): OutboundAhSa {
    const sa = sas[index];
    if (!(sa instanceof OutboundAhSa)) throw new TypeError(`sas[${index}] must be an OutboundAhSa`);
    if (sa.isWiped) throw new TypeError(`sas[${index}] is wiped`);
    return sa;
  }
}

function outerHeader(mode: Mode, outer: OuterHeaderOptions | undefined, rng: Rng): OuterHeader | undefined {
  if (mode === 'transport') {
    if (outer !== undefined) throw new TypeError('outer: there is none in transport mode');
    return undefined;
  }
  if (outer === undefined) throw new TypeError('outer: tunnel mode needs one, which AH authenticates');
  requireObject('outer', outer);
  if (outer.udp !== undefined) throw new TypeError('outer.udp: AH is never in UDP (RFC 3948 §1)');
  return createOuterHeader(outer, rng, PROTOCOL.ah);
}
