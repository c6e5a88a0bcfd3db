import { after, type Duration, seconds } from '@espalier/wire';
import type { Path } from '../../path.ts';
import type { Environment } from '../../runtime/environment.ts';
import type { Due } from '../../runtime/timers.ts';

/** A NAT forgets who is silent for longer (RFC 3948 §4). */
const INTERVAL: Duration = seconds(20);

const KEEPALIVE = 0xff;

/**
 * Keeps the NAT in front of this side awake. It could be silent while anything else is sent, but ESP is not sent from
 * here, and a datagram of one octet is no burden.
 */
export class Keepalive implements Due {
  readonly #environment: Environment;
  readonly #path: () => Path | undefined;
  #isRunning = false;

  /** `path`: through what the NAT translates now, if there is anything. */
  constructor(environment: Environment, path: () => Path | undefined) {
    this.#environment = environment;
    this.#path = path;
  }

  /** Runs for as long as there is a path. */
  start(): void {
    if (!this.#isRunning && this.#path() !== undefined) this.#wait();
  }

  #wait(): void {
    const { timers, now } = this.#environment;
    this.#isRunning = true;
    timers.set(after(now, INTERVAL), 'nat-keepalive', this);
  }

  due(): void {
    this.#isRunning = false;
    const path = this.#path();
    if (path === undefined) return;
    const octets = Uint8Array.of(KEEPALIVE);
    this.#environment.outbox.transmit({ source: path.local, destination: path.remote, octets });
    this.#wait();
  }
}
