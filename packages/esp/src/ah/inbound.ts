import { type AhSuite, ahSuite, type Engine, type IcvTransform, octetsView } from '@espalier/crypto';
import { ReplayWindow } from '@espalier/replay';
import {
  AH_HEADER_OCTETS,
  ahNextHeader,
  ahOctets,
  ahSequence,
  ahSignedSpi,
  type Instant,
  ip,
  PROTOCOL,
  requireObject,
  type Spi,
} from '@espalier/wire';
import type { Batch } from '../batch/batch.ts';
import type { Descriptors } from '../batch/descriptors.ts';
import { type Single, singleOf, take } from '../batch/single.ts';
import { headFault } from '../modes/clear-headers.ts';
import { type InboundMode, MODES, type Mode, refusalOf } from '../modes/mode.ts';
import type { DscpInside } from '../modes/tos.ts';
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
import { type EspCounters, RefusalCounter } from '../sa/counters.ts';
import { type Lifetime, LifetimeMeter, type LifetimeState } from '../sa/lifetime.ts';
import { plainOctets } from '../sa/octets.ts';
import { type EspRefusal, refused, replayRefusal } from '../sa/refusals.ts';
import { type OpenResult, Placement } from '../sa/results.ts';
import { authenticate } from './authenticated.ts';
import { requireNoEspOptions } from './esp-options.ts';
import { type Kept, keptOf } from './kept.ts';
import { ahOverhead } from './sizes.ts';

/** One inbound AH SA (RFC 4301 §4.4.2.1). */
export interface InboundAhSaOptions {
  /** Computes, and holds the key. */
  readonly engine: Engine;
  /** The suite, or its name: a MAC. */
  readonly suite: AhSuite | string;
  /** `suite.integrityKeyOctets`. Copied: the caller may wipe its own. */
  readonly key: Uint8Array;
  /** The SPI that this end chose: packets with another one are refused. */
  readonly spi: Spi;
  /** What of a packet is behind AH (RFC 4302 §3.1). Default `tunnel`. */
  readonly mode?: Mode;
  /** In tunnel mode the DSCP of what is delivered: its own, or that of the outer header (RFC 2983 §3). Default `keep`. */
  readonly dscp?: DscpInside;
  /** Extended sequence numbers. Default false. */
  readonly esn?: boolean;
  /** Packets that the anti-replay window spans, 32 to 4096, or none. Default 64 (RFC 4302 §3.4.3). */
  readonly replayWindow?: number | 'off';
  /** Default: no bound. */
  readonly lifetime?: Lifetime;
  /** Refuse an engine whose path for this suite is not constant-time. Default false. */
  readonly strictConstantTime?: boolean;
}

/**
 * The inbound direction of an AH SA (RFC 4302 §3.4). What it takes begins at the IP header, which is authenticated too. The
 * checks come in this order: the headers in front, length, SPI, lifetime, replay, ICV, next header and inner packet, ECN.
 * A packet whose ICV is wrong changes nothing but a counter, and is left as it came.
 */
export class InboundAhSa {
  readonly spi: Spi;
  readonly suite: AhSuite;
  readonly mode: Mode;
  readonly esn: boolean;
  /** Packets that the anti-replay window spans, or `off`. */
  readonly replayWindow: number | 'off';
  /** Of the header: in units of 4 octets, and of 8. */
  readonly #octets: number;
  readonly #paddedOctets: number;
  readonly #mode: InboundMode;
  readonly #window: ReplayWindow | undefined;
  readonly #meter: LifetimeMeter;
  readonly #refusals = new RefusalCounter();
  readonly #transform: IcvTransform;
  readonly #kept: Kept;
  readonly #single: Single;
  readonly #opened = new Placement();

  /**
   * @throws RangeError for a key of a wrong length, an unknown suite, an SPI that is none, or an option outside its bounds.
   * @throws TypeError for an option that is missing, of another kind or of the other mode, or ESN without a replay window.
   */
  constructor(options: InboundAhSaOptions) {
    requireObject('options', options);
    requireNoEspOptions(options);
    requireBooleans(options, 'esn', 'strictConstantTime');
    requireReplayWindow(options.replayWindow);
    const { engine, suite, key, spi, mode = 'tunnel', esn = false, replayWindow = 64 } = options;
    requireEngine(engine, 'createIcvTransform');
    requireSpi(spi);
    oneOf('mode', mode, MODES);
    if (esn && replayWindow === 'off') {
      throw new TypeError('InboundAhSa: esn needs a replayWindow, which tells the high half (RFC 4302 §3.3.2)');
    }
    this.spi = spi;
    this.suite = ahSuite(suite);
    this.#octets = ahOverhead(this.suite, { family: 4 }).ah;
    this.#paddedOctets = ahOverhead(this.suite, { family: 6 }).ah;
    this.mode = mode;
    this.esn = esn;
    this.replayWindow = replayWindow;
    this.#mode = inboundMode(mode, options.dscp);
    this.#window = replayWindow === 'off' ? undefined : new ReplayWindow({ packets: replayWindow, esn });
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

  /** Whether the lifetime still runs at `now` (RFC 4301 §4.4.2.1). An earlier `now` counts as the latest seen. */
  lifetimeState(now: Instant): LifetimeState {
    return this.#meter.state(now);
  }

  /** The highest sequence number opened; 0n before the first, undefined without an anti-replay window. */
  get highestSequence(): bigint | undefined {
    return this.#window?.highest;
  }

  /**
   * Verifies one packet, from its IP header to its end, into `out`, which may overlap it or be the same. The IP packet
   * without AH lies where the result says.
   *
   * @param outerTos TOS or traffic class of the outer header, for its ECN field (RFC 6040 §4.2). Default: not ECT.
   * @param outerOctets Octets of the headers in front of AH, which there must be.
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
    const { packet: one } = single;
    let refusal: EspRefusal | undefined;
    try {
      one.wait(0, 0, outerOctets, length - outerOctets, outerTos, outerOctets);
      refusal = this.#faultBeforeIcv(now, from, one, 0);
      if (refusal === undefined) {
        if (out !== packet) memory.set(from);
        refusal = this.#open(memory, one, 0);
      }
    } finally {
      single.isTaken = false;
    }
    if (refusal !== undefined) {
      this.#refusals.count(refusal);
      return refused(refusal);
    }
    return this.#opened.place(memory, one.offset(0), one.length(0), one.nextHeader(0));
  }

  /**
   * Opens every packet of the batch that no SA has seen yet, in place and in order; each was added with the octets of its
   * headers.
   *
   * @returns How many were opened.
   * @throws TypeError after `wipe`, unless all packets are refused unopened.
   */
  openBatch(now: Instant, batch: Batch): number {
    return this.#openAll(now, batch.pool.memory, batch.descriptors, batch.size);
  }

  /** Overwrites the key. To open is a TypeError from then on. */
  wipe(): void {
    this.#transform.wipe();
  }

  #openAll(now: Instant, memory: Uint8Array, packets: Descriptors, size: number): number {
    let opened = 0;
    for (let i = 0; i < size; i++) {
      if (!packets.isWaiting(i)) continue;
      const refusal = this.#faultBeforeIcv(now, memory, packets, i) ?? this.#open(memory, packets, i);
      if (refusal === undefined) {
        opened += 1;
      } else {
        packets.refuse(i, refusal);
        this.#refusals.count(refusal);
      }
    }
    return opened;
  }

  /** RFC 4302 §3.4.1 to §3.4.3. */
  #faultBeforeIcv(now: Instant, memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined {
    const ahAt = packets.offset(index);
    const at = ahAt - packets.headOctets(index);
    const end = ahAt + packets.length(index);
    const fault = headFault(memory, packets, index);
    if (fault !== undefined) return fault;
    if (ip.fragmentHeaderAt(memory, at, end) >= 0) return 'fragment';
    if (ip.payloadAt(memory, at, end) !== ahAt || ip.protocol(memory, at, end) !== PROTOCOL.ah) return 'bad-outer';
    if (!this.#fits(memory, at, ahAt, end)) return 'malformed';
    if (ahSignedSpi(memory, ahAt) !== (this.spi | 0)) return 'wrong-spi';
    if (this.#meter.isOver(now)) return 'expired';
    const verdict = this.#window?.check(ahSequence(memory, ahAt)) ?? 'new';
    return verdict === 'new' ? undefined : replayRefusal(verdict);
  }

  /** Whether the header has the octets of this suite: over IPv4 some senders pad it as over IPv6. */
  #fits(memory: Uint8Array, at: number, ahAt: number, end: number): boolean {
    const octets = ahOctets(memory, ahAt);
    if (end - ahAt < AH_HEADER_OCTETS || ahAt + octets > end) return false;
    return octets === this.#paddedOctets || (ip.version(memory, at) === 4 && octets === this.#octets);
  }

  /** RFC 4302 §3.4.4, and what follows when the ICV is right. */
  #open(memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined {
    const mode = this.#mode;
    const window = this.#window;
    const ahAt = packets.offset(index);
    const at = ahAt - packets.headOctets(index);
    const end = ahAt + packets.length(index);
    const nextHeader = ahNextHeader(memory, ahAt);
    const sequence = ahSequence(memory, ahAt);
    const sequenceHigh = window?.sequenceHigh ?? 0;
    const payloadAt = ahAt + ahOctets(memory, ahAt);
    const fault = this.#icvFault(memory, at, ahAt, end, sequenceHigh);
    if (fault !== undefined) return fault;

    const carried = mode.carriedOctets(memory, payloadAt, end - payloadAt, nextHeader);
    if (carried < 0) return refusalOf(carried);
    if (mode.isCongested(memory, payloadAt, packets.tos(index))) return 'congested';
    window?.commit(sequence, sequenceHigh);
    const deliveredAt = mode.deliver(memory, packets, index, payloadAt, carried, nextHeader);
    const octets = payloadAt + carried - deliveredAt;
    this.#meter.count(octets);
    packets.done(index, deliveredAt, octets, nextHeader);
    return undefined;
  }

  /** Afterwards the packet is as it came. */
  #icvFault(memory: Uint8Array, at: number, ahAt: number, end: number, sequenceHigh: number): EspRefusal | undefined {
    const icvAt = ahAt + AH_HEADER_OCTETS;
    const icvEnd = icvAt + this.suite.icvOctets;
    const high = this.esn ? sequenceHigh : undefined;
    const kept = this.#kept;
    kept.keep(memory, at, icvEnd);
    try {
      if (!authenticate(memory, at, ahAt, 'in')) return 'bad-outer';
      memory.fill(0, icvAt, icvEnd);
      const isRight = this.#transform.verify(memory, at, end, high, kept.octets, icvAt - at);
      return isRight ? undefined : 'bad-icv';
    } finally {
      kept.restore(memory, at, icvEnd);
    }
  }
}

function inboundMode(mode: Mode, dscp: DscpInside | undefined): InboundMode {
  if (mode === 'transport') {
    if (dscp !== undefined) throw new TypeError('dscp: there is one header in transport mode');
    return new InboundTransport(undefined);
  }
  if (dscp !== undefined) oneOf('dscp', dscp, ['keep', 'copy']);
  return new InboundTunnel(dscp ?? 'keep');
}
