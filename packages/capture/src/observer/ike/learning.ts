import { copyOctets } from '@espalier/crypto';
import {
  COOKIE_OCTETS,
  type DecodedPayload,
  type DeletePayload,
  EXCHANGE,
  formatIdentification,
  NOTIFY,
  type NotificationPayload,
  PAYLOAD,
  PROTOCOL_ID,
  payloadType,
  readU32,
  toHex,
} from '@espalier/wire';
import { spiText } from '../../text/names.ts';
import { portOf, type SeenAt } from '../where.ts';
import { childrenOf, protocolOf } from './child.ts';
import type { ExchangeWatch } from './exchanges.ts';
import type { IkeSaWatch } from './ike-sa-watch.ts';
import type { IkeTable } from './ike-table.ts';
import type { IkeListener } from './listener.ts';
import { changedEnds } from './nat.ts';
import type { DhPrivates } from './reading/dh-privates.ts';
import type { SeenHeader } from './reading/header.ts';
import type { ReadMessage } from './reading/ike-sa.ts';
import type { Side } from './reading/learnt.ts';
import { seenPayloads } from './reading/payloads.ts';

/** A message of IKEv1 that was read, and whose it is. */
export interface Told {
  readonly sa: IkeSaWatch;
  readonly at: SeenAt;
  readonly header: SeenHeader;
  readonly read: ReadMessage;
  readonly side: Side | undefined;
  /** Which of its exchange. */
  readonly number: number | undefined;
  readonly exchange: ExchangeWatch | undefined;
}

/** An offer beyond it is of nobody who wants to agree. */
const MOST_OFFER_OCTETS = 16_384;

/** Learns what messages say of IKE SAs and children: who the ends are, what they agree on, what they probe and delete. */
export class Learning {
  readonly #table: IkeTable;
  readonly #privates: DhPrivates;
  readonly #listener: IkeListener;

  constructor(table: IkeTable, privates: DhPrivates, listener: IkeListener) {
    this.#table = table;
    this.#privates = privates;
    this.#listener = listener;
  }

  /** Of a message that had not come before. */
  take(told: Told): void {
    const { sa, read, at, exchange } = told;
    this.#identities(told);
    this.#nat(told);
    this.#offer(told);
    if (!read.decrypted) return;
    const { from, to } = at.carried;
    for (const payload of read.payloads) {
      if (payload.kind === 'delete') this.#delete(at, payload);
      if (payload.kind !== 'notification') continue;
      this.#replayStatus(at, payload);
      if (exchange !== undefined) sa.probes.take(payload, exchange, { from, to, frame: at.frame });
    }
    if (exchange !== undefined) this.#quickMode(told, exchange);
  }

  #identities({ sa, header, read, side }: Told): void {
    const id = read.payloads.find(({ kind }) => kind === 'id');
    if (header.messageId !== 0 || id?.kind !== 'id' || side === undefined) return;
    if (side === 'initiator') sa.initiatorId ??= formatIdentification(id);
    else sa.responderId ??= formatIdentification(id);
  }

  #nat({ sa, at: { carried }, header, read }: Told): void {
    const name = sa.reader?.protection?.hash;
    if (name === undefined || header.messageId !== 0) return;
    const [source, destination] = [
      { address: carried.from, port: portOf(carried.source) },
      { address: carried.to, port: portOf(carried.destination) },
    ];
    const cookies = [header.initiatorCookieOctets, header.responderCookieOctets] as const;
    const changed = changedEnds(name, cookies, source, destination, read.payloads);
    const side = sa.sideOf(carried.source, carried.from);
    if (changed === undefined || side === undefined) return;
    sa.behindNat ??= { initiator: false, responder: false };
    const other = side === 'initiator' ? 'responder' : 'initiator';
    sa.behindNat[side] ||= changed.source;
    sa.behindNat[other] ||= changed.destination;
  }

  /** Of phase 1, for who asks later why it failed. */
  #offer({ header, read, number, exchange }: Told): void {
    if (exchange === undefined || number !== 1 || header.exchangeType === EXCHANGE.quick) return;
    const offer = read.payloads.find(({ kind }) => kind === 'sa');
    if (offer?.kind === 'sa' && offer.body.length < MOST_OFFER_OCTETS) exchange.offer ??= kept(offer);
    this.#table.octetsKept += offer?.body.length ?? 0;
  }

  /** SAs by the SPIs by which its sender receives, IKE SAs by their cookies (RFC 2408 §3.15). */
  #delete(at: SeenAt, { protocol: number, spis }: DeletePayload): void {
    const { from, to } = at.carried;
    const protocol = protocolOf(number);
    for (const spi of spis) {
      if (protocol !== undefined && spi.length === 4) {
        this.#listener.learnDeleted({ protocol, spi: readU32(spi, 0), from: to, to: from, at });
      } else if (number === PROTOCOL_ID.isakmp && spi.length === 2 * COOKIE_OCTETS) {
        const [initiator, responder] = [spi.subarray(0, COOKIE_OCTETS), spi.subarray(COOKIE_OCTETS)].map(toHex);
        const sa = this.#table.withCookies(initiator ?? '', responder ?? '');
        if (sa !== undefined) sa.deletedFrame ??= at.frame;
      }
    }
  }

  /** Who tells it receives by that SPI (RFC 2407 §4.6.3.2). */
  #replayStatus(at: SeenAt, { notifyType, protocol: number, spi, data }: NotificationPayload): void {
    const protocol = protocolOf(number);
    if (notifyType !== NOTIFY['REPLAY-STATUS'] || protocol === undefined || spi.length !== 4) return;
    const isOn = data.some((octet) => octet !== 0);
    const { from, to } = at.carried;
    this.#listener.learnReplayStatus({ protocol, spi: readU32(spi, 0), from: to, to: from, isOn, at });
  }

  #quickMode({ sa, at, read, number }: Told, exchange: ExchangeWatch): void {
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
    const children = childrenOf(seen, this.#privates, reader.protection, reader.secrets?.d, nonces);
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
}

/** A payload whose octets are its own: what was decoded is views of what it came in. */
function kept<P extends DecodedPayload>(payload: P): P {
  const alone = copyOctets('raw', payload.raw);
  alone[0] = PAYLOAD.none;
  const [again] = seenPayloads(payloadType(payload), alone, false).payloads;
  return again?.kind === payload.kind ? { ...payload, ...again } : payload;
}
