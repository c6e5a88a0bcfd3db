import { readFileSync } from 'node:fs';
import type { Engine, Rng } from '@espalier/crypto';
import { type Instant, seconds } from '@espalier/wire';
import { VirtualClock } from '../routers/clock.ts';
import { Operator } from '../routers/operator.ts';
import type { OspfInterface } from '../routers/ospf.ts';
import { Story } from '../routers/story.ts';
import type { Terminal } from '../routers/terminal.ts';
import { buildTopology, type Topology } from '../routers/topology.ts';
import { type Evidence, type GatewayViews, type Part, viewGateway } from './evidence.ts';
import { kindOf } from './kind-of.ts';

export interface ScenarioOptions {
  readonly engine: Engine;
  readonly rng: Rng;
  readonly terminal: Terminal;
  readonly part: Part;
  /** What is changed in the text of a router. Default: nothing. */
  readonly change?: (text: string, router: string) => string;
  /** Sees every packet of the link between R2 and R3. */
  readonly tap?: (now: Instant, packet: Uint8Array) => void;
}

const CONFIGURATIONS = new URL('../../configs/', import.meta.url);
const R1_ADDRESS = '10.1.12.2';
const R4_ADDRESS = '10.1.56.2';

/** For a few Hellos. */
const PATIENCE = seconds(60);

/** The text of a router's configuration: those of R1 and R4 are as in the example with IKE. */
export function configurationOf(part: Part, router: string): string {
  const isGateway = router === 'R2' || router === 'R3';
  return readFileSync(
    new URL(isGateway ? `manual-sa/${router}-${part}.conf` : `${router}.conf`, CONFIGURATIONS),
    'utf8',
  );
}

/** Brings the four routers up and verifies them as the document does. */
export function runScenario(options: ScenarioOptions): Evidence {
  return new Scenario(options).run();
}

/** OSPF between R2 and R3 where they have keys of their own: how long nobody is heard, and what was refused. */
export function runStrangers(options: Omit<ScenarioOptions, 'part' | 'terminal'>): Strangers {
  const silent = { print: () => {}, progress: () => {} };
  const change = (text: string, router: string) =>
    router === 'R3' ? text.replace('onlyneighboursknowit', 'astrangerdoesnotknow') : text;
  return new Scenario({ ...options, part: 'ospf', terminal: silent, change }).runStrangers();
}

/** What becomes of OSPF on R2 and R3, which do not have the same key. */
export interface Strangers {
  readonly neighbors: Evidence['neighbors'];
  /** Packets that R2 has refused because their ICV was wrong. */
  readonly refused: number;
}

class Scenario {
  readonly #clock = new VirtualClock();
  readonly #terminal: Terminal;
  readonly #operator: Operator;
  readonly #part: Part;
  readonly #story: Story;
  readonly #topology: Topology;
  readonly #wire = new Map<string, number>();

  constructor({ terminal, part, change = (text) => text, tap, ...resources }: ScenarioOptions) {
    this.#terminal = terminal;
    this.#operator = new Operator(this.#clock, terminal);
    this.#part = part;
    this.#story = new Story(this.#clock, terminal);
    const texts = { configurationOf: (router: string) => change(configurationOf(part, router), router) };
    this.#topology = buildTopology(this.#clock, { ...resources, ...texts }, this.#story, (packet) => {
      const kind = kindOf(packet);
      this.#wire.set(kind, (this.#wire.get(kind) ?? 0) + 1);
      tap?.(this.#clock.now, packet);
    });
  }

  run(): Evidence {
    const { r1, r4, ospf } = this.#topology;
    this.#comeUp();
    const there = this.#operator.ping(r1, R4_ADDRESS, 5);
    const [r2, r3] = this.#verify();
    const back = this.#operator.ping(r4, R1_ADDRESS, 6);
    const hops = this.#operator.traceroute(r4, R1_ADDRESS);
    this.#tellWire();
    return {
      part: this.#part,
      pings: [there, back],
      neighbors: neighborsOf(ospf),
      traceroute: hops,
      r2,
      r3,
      wire: new Map(this.#wire),
    };
  }

  runStrangers(): Strangers {
    const { ospf, cores } = this.#topology;
    this.#clock.runFor(PATIENCE, () => false);
    const between = ospf.filter(({ name }) => name.includes('so-0/0/1.0'));
    return { neighbors: neighborsOf(between), refused: cores.r2.refusals.esp['bad-icv'] };
  }

  #comeUp(): void {
    const { ospf } = this.#topology;
    this.#terminal.print('The routers come up (virtual time, router, event):');
    this.#clock.runFor(PATIENCE, () => ospf.every(({ state }) => state === '2-Way'));
    this.#story.silence();
  }

  #verify(): readonly [GatewayViews, GatewayViews] {
    const { gateways } = this.#topology;
    const views = [viewGateway(this.#clock.now, gateways.r2), viewGateway(this.#clock.now, gateways.r3)] as const;
    const [r2, r3] = views;
    if (this.#part === 'ospf') {
      this.#operator.show('R2', 'ipsec security-associations detail', r2.text.ofProtocols);
      return views;
    }
    this.#operator.show('R2', 'services ipsec-vpn ipsec security-associations', r2.text.brief);
    this.#operator.show('R2', 'services ipsec-vpn ipsec security-associations detail', r2.text.detail);
    this.#operator.show('R2', 'services ipsec-vpn ipsec statistics', r2.text.statistics);
    this.#operator.show('R3', 'services ipsec-vpn ipsec statistics', r3.text.statistics);
    return views;
  }

  #tellWire(): void {
    const kinds = [...this.#wire].map(([kind, packets]) => `${packets} of ${kind}`);
    this.#terminal.print();
    this.#terminal.print(`Packets that were on the link between R2 and R3: ${kinds.join(', ')}.`);
  }
}

function neighborsOf(ospf: readonly OspfInterface[]): Evidence['neighbors'] {
  return ospf.map(({ name, state }) => ({ on: name, state }));
}
