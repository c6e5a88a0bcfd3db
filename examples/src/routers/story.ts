import type { GatewayEvent } from '@espalier/gateway';
import type { JunosNotice } from '@espalier/junos';
import type { Instant } from '@espalier/wire';
import { describeEvent } from '../common/describe-event.ts';
import { toText } from './address.ts';
import type { VirtualClock } from './clock.ts';
import type { NeighborChange } from './ospf.ts';
import type { Router } from './router.ts';
import { clockText, type Terminal } from './terminal.ts';
import type { Observer } from './topology.ts';

export interface Rekeys {
  readonly phase1: number;
  readonly phase2: number;
}

/** What has happened so far. */
export interface Tally {
  readonly rekeys: Rekeys;
  readonly lostNeighbors: number;
  /** Why negotiations failed, each reason once. */
  readonly failures: readonly string[];
}

/** Tells what the routers do, until it is silenced, and counts it. */
export class Story implements Observer {
  readonly #clock: VirtualClock;
  readonly #terminal: Terminal;
  readonly #failures = new Set<string>();
  readonly #hasNotices: boolean;
  #silent = false;
  #tunnelSince: Instant | undefined;
  #phase1 = 0;
  #phase2 = 0;
  #lostNeighbors = 0;

  /** `hasNotices`: whether to tell what the configurations have that does nothing. */
  constructor(clock: VirtualClock, terminal: Terminal, hasNotices = true) {
    this.#clock = clock;
    this.#hasNotices = hasNotices;
    this.#terminal = terminal;
  }

  get tally(): Tally {
    return {
      rekeys: { phase1: this.#phase1, phase2: this.#phase2 },
      lostNeighbors: this.#lostNeighbors,
      failures: [...this.#failures],
    };
  }

  /** When R2 had its first IPsec SAs. */
  get tunnelSince(): Instant | undefined {
    return this.#tunnelSince;
  }

  /** From now on only counts. */
  silence(): void {
    this.#silent = true;
  }

  noticed(router: Router, { line, column, text }: JunosNotice): void {
    if (this.#hasNotices && !this.#silent)
      this.#terminal.print(`  ${router.name}.conf, line ${line}, column ${column}: ${text}`);
  }

  happened(router: Router, event: GatewayEvent): void {
    if (router.name === 'R2') this.#count(event);
    if (event.kind === 'ike-failed' || event.kind === 'ipsec-failed') this.#failures.add(event.reason);
    const what = describeEvent(event);
    if (what !== undefined) this.#tell(router, what);
  }

  neighborChanged({ router, interface: name, neighbor, state }: NeighborChange): void {
    if (state === 'Down') this.#lostNeighbors++;
    this.#tell(router, `OSPF neighbor ${toText(neighbor)} on ${name} is ${state}`);
  }

  /** What is an event on both gateways is counted on R2. */
  #count(event: GatewayEvent): void {
    if (event.kind === 'ike-established' && event.replaces !== undefined) this.#phase1++;
    if (event.kind === 'ipsec-established') this.#tunnelSince ??= this.#clock.now;
    if (event.kind === 'ipsec-established' && event.replaces !== undefined) this.#phase2++;
  }

  #tell(router: Router, what: string): void {
    if (this.#silent) return;
    const [event, ...details] = what.split('\n');
    this.#terminal.print(`  ${clockText(this.#clock.now)}  ${router.name}  ${event}`);
    for (const detail of details) this.#terminal.print(`      ${detail}`);
  }
}
