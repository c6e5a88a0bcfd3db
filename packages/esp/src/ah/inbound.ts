import { type AhSuite, ahSuite, type IcvTransform, keyLimits, octetsView } from '@espalier/crypto';
import {
  AH_HEADER_OCTETS,
  ahNextHeader,
  ahOctets,
  ahSequence,
  ahSignedSpi,
  type Instant,
  ip,
  PROTOCOL,
  prepareAhHeaders,
  requireObject,
} from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import type { Jobs } from '../batch/jobs.ts';
import { endOfRun, requireSas } from '../batch/many.ts';
import { headFault } from '../modes/clear-headers.ts';
import { inboundMode } from '../modes/inbound.ts';
import { type InboundMode, refusalOf } from '../modes/mode.ts';
import { requireBooleans, requireEngine } from '../sa/arguments.ts';
import { Inbound, type InboundOptions } from '../sa/inbound.ts';
import { type EspRefusal, replayRefusal } from '../sa/refusals.ts';
import { requireNoEspOptions } from './esp-options.ts';
import { type Kept, keptOf } from './kept.ts';
import { ahOverhead } from './sizes.ts';

/** One inbound AH SA (RFC 4301 §4.4.2.1). */
export interface InboundAhSaOptions extends InboundOptions {
  /** The suite, or its name: a MAC. */
  readonly suite: AhSuite | string;
  /** `suite.integrityKeyOctets`. Copied: the caller may wipe its own. */
  readonly key: Uint8Array;
}

/**
 * The inbound direction of an AH SA (RFC 4302 §3.4). What it takes begins at the IP header, which is authenticated too. The
 * checks come in this order: the headers in front, length, SPI, lifetime, replay, ICV, next header and inner packet, ECN,
 * then once more what earlier packets of the same batch may have changed. A packet whose ICV is wrong changes nothing but a counter, and is left as it came.
 */
export class InboundAhSa extends Inbound {
  readonly suite: AhSuite;
  /** Of the header: in units of 4 octets, and of 8. */
  readonly #octets: number;
  readonly #paddedOctets: number;
  readonly #mode: InboundMode;
  readonly #transform: IcvTransform;
  readonly #kept: Kept;

  /**
   * @throws RangeError for a key of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, or ESN without a replay window.
   */
  constructor(options: InboundAhSaOptions) {
    requireObject('options', options);
    requireNoEspOptions(options);
    requireBooleans(options, 'esn', 'keepAhead', 'strictConstantTime');
    const { engine, key } = options;
    requireEngine(engine, 'createIcvTransform');
    const suite = ahSuite(options.suite);
    super(options, suite, keyLimits(suite));
    this.suite = suite;
    this.#octets = ahOverhead(suite, { family: 4 }).ah;
    this.#paddedOctets = ahOverhead(suite, { family: 6 }).ah;
    this.#mode = inboundMode(this.mode, options);
    this.#kept = keptOf(engine);
    this.#transform = engine.createIcvTransform({
      suite: this.suite,
      key: octetsView('key', key),
      strictConstantTime: options.strictConstantTime ?? false,
    });
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, the packet at `i` by `sas[i]`, in place and in order: what
   * each SA's `openBatch` would do.
   *
   * @returns How many were opened.
   * @throws TypeError, with nothing done, unless each packet has an SA, all of one engine and none wiped.
   */
  static openMany(now: Instant, batch: Batch, sas: readonly InboundAhSa[]): number {
    const { descriptors, jobs, pool, size } = batch;
    requireSas(sas);
    for (let i = 0; i < size; i = endOfRun(sas, i, size)) {
      const sa = InboundAhSa.#at(sas, i);
      if (sa.engine !== sas[0]?.engine) throw new TypeError(`sas[${i}] must be of the same engine as the others`);
      sa.meter.see(now);
    }
    let opened = 0;
    try {
      for (let i = 0, end = 0; i < size; i = end) {
        end = endOfRun(sas, i, size);
        const sa = InboundAhSa.#at(sas, i);
        jobs.begin();
        sa.admit(pool.memory, descriptors, i, end, jobs);
        opened += sa.openRun(pool.memory, descriptors, i, end, jobs);
      }
    } catch (error) {
      descriptors.spoil(0, size);
      throw error;
    }
    return opened;
  }

  protected wipeKeys(): void {
    this.#transform.wipe();
  }

  protected admit(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): void {
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const refusal = this.#faultBeforeIcv(memory, packets, i);
      if (refusal !== undefined) this.refuse(packets, i, refusal);
      else jobs.add(packets.offset(i), packets.length(i), this.window?.sequenceHigh ?? 0);
    }
  }

  protected openRun(memory: Uint8Array, packets: Descriptors, from: number, end: number, jobs: Jobs): number {
    let good = 0;
    for (let i = from; i < end; i++) {
      if (!packets.isWaiting(i)) continue;
      const refusal = this.#open(memory, packets, i, jobs.sequenceHigh(jobs.read));
      jobs.read += 1;
      if (refusal !== undefined) this.refuse(packets, i, refusal);
      else good += 1;
    }
    return good;
  }

  /** RFC 4302 §3.4.1 to §3.4.3. */
  #faultBeforeIcv(memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined {
    const ahAt = packets.offset(index);
    const at = ahAt - packets.headOctets(index);
    const end = ahAt + packets.length(index);
    const fault = headFault(memory, packets, index);
    if (fault !== undefined) return fault;
    if (ip.fragmentHeaderAt(memory, at, end) >= 0) return 'fragment';
    if (ip.payloadAt(memory, at, end) !== ahAt || ip.protocol(memory, at, end) !== PROTOCOL.ah) return 'bad-outer';
    if (!this.#fits(memory, at, ahAt, end)) return 'malformed';
    if (ahSignedSpi(memory, ahAt) !== (this.spi | 0)) return 'wrong-spi';
    if (this.meter.isOver) return 'expired';
    const { window } = this;
    if (window === undefined) return undefined;
    const sequence = ahSequence(memory, ahAt);
    const verdict = window.check(sequence);
    if (verdict !== 'new') return replayRefusal(verdict);
    return this.bound?.isBelow(sequence, window.sequenceHigh) ? 'not-kept' : undefined;
  }

  /** Whether the header has the octets of this suite: over IPv4 some senders pad it as over IPv6. */
  #fits(memory: Uint8Array, at: number, ahAt: number, end: number): boolean {
    const octets = ahOctets(memory, ahAt);
    if (end - ahAt < AH_HEADER_OCTETS || ahAt + octets > end) return false;
    return octets === this.#paddedOctets || (ip.version(memory, at) === 4 && octets === this.#octets);
  }

  /** RFC 4302 §3.4.4, and what follows when the ICV is right. */
  #open(memory: Uint8Array, packets: Descriptors, index: number, inferred: number): EspRefusal | undefined {
    const mode = this.#mode;
    const { row } = this;
    const ahAt = packets.offset(index);
    const at = ahAt - packets.headOctets(index);
    const end = ahAt + packets.length(index);
    const nextHeader = ahNextHeader(memory, ahAt);
    const sequence = ahSequence(memory, ahAt);
    const payloadAt = ahAt + ahOctets(memory, ahAt);
    const fault = this.#icvFault(memory, at, ahAt, end, inferred);
    if (fault === 'bad-outer') return fault;
    const others = fault === undefined || row === undefined ? -1 : this.#highOf(memory, at, ahAt, end, inferred);
    const sequenceHigh = fault === undefined ? inferred : others;
    if (sequenceHigh < 0) return 'bad-icv';
    row?.end();

    const carried = mode.carriedOctets(memory, payloadAt, end - payloadAt, nextHeader);
    if (carried < 0) return refusalOf(carried);
    if (mode.isCongested(memory, payloadAt, packets.tos(index))) return 'congested';
    if (this.meter.isOver) return 'expired';
    const verdict = this.window?.commit(sequence, sequenceHigh) ?? 'new';
    if (verdict !== 'new') return replayRefusal(verdict);
    const deliveredAt = mode.deliver(memory, packets, index, payloadAt, carried, nextHeader);
    const octets = payloadAt + carried - deliveredAt;
    this.meter.count(octets);
    packets.done(index, deliveredAt, octets, nextHeader);
    return undefined;
  }

  /** The high half with which the ICV is right after all: see `findHigh`. */
  #highOf(memory: Uint8Array, at: number, ahAt: number, end: number, inferred: number): number {
    const isRight = (high: number) => this.#icvFault(memory, at, ahAt, end, high) === undefined;
    return this.findHigh(ahSequence(memory, ahAt), inferred, isRight);
  }

  /** Afterwards the packet is as it came. */
  #icvFault(memory: Uint8Array, at: number, ahAt: number, end: number, sequenceHigh: number): EspRefusal | undefined {
    const icvAt = ahAt + AH_HEADER_OCTETS;
    const icvEnd = icvAt + this.suite.ivOctets + this.suite.icvOctets;
    const high = this.esn ? sequenceHigh : undefined;
    const kept = this.#kept;
    kept.keep(memory, at, icvEnd);
    try {
      if (!prepareAhHeaders(memory, at, ahAt, 'in')) return 'bad-outer';
      memory.fill(0, icvAt, icvEnd);
      const isRight = this.#transform.verify(memory, at, end, high, kept.octets, icvAt - at);
      return isRight ? undefined : 'bad-icv';
    } finally {
      kept.restore(memory, at, icvEnd);
    }
  }

  /** The SA of a packet. @throws TypeError unless it is one that can open. */
  static #at(sas: readonly InboundAhSa[], index: number): InboundAhSa {
    const sa = sas[index];
    if (!(sa instanceof InboundAhSa)) throw new TypeError(`sas[${index}] must be an InboundAhSa`);
    if (sa.isWiped) throw new TypeError(`sas[${index}] is wiped`);
    return sa;
  }
}
