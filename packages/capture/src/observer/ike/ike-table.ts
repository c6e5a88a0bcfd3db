import { exchangeText } from '../../text/names.ts';
import { ike2Exchange, isOfInitiator } from '../ike2/message.ts';
import { type Beyond, countBeyond, KEPT_OCTETS, type ObserverLimits } from '../limits.ts';
import type { SeenAt } from '../where.ts';
import { ExchangeWatch } from './exchanges.ts';
import { IkeSaWatch } from './ike-sa-watch.ts';
import { NO_COOKIE, type SeenHeader } from './reading/header.ts';
import { IkeSaReader } from './reading/ike-sa.ts';
import type { KeySource } from './reading/secrets.ts';

/** All IKE SAs of a capture and the exchanges under them, by the numbers of their rows. */
export class IkeTable {
  readonly #source: KeySource;
  readonly #limits: ObserverLimits;
  readonly #beyond: Beyond;
  readonly #sas: IkeSaWatch[] = [];
  readonly #byCookies = new Map<string, IkeSaWatch>();
  readonly #exchanges: ExchangeWatch[] = [];
  readonly #exchangeOf = new Map<string, ExchangeWatch>();
  /** Of messages, which readers keep, and rows of exchanges. */
  octetsKept = 0;

  constructor(source: KeySource, limits: ObserverLimits, beyond: Beyond) {
    this.#source = source;
    this.#limits = limits;
    this.#beyond = beyond;
  }

  get sas(): readonly IkeSaWatch[] {
    return this.#sas;
  }

  get exchanges(): readonly ExchangeWatch[] {
    return this.#exchanges;
  }

  /** Rows are found by both cookies; the first answer takes over the row of the first message. Undefined beyond the limit. */
  of(header: SeenHeader, at: SeenAt): IkeSaWatch | undefined {
    const { initiatorCookie: i, responderCookie: r } = header;
    const known = this.withCookies(i, r);
    if (known !== undefined) return known;
    const begun = r === NO_COOKIE ? undefined : this.withCookies(i, NO_COOKIE);
    if (begun !== undefined && begun.responderCookie === NO_COOKIE) {
      begun.responderCookie = r;
      this.#byCookies.set(`${i} ${r}`, begun);
      return begun;
    }
    if (this.#sas.length >= this.#limits.ikeSas || this.octetsKept > KEPT_OCTETS) {
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

  withCookies(initiator: string, responder: string): IkeSaWatch | undefined {
    return this.#byCookies.get(`${initiator} ${responder}`);
  }

  /** The exchange that a message belongs to, which counts it. Undefined beyond the limit. */
  exchange(
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
}
