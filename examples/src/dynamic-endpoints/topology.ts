import { readFileSync } from 'node:fs';
import type { Engine, Rng } from '@espalier/crypto';
import { Gateway, type GatewayEvent } from '@espalier/gateway';
import { readJunos, Show } from '@espalier/junos';
import { milliseconds } from '@espalier/wire';
import { toAddress } from '../routers/address.ts';
import type { VirtualClock } from '../routers/clock.ts';
import { type Attachment, createLink } from '../routers/link.ts';
import { Router } from '../routers/router.ts';
import { ServicesPic } from '../routers/services-pic.ts';
import { Nat } from './nat.ts';

const CONFIGURATIONS = new URL('../../configs/dynamic-endpoints/', import.meta.url);
const LINK = { latency: milliseconds(5), bitsPerSecond: 100_000_000 } as const;
const NAT_ADDRESS = '192.0.2.77';

/** Where one on the road is. */
export interface Place {
  /** The address that it was given, and who gave it. */
  readonly outside: string;
  readonly router: string;
  /** Its own, behind its end of the tunnel. */
  readonly inside: string;
}

/** One on the road, at work. */
export interface Warrior {
  readonly router: Router;
  /** Ends its tunnel, and says so. */
  close(): void;
  /** As when the battery is empty. */
  switchOff(): void;
}

/** What the topology is made from. */
export interface Resources {
  readonly engine: Engine;
  readonly rng: Rng;
  /** The text of `hub.conf`, changed. */
  readonly change?: ((text: string) => string) | undefined;
}

/** Is told what happens in the gateways, by the name of the router. */
export type Happened = (router: string, event: GatewayEvent) => void;

/** The hub with a server behind it, and the internet before it; on the road there is nobody yet. */
export class Topology {
  readonly hub: Router;
  readonly server: Router;
  readonly gateway: Gateway;
  readonly show: Show;
  readonly #clock: VirtualClock;
  readonly #resources: Resources;
  readonly #happened: Happened;
  /** Where one can be plugged in: with an address of the internet, and behind the NAT. */
  readonly #sockets: { readonly open: Attachment; readonly natted: Attachment };
  /** How the routes that tunnels brought with them are taken away again, by the number of the tunnel. */
  readonly #routes = new Map<number, () => void>();

  constructor(clock: VirtualClock, resources: Resources, happened: Happened) {
    this.#clock = clock;
    this.#resources = resources;
    this.#happened = happened;
    const change = resources.change ?? ((text: string) => text);
    this.server = new Router('server', readJunos(textOf('server')).configuration);
    this.hub = new Router('hub', readJunos(change(textOf('hub'))).configuration);
    const internet = new Router('internet', readJunos(textOf('internet')).configuration);

    const [serverToHub, hubToServer] = createLink(clock, LINK);
    const [hubToInternet, internetToHub] = createLink(clock, LINK);
    const [open, internetToOpen] = createLink(clock, LINK);
    const [natToInternet, internetToNat] = createLink(clock, LINK);
    const [natted, natInside] = createLink(clock, LINK);
    this.server.plug('so-0/0/0.0', serverToHub);
    this.hub.plug('so-0/0/0.0', hubToServer);
    this.hub.plug('ge-0/1/0.0', hubToInternet);
    internet.plug('ge-0/0/0.0', internetToHub);
    internet.plug('ge-0/0/1.0', internetToOpen);
    internet.plug('ge-0/0/2.0', internetToNat);
    new Nat(natInside, natToInternet, toAddress(NAT_ADDRESS));
    this.#sockets = { open, natted };

    this.gateway = this.#secure(this.hub).gateway;
    this.show = new Show(this.gateway, this.hub.configuration);
  }

  /** Somebody appears on the road. */
  join(name: string, socket: 'open' | 'natted', { outside, router: next, inside }: Place): Warrior {
    const text = textOf('warrior')
      .replaceAll('OUTSIDE', outside)
      .replaceAll('ROUTER', next)
      .replaceAll('INSIDE', inside);
    const router = new Router(name, readJunos(text).configuration);
    router.plug('ge-0/0/0.0', this.#sockets[socket]);
    const { pic } = this.#secure(router);
    return { router, close: () => pic.close(), switchOff: () => pic.switchOff() };
  }

  #secure(router: Router): { readonly gateway: Gateway; readonly pic: ServicesPic } {
    const { gateway: config, serviceSets, allowLegacy } = router.configuration;
    const [serviceSet] = serviceSets;
    if (serviceSet?.style.kind !== 'next-hop') throw new RangeError(`${router.name}: a next-hop-service is needed`);
    const { engine, rng } = this.#resources;
    const gateway = new Gateway({ config, engine, rng, allowLegacy });
    const { insideInterface } = serviceSet.style;
    const localGateway = toAddress(serviceSet.localGateway);
    const pic = new ServicesPic(this.#clock, router, gateway, { insideInterface, localGateway }, (event) => {
      if (router === this.hub) this.#keepRoutes(event);
      this.#happened(router.name, event);
    });
    pic.plugIn();
    return { gateway, pic };
  }

  /** The reverse routes of dynamic tunnels come and go with them. */
  #keepRoutes(event: GatewayEvent): void {
    if (event.kind !== 'tunnel-added' && event.kind !== 'tunnel-removed') return;
    const { number, remote, insideInterface } = event.tunnel;
    if (event.kind === 'tunnel-removed') {
      this.#routes.get(number)?.();
      this.#routes.delete(number);
    } else if (insideInterface !== undefined) this.#routes.set(number, this.hub.route(remote, insideInterface));
  }
}

function textOf(name: string): string {
  return readFileSync(new URL(`${name}.conf`, CONFIGURATIONS), 'utf8');
}
