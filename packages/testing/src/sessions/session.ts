import type { Endpoint, HandleResult, IkeEvent, IkeRefusal, TimerReason } from '@espalier/ike';
import { after, type Instant, instant, milliseconds, seconds, toHex } from '@espalier/wire';
import type { SessionEnd } from './ends/ends.ts';
import { otherSide, type SessionAct, SIDES, type Side } from './specification.ts';

/** A datagram on its way. */
export interface Flight {
  /** Counts all datagrams from 0. */
  readonly index: number;
  readonly from: Side;
  readonly source: Endpoint;
  readonly destination: Endpoint;
  /** As it was sent. */
  readonly octets: Uint8Array;
  /** What its sender was waiting for no longer when it sent it: undefined for what answers a datagram or a command. */
  readonly because: TimerReason | undefined;
  readonly arrives: Instant;
}

/** A datagram that has arrived, as it did. */
export interface Delivered extends Flight {
  readonly delivered: Uint8Array;
  readonly result: HandleResult;
}

const LATENCY = milliseconds(10);
const BETWEEN_ACTS = seconds(2);
/** So many datagrams end a session: nothing good comes after. */
const DATAGRAMS_MOST = 10_000;
const START = instant(1_000_000);

/**
 * Two ends, the network between them and the clock of both, on virtual time: nothing else happens, and always the same. The
 * caller takes each datagram on its way and hands it on, as it is or otherwise.
 */
export class Session {
  readonly ends: Readonly<Record<Side, SessionEnd>>;
  /** What was delivered, in order: the transcript. */
  readonly delivered: Delivered[] = [];
  readonly events: Readonly<Record<Side, IkeEvent[]>> = { left: [], right: [] };
  readonly #flights: Flight[] = [];
  readonly #acts: readonly SessionAct[];
  readonly #end: Instant;
  #now: Instant = START;
  #sent = 0;
  #acted = -1;

  /** `lasts`: for how long the ends are left alone after the last act. Default 3 s. */
  constructor(
    ends: Readonly<Record<Side, SessionEnd>>,
    acts: readonly SessionAct[] = [],
    { lasts = seconds(3) }: { readonly lasts?: ReturnType<typeof seconds> } = {},
  ) {
    this.ends = ends;
    this.#acts = acts;
    this.#end = after(START, milliseconds(acts.length * BETWEEN_ACTS + lasts));
  }

  get now(): Instant {
    return this.#now;
  }

  /** The next datagram that arrives, which is the caller's to deliver, or to lose; undefined at the session's end. */
  next(): Flight | undefined {
    while (this.#sent < DATAGRAMS_MOST) {
      const [flight] = this.#flights;
      const act = after(START, milliseconds((this.#acted + 1) * BETWEEN_ACTS));
      const actAt = this.#acted < this.#acts.length ? act : Number.POSITIVE_INFINITY;
      const timer = this.#timer();
      const at = Math.min(flight?.arrives ?? Number.POSITIVE_INFINITY, timer?.at ?? Number.POSITIVE_INFINITY, actAt);
      if (at > this.#end) return undefined;
      if (at > this.#now) this.#now = instant(at);
      if (actAt === at) this.#act();
      else if (flight !== undefined && flight.arrives === at) return this.#flights.shift();
      else if (timer !== undefined) this.#serve(timer.side, timer.reason);
    }
    return undefined;
  }

  /** Hands a datagram to the end that it is for. `octets`: what arrives in its place. */
  deliver(flight: Flight, octets: Uint8Array = flight.octets): HandleResult {
    const result = this.inject(flight, octets);
    this.delivered.push({ ...flight, delivered: octets, result });
    return result;
  }

  /** Hands over octets that nobody has sent, as if they came with the flight; they are no part of the transcript. */
  inject(flight: Flight, octets: Uint8Array): HandleResult {
    const side = otherSide(flight.from);
    const result = this.ends[side].endpoint.handleDatagram(this.#now, flight.source, flight.destination, octets);
    const reason = this.#drain(side);
    return result.ok && reason !== undefined ? { ok: false, reason } : result;
  }

  /** What the two ends show, in one line: equal where nothing has changed. */
  standing(side: Side): string {
    const { endpoint } = this.ends[side];
    return JSON.stringify([endpoint.children(), this.events[side].length, this.#sent, endpoint.pollTimeout()]);
  }

  #timer(): { readonly side: Side; readonly at: Instant; readonly reason: TimerReason } | undefined {
    const timers = SIDES.flatMap((side) => {
      const timeout = this.ends[side].endpoint.pollTimeout();
      return timeout === undefined ? [] : [{ side, ...timeout }];
    });
    return timers.sort((a, b) => a.at - b.at)[0];
  }

  #serve(side: Side, reason: TimerReason): void {
    this.ends[side].endpoint.handleTimeout(this.#now);
    this.#drain(side, reason);
  }

  /** The first act of all is that the left end begins. */
  #act(): void {
    const { by, act, child: newer = 0 } = this.#acts[this.#acted++] ?? { by: 'left', act: 'begin' };
    const { endpoint, peerName, acts } = this.ends[by];
    const own = acts?.[act];
    const child = endpoint.children().at(-1 - newer)?.inbound;
    if (own !== undefined) own(this.#now);
    else if (act === 'begin') endpoint.initiate(this.#now, peerName);
    else if (act === 'close') endpoint.close(this.#now);
    else if (act === 'renew-ike') endpoint.rekeyIke(this.#now, peerName);
    else if (child === undefined) return;
    else if (act === 'renew-child') endpoint.rekeyChild(this.#now, child);
    else if (act === 'delete-child') endpoint.deleteChild(this.#now, child);
    else if (act === 'probe') endpoint.askForLife(this.#now, child);
    this.#drain(by);
  }

  /** Why a message was refused once what it had made the end ask was answered; undefined where none was. */
  #drain(side: Side, because?: TimerReason): IkeRefusal | undefined {
    const { endpoint, answer, heed } = this.ends[side];
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) {
      this.events[side].push(event);
      heed?.(event);
    }
    for (let sent = endpoint.pollTransmit(); sent !== undefined; sent = endpoint.pollTransmit()) {
      const arrives = after(this.#now, LATENCY);
      this.#flights.push({ index: this.#sent++, from: side, arrives, because, ...sent });
    }
    const question = endpoint.pollQuestion();
    const said = question === undefined ? undefined : answer?.(question);
    if (question === undefined || said === undefined) return undefined;
    const result = endpoint.answer(this.#now, question.id, said);
    const refused = result.ok ? result.refused : undefined;
    return this.#drain(side, because) ?? refused;
  }
}

/** Each datagram in hexadecimal, behind the end that it came from. */
export function transcriptOf({ delivered }: Session): readonly string[] {
  return delivered.map(({ from, delivered: octets }) => `${from} ${toHex(octets)}`);
}
