import { type DecodedPayload, EXCHANGE, FLAG, ISAKMP_HEADER_OCTETS, PAYLOAD } from '@espalier/wire';
import type { KeyRing } from '../../keys/key-ring.ts';
import type { FailureRow, PeerRow, Phase1Row } from '../../report/report.ts';
import { FailureWatch } from '../failures/failure-watch.ts';
import { type Ike2Transform, ike2Name, ike2Side, seenIke2 } from '../ike2/message.ts';
import { EXCHANGE as EXCHANGE_2 } from '../ike2/registry.ts';
import type { Beyond, ObserverLimits } from '../limits.ts';
import type { IsakmpObservation } from '../observation.ts';
import { PeerWatch } from '../peers.ts';
import type { SeenAt } from '../where.ts';
import type { ExchangeWatch } from './exchanges.ts';
import type { IkeSaWatch } from './ike-sa-watch.ts';
import { IkeTable } from './ike-table.ts';
import { Learning, type Told } from './learning.ts';
import type { IkeListener } from './listener.ts';
import { moved, nothing, notIsakmp } from './message-observation.ts';
import { aboutOf, messageName, messageNumber } from './naming.ts';
import { IkeFragments } from './reading/fragments.ts';
import { messagesIn, NO_COOKIE, observedHeader, type SeenHeader, type SeenMessage } from './reading/header.ts';
import { digestOf, IkeSaReader, type ReadMessage } from './reading/ike-sa.ts';
import { observedPayloads, seenPayloads } from './reading/payloads.ts';
import { KeySource } from './reading/secrets.ts';

/** Reads along all IKE of a capture: messages, the IKE SAs and exchanges that they belong to, and what came of them. */
export class IkeWatch {
  readonly #source: KeySource;
  readonly #table: IkeTable;
  readonly #learning: Learning;
  readonly #fragments = new IkeFragments();
  readonly #peers = new PeerWatch();
  readonly #failures = new FailureWatch();

  constructor(ring: KeyRing, limits: ObserverLimits, beyond: Beyond, listener: IkeListener) {
    this.#source = new KeySource(ring);
    this.#table = new IkeTable(this.#source, limits, beyond);
    this.#learning = new Learning(this.#table, this.#source.privates, listener);
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
    return this.#table.sas;
  }

  get exchanges(): readonly ExchangeWatch[] {
    return this.#table.exchanges;
  }

  failureRows(): readonly FailureRow[] {
    return this.#failures.rows(this.sas, this.exchanges);
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
    const sa = this.#table.of(header, at);
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
    const sa = this.#table.of(header, at);
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
    const exchange = sa && this.#table.exchange(sa, header, at, number, repeats !== undefined, about);
    if (sa !== undefined) this.#note({ sa, at, header, read, side, number, exchange }, encrypted, repeats);
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
    const sa = this.#table.of(header, at);
    const side = ike2Side(header);
    const seen = seenIke2(octets, header);
    const name = ike2Name(header);
    const repeats = sa?.repeats(digestOf(octets), at.frame);
    const exchange = sa && this.#table.exchange(sa, header, at, undefined, repeats !== undefined, seen.error);
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

  #count(sa: IkeSaWatch, { frame, time }: SeenAt, repeats: number | undefined): void {
    sa.lastFrame = frame;
    sa.lastTime = time;
    if (repeats === undefined) sa.messages += 1;
    else sa.retransmissions += 1;
  }

  /** What a message of IKEv1 shows of its IKE SA, its exchange and its ends. */
  #note(told: Told, encrypted: boolean, repeats: number | undefined): void {
    const { sa, at, header, read, side, number, exchange } = told;
    const keptBefore = sa.reader?.octetsKept ?? 0;
    this.#count(sa, at, repeats);
    sa.hasFirst ||= header.responderCookie === NO_COOKIE;
    if (encrypted) sa.encrypted += 1;
    if (read.decrypted) sa.decrypted += 1;
    if (repeats !== undefined) return;
    for (const payload of read.payloads)
      if (payload.kind === 'vendor-id') this.#peers.take(at.carried.from, payload.data);
    if (header.exchangeType === EXCHANGE.main && number === 6 && read.hash !== 'bad')
      sa.isEstablished ||= read.decrypted;
    if (header.exchangeType === EXCHANGE.aggressive && number === 3) sa.isEstablished = true;
    this.#failures.take(sa, at, read, side, exchange);
    this.#learning.take(told);
    this.#table.octetsKept += (sa.reader?.octetsKept ?? 0) - keptBefore;
  }
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
