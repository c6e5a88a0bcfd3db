import { NOTIFY, type NotificationPayload, readU32 } from '@espalier/wire';
import type { ExchangeWatch } from './exchanges.ts';

/** Questions of one IKE SA that are remembered until their answers come. */
const MOST_ASKED = 256;

/**
 * Signs of life of one IKE SA (RFC 3706 §5.2). A question and its answer are an exchange each: who asks, and a number, show
 * that they belong together.
 */
export class Probes {
  readonly #asked = new Map<string, ExchangeWatch[]>();

  /** A notification, from one address to another. */
  take(
    { notifyType, data }: NotificationPayload,
    exchange: ExchangeWatch,
    { from, to, frame }: { readonly from: string; readonly to: string; readonly frame: number },
  ): void {
    if (data.length !== 4) return;
    const number = readU32(data, 0);
    if (notifyType === NOTIFY['R-U-THERE']) this.#ask(exchange, number, `${from} ${number}`);
    else if (notifyType === NOTIFY['R-U-THERE-ACK']) this.#answer(exchange, number, `${to} ${number}`, frame);
  }

  #ask(exchange: ExchangeWatch, number: number, key: string): void {
    exchange.about = `R-U-THERE ${number}`;
    exchange.question = 'open';
    const same = this.#asked.get(key);
    if (same !== undefined) {
      same.push(exchange);
      return;
    }
    const oldest = this.#asked.keys().next().value;
    if (this.#asked.size >= MOST_ASKED && oldest !== undefined) this.#asked.delete(oldest);
    this.#asked.set(key, [exchange]);
  }

  /** One answer is enough for a question that was repeated. */
  #answer(exchange: ExchangeWatch, number: number, key: string, frame: number): void {
    exchange.about = `R-U-THERE-ACK ${number}`;
    for (const asked of this.#asked.get(key) ?? []) {
      asked.about = `R-U-THERE ${number}, answered in frame ${frame}`;
      asked.question = 'answered';
    }
    this.#asked.delete(key);
  }
}
