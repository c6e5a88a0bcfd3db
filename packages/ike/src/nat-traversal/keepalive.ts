import { after, type Duration, type Instant, seconds } from '@espalier/wire';
import type { SessionEnds } from '../ends.ts';
import type { Environment } from '../environment.ts';
import type { Timer } from '../timers.ts';

/** A NAT forgets who is silent for longer (RFC 3948 §4). */
const INTERVAL: Duration = seconds(20);

const KEEPALIVE = 0xff;

/** Keeps the NAT in front of this side awake. */
export class Keepalive {
  readonly #environment: Environment;
  readonly #path: () => SessionEnds | undefined;
  #lastSent: Instant | undefined;
  #timer: Timer | undefined;

  /** `path`: through what the NAT translates now, if there is anything. */
  constructor(environment: Environment, path: () => SessionEnds | undefined) {
    this.#environment = environment;
    this.#path = path;
  }

  /** A message went to the peer, which serves as well. */
  sent(): void {
    this.#lastSent = this.#environment.now;
  }

  /** Runs for as long as there is a path. */
  start(): void {
    if (this.#timer === undefined && this.#path() !== undefined) this.#wait();
  }

  #wait(): void {
    const { timers, now } = this.#environment;
    const from = this.#lastSent ?? now;
    this.#timer = timers.set(after(from, INTERVAL), 'nat-keepalive', () => this.#due());
  }

  #due(): void {
    this.#timer = undefined;
    const path = this.#path();
    if (path === undefined) return;
    const { outbox, now } = this.#environment;
    if (this.#lastSent === undefined || after(this.#lastSent, INTERVAL) <= now) {
      outbox.transmit({ source: path.local, destination: path.remote, octets: Uint8Array.of(KEEPALIVE) });
      this.sent();
    }
    this.#wait();
  }
}
