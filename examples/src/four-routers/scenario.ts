import { after, type Duration, type Instant, seconds } from '@espalier/wire';
import { VirtualClock } from '../routers/clock.ts';
import { Operator } from '../routers/operator.ts';
import { Story } from '../routers/story.ts';
import type { Terminal } from '../routers/terminal.ts';
import { buildTopology, type Resources, type Topology } from '../routers/topology.ts';
import { liveThroughDay } from './day.ts';
import type { Evidence } from './evidence.ts';
import { R4_ADDRESS, verifyAsDocumented } from './verification.ts';

export interface ScenarioOptions extends Resources {
  readonly terminal: Terminal;
  /** How long to go on after the verification, with a ping every second. */
  readonly day: Duration;
  /** Sees every packet of the link between R2 and R3. */
  readonly tap?: (now: Instant, packet: Uint8Array) => void;
}

/** For the negotiation and a few Hellos. */
const PATIENCE = seconds(60);

/** The document pings, then looks at SAs with 26998 of 28800 seconds left. */
const AGE_AT_PING = seconds(1795);
const AGE_AT_SHOW = seconds(1801.5);

/** Brings the four routers up, verifies them as the document does, and goes on for a day. */
export function runScenario(options: ScenarioOptions): Evidence {
  return new Scenario(options).run();
}

class Scenario {
  readonly #clock = new VirtualClock();
  readonly #terminal: Terminal;
  readonly #operator: Operator;
  readonly #day: Duration;
  readonly #story: Story;
  readonly #topology: Topology;

  constructor({ terminal, day, tap, ...resources }: ScenarioOptions) {
    this.#terminal = terminal;
    this.#operator = new Operator(this.#clock, terminal);
    this.#day = day;
    this.#story = new Story(this.#clock, terminal);
    terminal.print('In the configurations, R1.conf to R4.conf:');
    this.#topology = buildTopology(this.#clock, resources, this.#story, (packet) => tap?.(this.#clock.now, packet));
  }

  run(): Evidence {
    this.#comeUp();
    this.#clock.run(this.#whenTunnelIs(AGE_AT_PING));
    const verified = verifyAsDocumented(this.#operator, this.#topology, () => {
      this.#clock.run(this.#whenTunnelIs(AGE_AT_SHOW));
      return this.#clock.now;
    });
    this.#terminal.print();
    const day = liveThroughDay(this.#clock, this.#topology, this.#story, this.#terminal, R4_ADDRESS, this.#day);
    return { ...verified, day };
  }

  /** Until all neighbours have found each other; those of R2 and R3 need the tunnel for it. */
  #comeUp(): void {
    this.#terminal.print();
    this.#terminal.print('The routers come up (virtual time, router, event):');
    const { ospf } = this.#topology;
    this.#clock.runFor(PATIENCE, () => ospf.every(({ state }) => state === '2-Way'));
    this.#story.silence();
    this.#terminal.print();
    this.#terminal.print('Half an hour later, the verification of the document:');
  }

  #whenTunnelIs(old: Duration): Instant {
    return after(this.#story.tunnelSince ?? this.#clock.now, old);
  }
}
