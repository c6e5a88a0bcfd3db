import type { Rng } from '@espalier/crypto';
import { type Endpoint, IkeEndpoint, type IkeEvent, type PeerConfig, type Transmit } from '@espalier/ike';
import {
  after,
  concat,
  decodeHeader,
  EXCHANGE,
  encodeMessage,
  FLAG,
  fromHex,
  type Instant,
  ISAKMP_HEADER_OCTETS,
  milliseconds,
  NOTIFY,
  type OwnOctets,
  type Payload,
  seconds,
  toHex,
  writeU32,
} from '@espalier/wire';
import { seededRng } from '../../../../../test/support/rng.ts';
import { cheapEngine } from '../../support/cheap-engine.ts';
import { catchUp, peerConfig, R2, R3, type Side, START } from '../../support/pair.ts';
import { OTHER_GROUP, PRIVATE_GROUP } from '../../support/private-groups.ts';
import type { WalkPeers } from './peers.ts';

/** What somebody on the way does, and what the two honest ends are told to do. */
export const STEPS = [
  'deliver',
  'lose',
  'repeat',
  'alter',
  'disguise',
  'forge in clear',
  'call with a wrong key',
  'make up',
  'wait',
  'negotiate',
  'renew',
  'agree on a group',
  'delete',
] as const;
export type StepName = (typeof STEPS)[number];

/** How often each is done. */
const WEIGHTS: Readonly<Record<StepName, number>> = {
  deliver: 40,
  lose: 3,
  repeat: 8,
  alter: 10,
  disguise: 6,
  'forge in clear': 8,
  'call with a wrong key': 4,
  'make up': 4,
  wait: 8,
  negotiate: 4,
  renew: 3,
  'agree on a group': 2,
  delete: 1,
};

/** What nobody who has no key may bring about. */
const HOSTILE: ReadonlySet<StepName> = new Set(['alter', 'disguise', 'forge in clear', 'make up']);

const EXCHANGES = [EXCHANGE.main, EXCHANGE.aggressive, EXCHANGE.informational, 6, EXCHANGE.quick, 33, 34, 243];
/** What the ends know of New Group Mode. */
export const PRIVATE_GROUPS = [PRIVATE_GROUP, OTHER_GROUP] as const;
/** Datagrams of the past that are repeated. */
const PAST_MOST = 64;
const SETTLING = seconds(200);

interface Flight {
  readonly to: Side;
  readonly transmit: Transmit;
}

interface Walker {
  readonly side: Side;
  readonly address: Endpoint;
  readonly endpoint: IkeEndpoint;
  readonly events: IkeEvent[];
}

/**
 * A walk at random over all exchanges: two honest ends that negotiate, renew and delete, on a network where somebody loses,
 * repeats, alters and forges whatever there is. After each step it is asked what must never be.
 */
export class Walk {
  readonly done = new Map<StepName, number>();
  /** IKE SAs, children and groups that were established at one of the ends. */
  established = { ike: 0, child: 0, group: 0 };
  readonly #rng: Rng;
  readonly #answer: WalkPeers['answer'];
  readonly #ends: Readonly<Record<Side, Walker>>;
  /** Somebody in the place of R2 who has another key. */
  readonly #stranger: IkeEndpoint;
  readonly #flights: Flight[] = [];
  readonly #past: Flight[] = [];
  /** The cookies that an honest end has sent something encrypted under. */
  readonly #sealed: Readonly<Record<Side, Set<string>>> = { R2: new Set(), R3: new Set() };
  /** Likewise, of which it has sent anything as initiator. */
  readonly #began: Readonly<Record<Side, Set<string>>> = { R2: new Set(), R3: new Set() };
  /** Of children: outbound SPI, inbound SPI. */
  readonly #halves: Readonly<Record<Side, Set<string>>> = { R2: new Set(), R3: new Set() };
  readonly #strange = new Set<string>();
  /** Numbers by which an end has asked the other for a group. */
  readonly #asked: Readonly<Record<Side, Set<number>>> = { R2: new Set(), R3: new Set() };
  #ended = 0;
  #now: Instant = START;
  /** Whether what was handed over last was good. */
  #isTaken = false;

  readonly #steps: Readonly<Record<StepName, () => void>> = {
    deliver: () => this.#deliver(),
    lose: () => void this.#flights.splice(this.#below(this.#flights.length + 1), 1),
    repeat: () => this.#withPast((flight) => this.#hand(flight)),
    alter: () => this.#withAny((flight) => this.#handOctets(flight, this.#altered(flight.transmit.octets))),
    disguise: () => this.#withPast((flight) => this.#handOctets(flight, this.#disguised(flight.transmit.octets))),
    'forge in clear': () =>
      this.#withAny((flight) => this.#handOctets(flight, this.#forgedLike(flight.transmit.octets))),
    'call with a wrong key': () => this.#strangerCalls(),
    'make up': () => this.#handOctets({ to: this.#side(), transmit: between('R2', NO_OCTETS) }, this.#octets(200)),
    wait: () => this.#pass(this.#below(this.#below(4) === 0 ? 120_000 : 3000)),
    negotiate: () => this.#command(({ endpoint, side }) => endpoint.initiate(this.#now, peerOf(side))),
    renew: () => this.#command((end) => this.#renew(end)),
    'agree on a group': () => this.#command((end) => this.#askForGroup(end)),
    delete: () =>
      this.#command(({ endpoint }) => {
        for (const { inbound } of endpoint.children().slice(0, 1)) endpoint.deleteChild(this.#now, inbound);
      }),
  };

  #renew({ endpoint, side }: Walker): void {
    const [child] = endpoint.children();
    if (child !== undefined && this.#below(2) === 0) endpoint.rekeyChild(this.#now, child.inbound);
    else endpoint.rekeyIke(this.#now, peerOf(side));
  }

  /** One of two, by one of two numbers: now and then the ends mean different ones. */
  #askForGroup({ endpoint, side }: Walker): void {
    const number = 0x8000 + this.#below(2);
    this.#asked[side].add(number);
    endpoint.newGroup(this.#now, peerOf(side), number, PRIVATE_GROUPS[this.#below(2)] ?? PRIVATE_GROUP);
  }

  constructor(seed: number, { R2: one, R3: other, stranger, answer }: WalkPeers) {
    this.#answer = answer;
    this.#rng = seededRng(seed);
    this.#ends = { R2: this.#end('R2', one), R3: this.#end('R3', other) };
    this.#stranger = this.#endpoint(peerConfig('R2', stranger));
  }

  /** One step, and what has come of it. @throws Error that says what must not be. */
  step(): StepName {
    const name = this.#choose();
    const before = this.#standing();
    const [ended, groups] = [this.#ended, this.established.group];
    this.#isTaken = false;
    this.#steps[name]();
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
    this.#requireAuthentic();
    // What was altered where nothing depends on it is good.
    if (HOSTILE.has(name) && !(name === 'alter' && this.#isTaken)) {
      require(this.#standing() === before, `${name}: SAs come or go by what somebody without a key has sent`);
      require(this.established.group === groups, `${name}: a group by what somebody without a key has sent`);
      require(this.#ended === ended, `${name}: what somebody without a key has sent ends an SA`);
    }
    return name;
  }

  /** Leaves the ends in peace: they have to find each other again. */
  settle(): void {
    this.#flights.length = 0;
    const end = after(this.#now, SETTLING);
    this.#peace(end);
    // What one end holds and the other has lost is found out by a renewal, if not by a sign of life.
    for (const side of ['R2', 'R3'] as const) {
      if (this.#agreed()) break;
      const { endpoint } = this.#ends[side];
      endpoint.rekeyIke(this.#now, peerOf(side));
      this.#peace(after(this.#now, SETTLING));
      for (const child of endpoint.children()) endpoint.rekeyChild(this.#now, child.inbound);
      endpoint.initiate(this.#now, peerOf(side));
      this.#peace(after(this.#now, SETTLING));
    }
    require(this.#agreed(), 'the ends do not find each other again when they are left in peace');
    this.#requireAuthentic();
  }

  #peace(end: Instant): void {
    for (const side of ['R2', 'R3'] as const) this.#drain(this.#ends[side]);
    for (let i = 0; i < 10_000; i++) {
      const flight = this.#flights.shift();
      if (flight !== undefined) {
        this.#now = after(this.#now, milliseconds(10));
        this.#hand(flight);
        continue;
      }
      const due = Math.min(...this.#both.map(({ endpoint }) => endpoint.pollTimeout()?.at ?? Number.POSITIVE_INFINITY));
      if (due > end) break;
      this.#pass(Math.max(0, due - this.#now));
    }
    this.#now = end > this.#now ? end : this.#now;
  }

  /** Both have a child of which the other has the other half. */
  #agreed(): boolean {
    const [one, other] = this.#both.map(({ endpoint }) => endpoint.children());
    return one?.some(({ inbound }) => other?.some(({ outbound }) => outbound === inbound)) === true;
  }

  get #both(): readonly Walker[] {
    return [this.#ends.R2, this.#ends.R3];
  }

  #choose(): StepName {
    let left = this.#below(Object.values(WEIGHTS).reduce((sum, weight) => sum + weight));
    for (const name of STEPS) {
      left -= WEIGHTS[name];
      if (left < 0) return name;
    }
    return 'deliver';
  }

  #deliver(): void {
    const [flight] = this.#flights.splice(this.#below(Math.min(3, this.#flights.length)), 1);
    if (flight !== undefined) this.#hand(flight);
  }

  #command(command: (end: Walker) => void): void {
    const end = this.#ends[this.#side()];
    command(end);
    this.#drain(end);
  }

  #withPast(use: (flight: Flight) => void): void {
    const flight = this.#past[this.#below(this.#past.length)];
    if (flight !== undefined) use(flight);
  }

  /** One on its way, or one of the past. */
  #withAny(use: (flight: Flight) => void): void {
    const flight = this.#flights[this.#below(this.#flights.length)];
    if (flight !== undefined) use(flight);
    else this.#withPast(use);
  }

  #hand(flight: Flight): void {
    this.#handOctets(flight, flight.transmit.octets);
  }

  #handOctets({ to, transmit: { source, destination } }: Flight, octets: Uint8Array): void {
    const end = this.#ends[to];
    const from = to === 'R3' ? R2 : R3;
    const isTurned = destination.address !== end.address.address;
    const { ok } = end.endpoint.handleDatagram(
      this.#now,
      isTurned ? from : source,
      isTurned ? end.address : destination,
      octets,
    );
    this.#isTaken = ok;
    this.#drain(end);
  }

  /** A flipped bit, a cut, a tail, another field of the header: behind the non-ESP marker where there is one. */
  #altered(octets: Uint8Array): Uint8Array {
    const copy = octets.slice();
    const at = this.#below(copy.length);
    switch (this.#below(5)) {
      case 0:
        return copy.subarray(0, at);
      case 1:
        return concat(copy, this.#octets(40).subarray(0, 1 + this.#below(39)));
      case 2:
        // The message ID, which a hash of phase 2 covers and nothing of phase 1 may have.
        if (copy.length >= ISAKMP_HEADER_OCTETS) copy.set(this.#octets(4), 20);
        break;
      case 3:
        if (copy.length >= ISAKMP_HEADER_OCTETS) copy[16 + this.#below(4)] = this.#below(256);
        break;
      default:
        break;
    }
    copy[at] = (copy[at] ?? 0) ^ (1 << this.#below(8));
    return copy;
  }

  /** A message under the cookies of another. */
  #disguised(octets: Uint8Array): Uint8Array {
    const other = this.#past[this.#below(this.#past.length)]?.transmit.octets ?? octets;
    const copy = octets.slice();
    const cookies = other.subarray(0, Math.min(16, copy.length));
    // A keepalive has one octet, which may be the first of a cookie.
    if (toHex(copy.subarray(0, cookies.length)) !== toHex(cookies)) copy.set(cookies);
    else if (copy.length > 30) copy[29] = (copy[29] ?? 0) ^ 1;
    return copy;
  }

  #forgedLike(octets: Uint8Array): Uint8Array {
    const message = behindMarker(octets);
    return concat(octets.subarray(0, octets.length - message.length), this.#forged(message));
  }

  /** In clear, with cookies that are in use: a Delete, an error, another exchange. */
  #forged(octets: Uint8Array): Uint8Array {
    if (octets.length < ISAKMP_HEADER_OCTETS) return octets.slice(1);
    const [initiatorCookie, responderCookie] = [octets.slice(0, 8), octets.slice(8, 16)];
    const exchange = EXCHANGES[this.#below(EXCHANGES.length)] ?? EXCHANGE.informational;
    const messageId = exchange === EXCHANGE.main || exchange === EXCHANGE.aggressive ? 0 : 1 + this.#below(0xffff);
    const spi = concat(initiatorCookie, responderCookie);
    const payloads: readonly Payload[] = [
      { kind: 'delete', doi: 1, protocol: 1, spiOctets: 16, spis: [spi] },
      { kind: 'delete', doi: 1, protocol: 3, spiOctets: 4, spis: this.#spis() },
      {
        kind: 'notification',
        doi: 1,
        protocol: 1,
        notifyType: NOTIFY['INITIAL-CONTACT'],
        spi,
        data: new Uint8Array(0),
      },
      { kind: 'notification', doi: 1, protocol: 1, notifyType: 1 + this.#below(30), spi, data: new Uint8Array(0) },
      { kind: 'notification', doi: 1, protocol: 3, notifyType: 14, spi: this.#octets(4), data: new Uint8Array(0) },
      { kind: 'hash', data: this.#octets(20) },
      { kind: 'nonce', data: this.#octets(16) },
    ];
    const some = payloads.filter(() => this.#below(3) === 0);
    const flags = this.#below(4) === 0 ? FLAG.commit : 0;
    const message = encodeMessage(
      { initiatorCookie, responderCookie, exchange, flags, messageId },
      some.length > 0 ? some : payloads.slice(0, 1),
    );
    // Now and then it says that it is encrypted, and is of whole blocks.
    if (this.#below(3) === 0) {
      const whole = concat(message.subarray(0, ISAKMP_HEADER_OCTETS), this.#octets(8 * (1 + this.#below(8))));
      whole[19] = FLAG.encryption;
      writeU32(whole, 24, whole.length);
      return whole;
    }
    return message;
  }

  /** SPIs that are in use. */
  #spis(): readonly Uint8Array[] {
    const children = this.#both.flatMap(({ endpoint }) => endpoint.children());
    return children.slice(0, 4).map(({ inbound, outbound }) => {
      const spi = new Uint8Array(4);
      writeU32(spi, 0, this.#below(2) === 0 ? inbound : outbound);
      return spi;
    });
  }

  /** It begins; or goes on with what it was answered, of which it knows no better than anybody. */
  #strangerCalls(): void {
    this.#stranger.initiate(this.#now, 'R3');
    catchUp(this.#stranger, this.#now);
    for (let i = 0; i < 6; i++) {
      while (this.#stranger.pollEvent() !== undefined);
      for (let out = this.#stranger.pollTransmit(); out !== undefined; out = this.#stranger.pollTransmit()) {
        this.#strange.add(cookiesOf(behindMarker(out.octets))[0]);
        const { R3: end } = this.#ends;
        end.endpoint.handleDatagram(this.#now, R2, R3, out.octets);
        for (const { transmit } of this.#taken(end)) {
          if (this.#strange.has(cookiesOf(behindMarker(transmit.octets))[0])) {
            this.#stranger.handleDatagram(this.#now, R3, R2, transmit.octets);
          }
        }
      }
    }
  }

  #pass(duration: number): void {
    this.#now = after(this.#now, milliseconds(duration));
    for (const end of this.#both) {
      catchUp(end.endpoint, this.#now);
      this.#drain(end);
    }
  }

  #drain(end: Walker): void {
    for (const flight of this.#taken(end)) this.#flights.push(flight);
    // As many as a link holds.
    if (this.#flights.length > 32) this.#flights.splice(0, this.#flights.length - 32);
  }

  #taken({ side, endpoint, events }: Walker): readonly Flight[] {
    for (let asked = endpoint.pollQuestion(); asked !== undefined; asked = endpoint.pollQuestion()) {
      endpoint.answer(this.#now, asked.id, this.#answer(side, asked));
    }
    for (let event = endpoint.pollEvent(); event !== undefined; event = endpoint.pollEvent()) events.push(event);
    const taken: Flight[] = [];
    for (let transmit = endpoint.pollTransmit(); transmit !== undefined; transmit = endpoint.pollTransmit()) {
      const flight = { to: peerOf(side), transmit };
      taken.push(flight);
      this.#past.push(flight);
      const message = behindMarker(transmit.octets);
      const [initiator, responder] = cookiesOf(message);
      if (responder === NO_COOKIE) this.#began[side].add(initiator);
      if (isSealed(message)) this.#sealed[side].add(initiator + responder);
    }
    if (this.#past.length > PAST_MOST) this.#past.splice(0, this.#past.length - PAST_MOST);
    return taken;
  }

  /** What is established, at both ends. */
  #standing(): string {
    return JSON.stringify(
      this.#both.map(({ endpoint }) => [
        endpoint.ikeSas().flatMap((sa) => (sa.establishedAt === undefined ? [] : [sa.initiatorCookie, sa.state])),
        endpoint.children().map(({ inbound, state }) => [inbound, state]),
      ]),
    );
  }

  /** What has happened since it was looked at last, and what must not. */
  #requireAuthentic(): void {
    for (const { side, events } of this.#both) {
      for (const event of events) this.#note(side, event);
    }
    for (const { side, events } of this.#both) {
      for (const event of events.splice(0)) this.#requireKey(side, event);
    }
  }

  #note(side: Side, event: IkeEvent): void {
    if (event.kind === 'ike-established') this.established.ike += 1;
    if (event.kind === 'child-established') this.established.child += 1;
    if (event.kind === 'group-agreed') this.established.group += 1;
    if (event.kind === 'ike-deleted' || event.kind === 'child-deleted') this.#ended += 1;
    // Who begins one has it with message 2, and may go on sending by another.
    const hasIt =
      event.kind === 'child-established' || (event.kind === 'child-negotiated' && event.child.role === 'initiator');
    if (hasIt) this.#halves[side].add(`${event.child.outbound} ${event.child.inbound}`);
  }

  /** Whoever is let in has sent something that only the key could make; a child has its other half at the peer. */
  #requireKey(side: Side, event: IkeEvent): void {
    const peer = peerOf(side);
    if (event.kind === 'child-established' && event.child.role === 'responder') {
      const { inbound, outbound } = event.child;
      require(this.#halves[peer].has(`${inbound} ${outbound}`), 'a child that the peer has no part in');
    }
    if (event.kind === 'group-agreed' && event.role === 'responder') {
      require(this.#asked[peer].has(event.number), 'a group that the peer has not asked for');
    }
    if (event.kind !== 'ike-established') return;
    const { initiatorCookie, responderCookie, exchange, role } = event.ikeSa;
    require(!this.#strange.has(initiatorCookie), 'an IKE SA with somebody who has another key');
    // In Aggressive Mode message 2, which is in clear, proves who the responder is; message 3 may be in clear.
    const isKnown = this.#sealed[peer].has(initiatorCookie + responderCookie);
    const isClear = exchange === 'aggressive' && (role === 'initiator' || this.#began[peer].has(initiatorCookie));
    require(isKnown || isClear, 'an IKE SA that the peer has no part in');
  }

  #end(side: Side, changes: Partial<PeerConfig>): Walker {
    return { side, address: side === 'R2' ? R2 : R3, endpoint: this.#endpoint(peerConfig(side, changes)), events: [] };
  }

  #endpoint(peer: PeerConfig): IkeEndpoint {
    return new IkeEndpoint({ engine: cheapEngine(), rng: seededRng(this.#below(2 ** 31)), peers: [peer] });
  }

  #side(): Side {
    return this.#below(2) === 0 ? 'R2' : 'R3';
  }

  /** From 0 up to, and without, `limit`; 0 where that is 0. */
  #below(limit: number): number {
    const octets = this.#octets(4);
    const value = new DataView(octets.buffer).getUint32(0);
    return limit === 0 ? 0 : value % limit;
  }

  #octets(count: number): Uint8Array {
    const octets = new Uint8Array(count);
    this.#rng.fill(octets);
    return octets;
  }
}

function peerOf(side: Side): Side {
  return side === 'R2' ? 'R3' : 'R2';
}

function between(from: Side, octets: OwnOctets): Transmit {
  return from === 'R2' ? { source: R2, destination: R3, octets } : { source: R3, destination: R2, octets };
}

/** Without the non-ESP marker of port 4500 (RFC 3948 §2.2). */
function behindMarker(octets: Uint8Array): Uint8Array {
  return toHex(octets.subarray(0, 4)) === '00000000' ? octets.subarray(4) : octets;
}

function cookiesOf(message: Uint8Array): readonly [initiator: string, responder: string] {
  return [toHex(message.subarray(0, 8)), toHex(message.subarray(8, 16))];
}

function isSealed(message: Uint8Array): boolean {
  return message.length >= ISAKMP_HEADER_OCTETS && (decodeHeader(message).flags & FLAG.encryption) !== 0;
}

function require(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

const NO_OCTETS = fromHex('');
const NO_COOKIE = '0'.repeat(16);
