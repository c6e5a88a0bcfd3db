import type { WorldPlan } from '../plan/plan.ts';
import type { Law } from '../world/violation.ts';
import type { Outcome } from '../world/world.ts';

/** A law that did not hold, and how to see that again. */
export interface Found {
  readonly seed: number;
  readonly law: Law;
  readonly detail: string;
  readonly command: string;
}

/** What a run of worlds came to. */
export class Tally {
  worlds: number = 0;
  gateways: number = 0;
  tunnels: number = 0;
  storms: number = 0;
  disasters: number = 0;
  /** Of virtual time, in milliseconds. */
  lasted: number = 0;
  sent: number = 0;
  delivered: number = 0;
  handled: number = 0;
  handshakes: number = 0;
  pairs: number = 0;
  blackHoled: number = 0;
  /** Worlds that happened twice, to see whether they are the same. */
  repeated: number = 0;
  readonly convergence: number[] = [];
  readonly sizes: Map<number, number> = new Map();
  readonly found: Found[] = [];

  add(plan: WorldPlan, outcome: Outcome): void {
    this.worlds += 1;
    this.gateways += plan.sites.length;
    this.tunnels += plan.tunnels.length;
    this.storms += plan.storms.length;
    this.disasters += plan.disasters.length;
    this.lasted += outcome.lasted;
    this.sent += outcome.sent;
    this.delivered += outcome.delivered;
    this.handled += outcome.handled;
    this.handshakes += outcome.handshakes;
    this.pairs += outcome.pairs;
    this.blackHoled += outcome.blackHoled;
    this.sizes.set(plan.sites.length, (this.sizes.get(plan.sites.length) ?? 0) + 1);
    if (outcome.violations.length === 0) this.convergence.push(outcome.convergedAfter);
  }
}
