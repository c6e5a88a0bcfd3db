import { copyOctets } from '@espalier/crypto';
import {
  type DecodedPayload,
  type DeletePayload,
  EXCHANGE,
  FLAG,
  formatIdentification,
  ISAKMP_HEADER_OCTETS,
  NOTIFY,
  type NotificationPayload,
  PAYLOAD,
  PROTOCOL_ID,
  payloadType,
  readU32,
  toHex,
} from '@espalier/wire';
import type { KeyRing } from '../../keys/key-ring.ts';
import type { FailureRow, PeerRow, Phase1Row } from '../../report/report.ts';
import { exchangeText, spiText } from '../../text/names.ts';
import { FailureWatch } from '../failures/failure-watch.ts';
import { type Ike2Transform, ike2Exchange, ike2Name, ike2Side, isOfInitiator, seenIke2 } from '../ike2/message.ts';
import { EXCHANGE as EXCHANGE_2 } from '../ike2/registry.ts';
import { type Beyond, countBeyond, KEPT_OCTETS, type ObserverLimits } from '../limits.ts';
import type { IsakmpObservation } from '../observation.ts';
import { PeerWatch } from '../peers.ts';
import { portOf, type SeenAt, whereOf } from '../where.ts';
import { childrenOf, type SeenChild } from './child.ts';
import { ExchangeWatch } from './exchanges.ts';
import { IkeSaWatch } from './ike-sa-watch.ts';
import { aboutOf, messageName, messageNumber } from './naming.ts';
import { changedEnds } from './nat.ts';
import { IkeFragments } from './reading/fragments.ts';
import { messagesIn, NO_COOKIE, observedHeader, type SeenHeader, type SeenMessage } from './reading/header.ts';
import { digestOf, IkeSaReader, type ReadMessage } from './reading/ike-sa.ts';
import type { Side } from './reading/learnt.ts';
import { observedPayloads, seenPayloads } from './reading/payloads.ts';
import { KeySource } from './reading/secrets.ts';

/** What a Quick Mode has agreed on, and where. */
export interface ChildAt {
  readonly child: SeenChild;
  /** Addresses that its packets go between. */
  readonly from: string;
  readonly to: string;
  readonly ikeSa: number;
  readonly exchange: number;
  readonly conversation: number;
  readonly frame: number;
  readonly time: number;
}

/** Which SA a message of its receiver speaks of. */
export interface DeletedAt {
  readonly protocol: 'esp' | 'ah';
  readonly spi: number;
  readonly from: string;
  readonly to: string;
  readonly at: SeenAt;
}

/** What REPLAY-STATUS says of an SA. */
export interface ReplayStatusAt extends DeletedAt {
  readonly isOn: boolean;
}

/** Who is told of what is read of IKE. */
export interface IkeListener {
  learn(child: ChildAt): void;
  learnReplayStatus(status: ReplayStatusAt): void;
  learnDeleted(deleted: DeletedAt): void;
}

/** Reads along all IKE of a capture: messages, the IKE SAs and exchanges that they belong to, and what came of them. */
export class IkeWatch {
  readonly #source: KeySource;
  readonly #limits: ObserverLimits;
  readonly #beyond: Beyond;
  readonly #listener: IkeListener;
  readonly #sas: IkeSaWatch[] = [];
  readonly #byCookies = new Map<string, IkeSaWatch>();
  readonly #exchanges: ExchangeWatch[] = [];
  readonly #exchangeOf = new Map<string, ExchangeWatch>();
  readonly #fragments = new IkeFragments();
  readonly #peers = new PeerWatch();
  readonly #failures = new FailureWatch();
  #kept = 0;

  constructor(ring: KeyRing, limits: ObserverLimits, beyond: Beyond, listener: IkeListener) {
    this.#source = new KeySource(ring);
    this.#limits = limits;
    this.#beyond = beyond;
    this.#listener = listener;
  }

  /** The messages of one datagram. */
  observe(at: SeenAt): readonly IsakmpObservation[] {
    const messages = messagesIn(at.carried.octets, at.carried.missing);
    if (typeof messages === 'string') return [notIsakmp(at, undefined, messages)];
    let offset = 0;
    return messages.flatMap((message) => {
      const own = offset;
      offset += message.octets.length;
      return this.#message(moved(at, own, message), message);
    });
  }

  /** By the numbers of their rows, as exchanges are. */
  get sas(): readonly IkeSaWatch[] {
    return this.#sas;
  }

  get exchanges(): readonly ExchangeWatch[] {
    return this.#exchanges;
  }

  failureRows(): readonly FailureRow[] {
    return this.#failures.rows(this.#sas, this.#exchanges);
  }

  peers(): readonly PeerRow[] {
    return this.#peers.rows();
  }

  #message(at: SeenAt, message: SeenMessage): readonly IsakmpObservation[] {
    const { header } = message;
    if (header.version === 2) return [this.#ike2(at, message)];
    if (header.version !== 1)
      return [notIsakmp(at, header.version, `version ${header.version}.${header.minorVersion}`)];
    if (header.nextPayload !== PAYLOAD.fragment) return [this.#ike1(at, message, [])];
    const key = `${header.initiatorCookie} ${at.carried.source}`;
    const whole = message.missing > 0 ? 'a fragment that is not there whole' : this.#fragments.add(key, message.octets);
    if (typeof whole === 'string') return [this.#fragment(at, message, whole)];
    const inside = messagesIn(whole, 0);
    const [first] = typeof inside === 'string' ? [] : inside;
    const last = this.#fragment(at, message, 'the fragment that makes its message whole');
    if (first === undefined || first.header.version !== 1 || first.header.nextPayload === PAYLOAD.fragment)
      return [last];
    const carried = { ...at.carried, octets: first.octets, at: undefined, missing: first.missing };
    return [last, this.#ike1({ ...at, carried }, first, ['put together from fragments'])];
  }

  /** Its flags are those of the whole message, with some peers (racoon). */
  #fragment(at: SeenAt, { header, octets }: SeenMessage, note: string): IsakmpObservation {
    const { payloads } = seenPayloads(header.nextPayload, octets.subarray(ISAKMP_HEADER_OCTETS), true);
    const sa = this.#saOf(header, at);
    return {
      ...nothing(at, [note]),
      version: 1,
      header: observedHeader(header),
      name: messageName(header.exchangeType, undefined, 'fragment'),
      sender: sa?.sideOf(at.carried.source, at.carried.from),
      ikeSa: sa?.index ?? -1,
      payloads: observedPayloads(payloads, octets),
    };
  }

  #ike1(at: SeenAt, message: SeenMessage, more: readonly string[]): IsakmpObservation {
    const { header, octets, missing } = message;
    const sa = this.#saOf(header, at);
    const reader = sa?.reader ?? new IkeSaReader(this.#source, header.initiatorCookieOctets);
    const encrypted = (header.flags & FLAG.encryption) !== 0;
    const repeats = sa?.repeats(digestOf(octets), at.frame);
    const clear = encrypted
      ? undefined
      : seenPayloads(header.nextPayload, octets.subarray(ISAKMP_HEADER_OCTETS), missing > 0);
    if (sa !== undefined) settleRoles(sa, header, at, clear?.payloads ?? []);
    const side = sa?.sideOf(at.carried.source, at.carried.from);
    const read: ReadMessage =
      clear === undefined
        ? reader.readEncrypted(side, header, octets, missing, repeats !== undefined)
        : reader.readClear(side, header, clear.payloads);
    const starter = reader.starterOf(header.messageId);
    const number = messageNumber({ header, side, encrypted, payloads: read.payloads, number: read.number, starter });
    const about = header.exchangeType === EXCHANGE.informational ? aboutOf(read.payloads) : undefined;
    const exchange = sa && this.#exchange(sa, header, at, number, repeats !== undefined, about);
    if (sa !== undefined) this.#note(sa, at, header, read, encrypted, repeats, side, number, exchange);
    return {
      ...nothing(at, [...message.notes, ...more, ...(clear?.notes ?? []), ...read.notes]),
      version: 1,
      header: observedHeader(header),
      name: messageName(header.exchangeType, number, about),
      sender: side,
      ikeSa: sa?.index ?? -1,
      exchange: exchange?.index ?? -1,
      repeats,
      encrypted,
      decrypted: read.decrypted,
      hash: read.hash,
      plain: read.plain,
      payloads: observedPayloads(read.payloads, read.plain ?? octets),
    };
  }

  #ike2(at: SeenAt, message: SeenMessage): IsakmpObservation {
    const { header, octets } = message;
    const sa = this.#saOf(header, at);
    const side = ike2Side(header);
    const seen = seenIke2(octets, header);
    const name = ike2Name(header);
    const repeats = sa?.repeats(digestOf(octets), at.frame);
    const exchange = sa && this.#exchange(sa, header, at, undefined, repeats !== undefined, seen.error);
    if (sa !== undefined) {
      const [here, there] = ends(at);
      sa.settleRoles(side === 'initiator' ? here : there, side === 'initiator' ? there : here);
      this.#count(sa, at, repeats);
      sa.hasFirst ||= header.responderCookie === NO_COOKIE;
      if (seen.encrypted) sa.encrypted += 1;
      if (sa.isAuthenticated2(header)) sa.isEstablished = true;
      if (side === 'responder' && seen.chosen.size > 0) sa.agreed ??= ike2Row(seen.chosen);
      if (seen.error !== undefined && header.exchangeType === EXCHANGE_2.saInit) sa.isFailed = true;
      for (const data of seen.vendorIds) this.#peers.take(at.carried.from, data);
    }
    const notes = seen.encrypted ? [...seen.notes, 'IKEv2: what is encrypted is not decrypted'] : seen.notes;
    return {
      ...nothing(at, [...message.notes, ...notes]),
      version: 2,
      header: observedHeader(header),
      name,
      sender: side,
      ikeSa: sa?.index ?? -1,
      exchange: exchange?.index ?? -1,
      repeats,
      encrypted: seen.encrypted,
      payloads: seen.payloads,
    };
  }

  /** Rows are found by both cookies; the first answer takes over the row of the first message. */
  #saOf(header: SeenHeader, at: SeenAt): IkeSaWatch | undefined {
    const { initiatorCookie: i, responderCookie: r } = header;
    const known = this.#byCookies.get(`${i} ${r}`);
    if (known !== undefined) return known;
    const begun = r === NO_COOKIE ? undefined : this.#byCookies.get(`${i} ${NO_COOKIE}`);
    if (begun !== undefined && begun.responderCookie === NO_COOKIE) {
      begun.responderCookie = r;
      this.#byCookies.set(`${i} ${r}`, begun);
      return begun;
    }
    if (this.#sas.length >= this.#limits.ikeSas || this.#kept > KEPT_OCTETS) {
      countBeyond(this.#beyond, 'ikeSas');
      return undefined;
    }
    const reader =
      header.version === 2
        ? undefined
        : (begun?.reader?.forAnotherAnswer() ?? new IkeSaReader(this.#source, header.initiatorCookieOctets));
    const sa = new IkeSaWatch(this.#sas.length, header, reader, at);
    sa.responderCookie = r;
    this.#sas.push(sa);
    this.#byCookies.set(`${i} ${r}`, sa);
    return sa;
  }

  #exchange(
    sa: IkeSaWatch,
    header: SeenHeader,
    at: SeenAt,
    number: number | undefined,
    isRepeated: boolean,
    about: string | undefined,
  ): ExchangeWatch | undefined {
    sa.noteExchange(header.exchangeType);
    const name = sa.version === 2 ? ike2Exchange(header.exchangeType) : exchangeText(header.exchangeType);
    // Requests of either end of IKEv2 are numbered apart (RFC 7296 §2.2).
    const apart = sa.version === 2 ? `${name} ${isOfInitiator(header)}` : name;
    const key = `${sa.index} ${header.messageId} ${apart}`;
    const exchange = this.#exchangeOf.get(key) ?? this.#begin(key, sa, name, header, at);
    if (exchange === undefined) return undefined;
    exchange.about ??= about;
    if (isRepeated) {
      exchange.retransmissions += 1;
      exchange.touch(at.frame, at.time);
    } else {
      exchange.starterSource ??= at.carried.from;
      exchange.take(at.frame, at.time, at.carried.source, number);
    }
    return exchange;
  }

  #begin(key: string, sa: IkeSaWatch, name: string, header: SeenHeader, at: SeenAt): ExchangeWatch | undefined {
    if (this.#exchanges.length >= this.#limits.exchanges) {
      countBeyond(this.#beyond, 'exchanges');
      return undefined;
    }
    const exchange = new ExchangeWatch(this.#exchanges.length, sa.index, name, header, at);
    this.#exchanges.push(exchange);
    sa.exchanges.push(exchange);
    this.#exchangeOf.set(key, exchange);
    return exchange;
  }

  #count(sa: IkeSaWatch, { frame, time }: SeenAt, repeats: number | undefined): void {
    sa.lastFrame = frame;
    sa.lastTime = time;
    if (repeats === undefined) sa.messages += 1;
    else sa.retransmissions += 1;
  }

  /** What a message of IKEv1 shows of its IKE SA, its exchange and its ends. */
  #note(
    sa: IkeSaWatch,
    at: SeenAt,
    header: SeenHeader,
    read: ReadMessage,
    encrypted: boolean,
    repeats: number | undefined,
    side: Side | undefined,
    number: number | undefined,
    exchange: ExchangeWatch | undefined,
  ): void {
    const keptBefore = sa.reader?.octetsKept ?? 0;
    this.#count(sa, at, repeats);
    sa.hasFirst ||= header.responderCookie === NO_COOKIE;
    if (encrypted) sa.encrypted += 1;
    if (read.decrypted) sa.decrypted += 1;
    if (repeats !== undefined) return;
    this.#noteIdentities(sa, header, read.payloads, side);
    this.#noteNat(sa, at, header, read.payloads);
    for (const payload of read.payloads) {
      if (payload.kind === 'vendor-id') this.#peers.take(at.carried.from, payload.data);
      if (!read.decrypted) continue;
      if (payload.kind === 'delete') this.#noteDelete(at, payload);
      if (payload.kind !== 'notification') continue;
      this.#noteReplayStatus(at, payload);
      if (exchange !== undefined)
        sa.probes.take(payload, exchange, { from: at.carried.from, to: at.carried.to, frame: at.frame });
    }
    if (header.exchangeType === EXCHANGE.main && number === 6 && read.hash !== 'bad')
      sa.isEstablished ||= read.decrypted;
    if (header.exchangeType === EXCHANGE.aggressive && number === 3) sa.isEstablished = true;
    this.#failures.take(sa, at, read, side, exchange);
    if (exchange !== undefined && read.decrypted) this.#noteQuickMode(sa, at, exchange, read, number);
    if (exchange !== undefined && number === 1 && header.exchangeType !== EXCHANGE.quick) {
      const offer = read.payloads.find(({ kind }) => kind === 'sa');
      if (offer?.kind === 'sa' && offer.body.length < MOST_OFFER_OCTETS) exchange.offer ??= kept(offer);
      this.#kept += offer?.body.length ?? 0;
    }
    this.#kept += (sa.reader?.octetsKept ?? 0) - keptBefore;
  }

  #noteIdentities(
    sa: IkeSaWatch,
    header: SeenHeader,
    payloads: readonly DecodedPayload[],
    side: Side | undefined,
  ): void {
    const id = payloads.find(({ kind }) => kind === 'id');
    if (header.messageId !== 0 || id?.kind !== 'id' || side === undefined) return;
    if (side === 'initiator') sa.initiatorId ??= formatIdentification(id);
    else sa.responderId ??= formatIdentification(id);
  }

  #noteNat(sa: IkeSaWatch, { carried }: SeenAt, header: SeenHeader, payloads: readonly DecodedPayload[]): void {
    const name = sa.reader?.protection?.hash;
    if (name === undefined || header.messageId !== 0) return;
    const [source, destination] = [
      { address: carried.from, port: portOf(carried.source) },
      { address: carried.to, port: portOf(carried.destination) },
    ];
    const cookies = [header.initiatorCookieOctets, header.responderCookieOctets] as const;
    const changed = changedEnds(name, cookies, source, destination, payloads);
    const side = sa.sideOf(carried.source, carried.from);
    if (changed === undefined || side === undefined) return;
    sa.behindNat ??= { initiator: false, responder: false };
    const other = side === 'initiator' ? 'responder' : 'initiator';
    sa.behindNat[side] ||= changed.source;
    sa.behindNat[other] ||= changed.destination;
  }

  #noteQuickMode(
    sa: IkeSaWatch,
    at: SeenAt,
    exchange: ExchangeWatch,
    read: ReadMessage,
    number: number | undefined,
  ): void {
    if (exchange.type !== EXCHANGE.quick || (number !== 1 && number !== 2)) return;
    const offer = read.payloads.find(({ kind }) => kind === 'sa');
    const ke = read.payloads.find(({ kind }) => kind === 'ke');
    const ids = read.payloads.filter(({ kind }) => kind === 'id');
    if (offer?.kind !== 'sa' || offer.body.length > MOST_OFFER_OCTETS) return;
    if (number === 1) exchange.offer ??= kept(offer);
    else exchange.choice ??= kept(offer);
    if (ke?.kind === 'ke') exchange.keys[number - 1] ??= copyOctets('ke', ke.data);
    // The responder may narrow what it is asked for.
    if (ids.length > 0 && (number === 2 || exchange.ids.length === 0)) exchange.ids = ids.slice(0, 2).map(kept);
    this.#agree(sa, at, exchange, number);
  }

  #agree(sa: IkeSaWatch, at: SeenAt, exchange: ExchangeWatch, number: 1 | 2): void {
    const { offer, choice, reader } = { ...exchange, reader: sa.reader };
    const nonces = reader?.noncesOf(exchange.messageId);
    if (offer === undefined || choice === undefined || reader === undefined || nonces === undefined) return;
    if (exchange.hasChildren) return;
    exchange.hasChildren = true;
    const [one, other] = exchange.keys;
    const keys = one === undefined || other === undefined ? undefined : ([one, other] as const);
    const seen = { offer, choice, ids: exchange.ids, keys };
    const children = childrenOf(seen, this.#source.privates, reader.protection, reader.secrets?.d, nonces);
    const spis = children.map(({ spi }) => spiText(spi));
    exchange.about = spis.length === 0 ? undefined : `SAs ${spis.join(' and ')}`;
    // Message 2 goes from the other side to the starter.
    const [starter, answerer] = number === 2 ? [at.carried.to, at.carried.from] : [at.carried.from, at.carried.to];
    for (const child of children) {
      const [from, to] = child.to === 'starter' ? [answerer, starter] : [starter, answerer];
      const { frame, time, conversation } = at;
      this.#listener.learn({ child, from, to, ikeSa: sa.index, exchange: exchange.index, conversation, frame, time });
    }
  }

  /** SAs by the SPIs by which its sender receives, IKE SAs by their cookies (RFC 2408 §3.15). */
  #noteDelete(at: SeenAt, { protocol: number, spis }: DeletePayload): void {
    const { from, to } = at.carried;
    const protocol = ipsecProtocol(number);
    for (const spi of spis) {
      if (protocol !== undefined && spi.length === 4) {
        this.#listener.learnDeleted({ protocol, spi: readU32(spi, 0), from: to, to: from, at });
      } else if (number === PROTOCOL_ID.isakmp && spi.length === 2 * COOKIE_OCTETS) {
        const sa = this.#byCookies.get(
          `${toHex(spi.subarray(0, COOKIE_OCTETS))} ${toHex(spi.subarray(COOKIE_OCTETS))}`,
        );
        if (sa !== undefined) sa.deletedFrame ??= at.frame;
      }
    }
  }

  /** Who tells it receives by that SPI (RFC 2407 §4.6.3.2). */
  #noteReplayStatus(at: SeenAt, { notifyType, protocol: number, spi, data }: NotificationPayload): void {
    const protocol = ipsecProtocol(number);
    if (notifyType !== NOTIFY['REPLAY-STATUS'] || protocol === undefined || spi.length !== 4) return;
    const isOn = data.some((octet) => octet !== 0);
    const { from, to } = at.carried;
    this.#listener.learnReplayStatus({ protocol, spi: readU32(spi, 0), from: to, to: from, isOn, at });
  }
}

function ipsecProtocol(number: number): 'esp' | 'ah' | undefined {
  return number === PROTOCOL_ID.esp ? 'esp' : number === PROTOCOL_ID.ah ? 'ah' : undefined;
}

const COOKIE_OCTETS = 8;
const MOST_OFFER_OCTETS = 16_384;

/** A payload whose octets are its own: what was decoded is views of what it came in. */
function kept<P extends DecodedPayload>(payload: P): P {
  const alone = copyOctets('raw', payload.raw);
  alone[0] = PAYLOAD.none;
  const [again] = seenPayloads(payloadType(payload), alone, false).payloads;
  return again?.kind === payload.kind ? { ...payload, ...again } : payload;
}

function ends({
  carried,
}: SeenAt): readonly [{ source: string; address: string }, { source: string; address: string }] {
  return [
    { source: carried.source, address: carried.from },
    { source: carried.destination, address: carried.to },
  ];
}

/** Who is who shows by the cookies, and by who chooses (RFC 2408 §3.1, RFC 2409 §5). */
function settleRoles(sa: IkeSaWatch, header: SeenHeader, at: SeenAt, payloads: readonly DecodedPayload[]): void {
  if (sa.initiator !== undefined) return;
  const [here, there] = ends(at);
  const isPhase1 = header.exchangeType === EXCHANGE.main || header.exchangeType === EXCHANGE.aggressive;
  if (header.responderCookie === NO_COOKIE) sa.settleRoles(here, there);
  else if (isPhase1 && payloads.some(({ kind }) => kind === 'sa')) sa.settleRoles(there, here);
}

function ike2Row(chosen: ReadonlyMap<number, Ike2Transform>): Phase1Row {
  return {
    encryption: chosen.get(1)?.name ?? 'none',
    keyBits: chosen.get(1)?.keyBits,
    hash: chosen.get(2)?.name ?? 'none',
    group: chosen.get(4)?.name ?? 'none',
    authentication: 'encrypted',
    lifetimeSeconds: undefined,
    lifetimeKilobytes: undefined,
  };
}

function moved(at: SeenAt, offset: number, { octets, missing }: SeenMessage): SeenAt {
  const { carried } = at;
  return {
    ...at,
    carried: { ...carried, octets, missing, at: carried.at === undefined ? undefined : carried.at + offset },
  };
}

function nothing(at: SeenAt, notes: readonly string[]): Omit<IsakmpObservation, 'version' | 'header' | 'name'> {
  return {
    kind: 'isakmp',
    ...whereOf(at, notes),
    sender: undefined,
    ikeSa: -1,
    exchange: -1,
    repeats: undefined,
    encrypted: false,
    decrypted: false,
    hash: 'none',
    octets: at.carried.octets,
    plain: undefined,
    payloads: [],
  };
}

function notIsakmp(at: SeenAt, version: number | undefined, why: string): IsakmpObservation {
  return { ...nothing(at, [why]), version, header: undefined, name: 'no message of ISAKMP' };
}
