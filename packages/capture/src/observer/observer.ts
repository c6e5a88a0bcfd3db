import { octetsView } from '@espalier/crypto';
import { requireObject } from '@espalier/wire';
import { assess } from '../assessment/assess.ts';
import type { Carried, Found, SeenLayer, Unread } from '../packets/carried.ts';
import { PacketFinder } from '../packets/finder.ts';
import type { ConversationRow, Report, UnreadRow } from '../report/report.ts';
import { AhWatch } from './ah/ah-watch.ts';
import {
  type ObservedDatagram,
  type ObservedFrame,
  type ObserverOptions,
  readEnd,
  readOptions,
  requireFrame,
  requireNumber,
  requireTime,
} from './arguments.ts';
import { EspWatch } from './esp/esp-watch.ts';
import { packetInside } from './esp/trailer.ts';
import { IkeWatch } from './ike/ike-watch.ts';
import { type Beyond, countBeyond, type ObserverLimits } from './limits.ts';
import type { EspObservation, Observation } from './observation.ts';
import { SaTable } from './sa/sa-table.ts';
import { whereOf } from './where.ts';

const CUT: Unread = { kind: 'cut', why: 'octets that the snap length of the capture has cut off' };

/** ESP in ESP in ESP. */
const MOST_DEPTH = 4;

type Counts = { -readonly [Name in keyof Omit<ConversationRow, 'addresses'>]: number };

interface Conversation extends Counts {
  addresses: readonly [string, string];
}

/**
 * Reads along IPsec in the frames of a capture, given in order: what each holds, decrypted as far as keys allow, and what
 * all show together. It takes time for each frame that does not grow with their number, and its memory is bounded by its
 * limits. It refuses nothing that it can show with a note, and never throws for what a frame holds.
 */
export class Observer {
  readonly #finder: PacketFinder;
  readonly #ike: IkeWatch;
  readonly #sas: SaTable;
  readonly #esp: EspWatch;
  readonly #ah: AhWatch;
  readonly #limits: ObserverLimits;
  readonly #beyond: Beyond = {};
  readonly #conversations: Conversation[] = [];
  readonly #conversationOf = new Map<string, number>();
  readonly #unread = new Map<string, Unread & { frames: number; octets: number; readonly firstFrame: number }>();
  readonly #observations = { isakmp: 0, esp: 0, ah: 0, keepalive: 0, icmp: 0 };
  #frames = 0;
  #octets = 0;
  #firstTime: number | undefined;
  #lastTime: number | undefined;

  /** @throws TypeError or RangeError, naming the option. */
  constructor(options: ObserverOptions = {}) {
    const { engine, keys, ports, limits } = readOptions(options);
    this.#limits = limits;
    this.#finder = new PacketFinder(ports);
    this.#sas = new SaTable(this.#limits, this.#beyond);
    this.#esp = new EspWatch(engine, keys, this.#sas);
    this.#ah = new AhWatch(engine, keys, this.#sas);
    this.#ike = new IkeWatch(keys, this.#limits, this.#beyond, this.#sas);
  }

  /**
   * What the frame holds, in order: most hold one thing, or none; what is in a tunnel that was opened comes behind it.
   * @throws TypeError unless its octets are a Uint8Array and the rest numbers; RangeError unless its time is finite.
   */
  push(frame: ObservedFrame): readonly Observation[] {
    requireObject('frame', frame);
    requireFrame(frame);
    const plain = octetsView('octets', frame.octets);
    const { number, time, linkType, originalOctets = plain.length } = frame;
    this.#count(time, originalOctets);
    const missing = originalOctets - plain.length;
    if (missing > 0) this.#pass(CUT, number, missing);
    const found = this.#finder.find({ time, linkType, octets: plain, originalOctets });
    return this.#take(found, number, time, originalOctets, 0);
  }

  /**
   * Likewise of a UDP datagram, as a socket gives or takes it; at other ports than IKE's it is taken for either form.
   * @throws TypeError unless its octets are a Uint8Array; RangeError unless its addresses are such.
   */
  pushDatagram(datagram: ObservedDatagram): readonly Observation[] {
    requireObject('datagram', datagram);
    const { number, time } = datagram;
    requireNumber('number', number);
    requireTime(time);
    const plain = octetsView('octets', datagram.octets);
    const [from, to] = [readEnd('source', datagram.source), readEnd('destination', datagram.destination)];
    this.#count(time, plain.length);
    const found = this.#finder.findDatagram({ source: from, destination: to, octets: plain });
    return this.#take(found, number, time, plain.length, 0);
  }

  /**
   * What was in an ESP packet that was opened before, so that nobody has to keep it: the octets of its observation again.
   * Nothing is counted, and no verdict changes. Undefined where it cannot be opened.
   * @throws TypeError unless its octets are a Uint8Array.
   */
  reopen(
    observation: Pick<EspObservation, 'sa' | 'octets' | 'sequenceHigh'>,
  ): Pick<EspObservation, 'inner' | 'nextHeader' | 'cpi'> | undefined {
    requireObject('observation', observation);
    const { sa, octets, sequenceHigh } = observation;
    const content = this.#esp.reopen(sa, octetsView('octets', octets), sequenceHigh);
    return content === undefined
      ? undefined
      : { inner: content.inner, nextHeader: content.nextHeader, cpi: content.cpi };
  }

  /** All that the frames so far show together: a copy, as JSON takes it. */
  report(): Report {
    // First: a standstill says that an IKE SA has failed.
    const failures = this.#ike.failureRows();
    const rows = {
      ikeSas: this.#ike.sas.map((sa) => sa.row()),
      exchanges: this.#ike.exchanges.map((exchange) => exchange.row()),
      sas: this.#sas.rows(),
      failures,
    };
    return {
      frames: this.#frames,
      octets: this.#octets,
      firstTime: this.#firstTime,
      lastTime: this.#lastTime,
      observations: { ...this.#observations },
      conversations: this.#conversations.map((one) => ({ ...one })),
      ...rows,
      peers: this.#ike.peers(),
      findings: assess(rows),
      unread: this.#unreadRows(),
      beyondLimits: { ...this.#beyond },
    };
  }

  #count(time: number, octets: number): void {
    this.#frames += 1;
    this.#octets += octets;
    this.#firstTime ??= time;
    this.#lastTime = time;
  }

  #take(
    { carried, unread }: Found,
    frame: number,
    time: number,
    octets: number,
    depth: number,
  ): readonly Observation[] {
    if (depth === 0 || carried.length > 0) for (const one of unread) this.#pass(one, frame, octets);
    return carried.flatMap((one) => this.#observe(one, frame, time, depth));
  }

  #observe(carried: Carried, frame: number, time: number, depth: number): readonly Observation[] {
    const conversation = this.#conversation(carried, frame, time);
    const at = { carried, frame, time, conversation };
    switch (carried.kind) {
      case 'isakmp': {
        const observations = this.#ike.observe(at);
        this.#observations.isakmp += observations.length;
        return observations;
      }
      case 'esp': {
        this.#observations.esp += 1;
        const observation = this.#esp.observe(at);
        const { inner, nextHeader } = observation;
        if (inner === undefined || nextHeader === undefined || depth === MOST_DEPTH) return [observation];
        const packet = packetInside({ inner, nextHeader }, carried.headers, this.#finder.isUdpRead);
        if (packet === undefined) return [observation];
        return [
          observation,
          ...this.#inside(packet, frame, time, [...carried.layers, { name: 'ESP', at: carried.at ?? -1 }], depth),
        ];
      }
      case 'ah':
        this.#observations.ah += 1;
        return [this.#ah.observe(at)];
      case 'keepalive':
        this.#observations.keepalive += 1;
        return [{ kind: 'keepalive', ...whereOf(at) }];
      case 'icmp':
        this.#observations.icmp += 1;
        return [{ kind: 'icmp', ...whereOf(at), error: carried.error, octets: carried.octets }];
    }
  }

  #inside(
    packet: Uint8Array,
    frame: number,
    time: number,
    layers: readonly SeenLayer[],
    depth: number,
  ): readonly Observation[] {
    return this.#take(this.#finder.findInside(packet, time, layers), frame, time, packet.length, depth + 1);
  }

  #conversation({ kind, from, to, octets, missing }: Carried, frame: number, time: number): number {
    const addresses = from < to ? ([from, to] as const) : ([to, from] as const);
    const key = addresses.join(' ');
    const known = this.#conversationOf.get(key);
    const index = known ?? this.#conversations.length;
    if (known === undefined) {
      if (index >= this.#limits.conversations) {
        countBeyond(this.#beyond, 'conversations');
        return -1;
      }
      this.#conversationOf.set(key, index);
      const counts = { isakmp: 0, esp: 0, ah: 0, keepalive: 0, icmp: 0, octets: 0 };
      this.#conversations.push({
        addresses,
        firstTime: time,
        lastTime: time,
        firstFrame: frame,
        lastFrame: frame,
        ...counts,
      });
    }
    const conversation = this.#conversations[index];
    if (conversation === undefined) return -1;
    conversation[kind] += 1;
    conversation.octets += octets.length + missing;
    conversation.lastTime = time;
    conversation.lastFrame = frame;
    return index;
  }

  #pass({ kind, why }: Unread, frame: number, octets: number): void {
    const known = this.#unread.get(why);
    if (known !== undefined) {
      known.frames += 1;
      known.octets += octets;
    } else if (this.#unread.size < this.#limits.unread) {
      this.#unread.set(why, { kind, why, frames: 1, octets, firstFrame: frame });
    } else {
      countBeyond(this.#beyond, 'unread');
    }
  }

  #unreadRows(): readonly UnreadRow[] {
    const waiting = (why: string, frames: number): readonly UnreadRow[] =>
      frames === 0 ? [] : [{ kind: 'incomplete', why, frames, octets: 0, firstFrame: 0 }];
    return [
      ...Array.from(this.#unread.values(), (row) => ({ ...row })),
      ...waiting('datagrams of which fragments were not captured', this.#finder.datagramsIncomplete),
      ...waiting('directions of TCP in which messages are not whole', this.#finder.streamsIncomplete),
    ].sort((a, b) => b.frames - a.frames);
  }
}
