import { type Instant, instant } from '@espalier/wire';
import type { GatewayConfig } from '../config.ts';
import { Agenda } from '../sas/agenda.ts';
import type { Tunnel } from './tunnel.ts';

/** Before any time that a clock shows. */
const AT_ONCE: Instant = instant(Number.MIN_SAFE_INTEGER);

/** Negotiations that are begun in one call: each costs a key pair, and packets are not to wait for them all. */
const SOUGHT_AT_ONCE = 8;

/** Those that should have an SA, have none, and for which nothing is under way: when to see to it. */
export class LackingTunnels {
  readonly #establish: NonNullable<GatewayConfig['establish']>;
  readonly #agenda = new Agenda<Tunnel>();
  #isClosed = false;

  constructor(establish: NonNullable<GatewayConfig['establish']>) {
    this.#establish = establish;
  }

  /** Whether this side may begin to negotiate for it. */
  mayBegin(tunnel: Tunnel): boolean {
    return this.#establish !== 'responder-only' && tunnel.mayBegin;
  }

  /** Something has changed that decides whether `tunnel` is to get an SA. */
  review(tunnel: Tunnel): void {
    if (this.#lacksSa(tunnel)) this.#agenda.set(tunnel, tunnel.backOff.until ?? AT_ONCE);
    else this.#agenda.delete(tunnel);
  }

  delete(tunnel: Tunnel): void {
    this.#agenda.delete(tunnel);
  }

  /** Takes a few of those that are to be seen to by `now`. */
  take(now: Instant): readonly Tunnel[] {
    return this.#agenda.take(now, SOUGHT_AT_ONCE);
  }

  /** When the first is to be seen to. */
  get first(): Instant | undefined {
    return this.#agenda.first;
  }

  /** None is to get an SA any more. */
  close(): void {
    this.#isClosed = true;
    this.#agenda.clear();
  }

  /** Whether `tunnel` should have an SA, has none, and nothing is under way to get one. */
  #lacksSa(tunnel: Tunnel): boolean {
    if (this.#isClosed || !this.mayBegin(tunnel)) return false;
    if (tunnel.sending !== undefined || tunnel.isNegotiating) return false;
    return (this.#establish === 'immediately' && tunnel.beginsFor === undefined) || tunnel.waiting.length > 0;
  }
}
