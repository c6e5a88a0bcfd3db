import {
  formatIkeSecurityAssociations,
  formatIpsecSecurityAssociations,
  formatIpsecStatistics,
  formatReverseRoutes,
} from '@espalier/junos';
import { seconds } from '@espalier/wire';
import { describeEvent } from '../common/describe-event.ts';
import { VirtualClock } from '../routers/clock.ts';
import { type PingReport, ping } from '../routers/ping.ts';
import type { Router } from '../routers/router.ts';
import { clockText, type Terminal } from '../routers/terminal.ts';
import { type Place, type Resources, Topology } from './topology.ts';

export interface ScenarioOptions extends Resources {
  readonly terminal: Terminal;
}

/** What the hub's operator is shown at one moment. */
export interface HubViews {
  readonly ikeSecurityAssociations: string;
  readonly ipsecSecurityAssociations: string;
  readonly routes: string;
  readonly ipsecStatistics: string;
}

/** All that a run has shown. */
export interface Evidence {
  /** Alice's address, before and after she has moved. */
  readonly addresses: readonly [string, string];
  readonly pings: readonly (PingReport & { readonly from: string; readonly to: string })[];
  /** Once both are there; once Alice has come back from another address; and once she has gone. */
  readonly views: readonly [HubViews, HubViews, HubViews];
}

const SERVER = '10.30.0.5';
export const ALICE = '10.80.1.1';
export const BOB = '10.80.2.1';

/** Two call the hub from where nobody expects them; one comes back from elsewhere, and goes. */
export function runScenario(options: ScenarioOptions): Evidence {
  return new Scenario(options).run();
}

class Scenario {
  readonly #clock = new VirtualClock();
  readonly #terminal: Terminal;
  readonly #topology: Topology;
  readonly #resources: Resources;
  readonly #pings: Evidence['pings'][number][] = [];

  constructor({ terminal, ...resources }: ScenarioOptions) {
    this.#terminal = terminal;
    this.#resources = resources;
    this.#topology = new Topology(this.#clock, resources, (router, event) => {
      const what = describeEvent(event);
      if (what !== undefined) terminal.print(`  ${clockText(this.#clock.now)}  ${router}  ${what}`);
    });
  }

  run(): Evidence {
    const { server } = this.#topology;
    const place = (outside: string): Place => ({ outside, router: '198.51.100.254', inside: ALICE });
    const [first, second] = this.#twoAddresses();
    const alice = this.#topology.join('alice', 'open', place(first));
    const bob = this.#topology.join('bob', 'natted', { outside: '192.168.1.10', router: '192.168.1.1', inside: BOB });

    this.#tell(`Alice has the address ${first}, and Bob is behind a NAT. Each pings the server, and is pinged:`);
    this.#ping(alice.router, SERVER);
    this.#ping(bob.router, SERVER);
    this.#ping(server, ALICE);
    this.#ping(server, BOB);
    const both = this.#show();

    this.#tell(`Alice's connection breaks, and she calls again, from ${second}:`);
    alice.switchOff();
    const moved = this.#topology.join('alice', 'open', place(second));
    this.#ping(moved.router, SERVER);
    this.#ping(server, ALICE);
    const again = this.#show();

    this.#tell('Alice goes home, and says so; Bob is still there:');
    moved.close();
    this.#clock.runFor(seconds(5));
    this.#ping(server, BOB);
    return { addresses: [first, second], pings: this.#pings, views: [both, again, this.#show()] };
  }

  /** As whoever provides the connection gives them. */
  #twoAddresses(): readonly [string, string] {
    const drawn = new Uint8Array(2);
    this.#resources.rng.fill(drawn);
    const [a = 0, b = 0] = drawn;
    return [`198.51.100.${1 + (a % 100)}`, `198.51.100.${101 + (b % 100)}`];
  }

  #ping(router: Router, destination: string): void {
    this.#prompt(router.name, `ping ${destination} count 3`);
    const report = ping(this.#clock, router, destination, 3, this.#terminal.print);
    this.#pings.push({ from: router.name, to: destination, ...report });
  }

  #show(): HubViews {
    const { show } = this.#topology;
    const { now } = this.#clock;
    const views = {
      ikeSecurityAssociations: formatIkeSecurityAssociations(show.ikeSecurityAssociations(now)),
      ipsecSecurityAssociations: formatIpsecSecurityAssociations(show.ipsecSecurityAssociations(now)),
      routes: formatReverseRoutes(show.reverseRoutes(now)),
      ipsecStatistics: formatIpsecStatistics(show.ipsecStatistics()),
    };
    this.#printView('show services ipsec-vpn ike security-associations', views.ikeSecurityAssociations);
    this.#printView('show services ipsec-vpn ipsec security-associations detail', views.ipsecSecurityAssociations);
    this.#printView('show route protocol static', views.routes);
    this.#printView('show services ipsec-vpn ipsec statistics', views.ipsecStatistics);
    return views;
  }

  #printView(command: string, text: string): void {
    this.#prompt('hub', command);
    this.#terminal.print(text.trimEnd());
  }

  #tell(what: string): void {
    this.#terminal.print();
    this.#terminal.print(what);
  }

  #prompt(router: string, command: string): void {
    this.#terminal.print();
    this.#terminal.print(`user@${router}> ${command}`);
  }
}
