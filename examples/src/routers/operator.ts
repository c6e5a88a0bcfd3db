import type { VirtualClock } from './clock.ts';
import { type PingReport, ping } from './ping.ts';
import type { Router } from './router.ts';
import type { Terminal } from './terminal.ts';
import { type Hop, traceroute } from './traceroute.ts';

/** Who sits at the routers' prompts: what is asked is printed, and what they answer. */
export class Operator {
  readonly #clock: VirtualClock;
  readonly #terminal: Terminal;

  constructor(clock: VirtualClock, terminal: Terminal) {
    this.#clock = clock;
    this.#terminal = terminal;
  }

  ping(
    router: Router,
    destination: string,
    count: number,
  ): PingReport & { readonly from: string; readonly to: string } {
    this.#prompt(router.name, `ping ${destination} count ${count}`);
    const report = ping(this.#clock, router, destination, count, this.#terminal.print);
    return { from: router.name, to: destination, ...report };
  }

  traceroute(router: Router, destination: string): readonly Hop[] {
    this.#prompt(router.name, `traceroute ${destination}`);
    return traceroute(this.#clock, router, destination, this.#terminal.print);
  }

  /** `show COMMAND`, which prints `text`. */
  show(router: string, command: string, text: string): void {
    this.#prompt(router, `show ${command}`);
    this.#terminal.print(text.trimEnd());
  }

  #prompt(router: string, command: string): void {
    this.#terminal.print();
    this.#terminal.print(`user@${router}> ${command}`);
  }
}
