import { readFileSync } from 'node:fs';
import type { Engine, Rng } from '@espalier/crypto';
import { Gateway, type GatewayEvent } from '@espalier/gateway';
import type { KeyLogEntry } from '@espalier/ike';
import { type GivenCertificates, type JunosNotice, readJunos, Show } from '@espalier/junos';
import { milliseconds } from '@espalier/wire';
import { toAddress } from './address.ts';
import type { VirtualClock } from './clock.ts';
import { createLink, type Tap } from './link.ts';
import { type NeighborChange, OspfInterface } from './ospf.ts';
import { OspfProtection } from './ospf-protection.ts';
import { Router } from './router.ts';
import { type AnswerTo, ServicesPic } from './services-pic.ts';

/** What a topology tells about itself while time passes. */
export interface Observer {
  /** A statement of a router's configuration has no effect. */
  noticed(router: Router, notice: JunosNotice): void;
  /** The services PIC of a router has established or lost something. */
  happened(router: Router, event: GatewayEvent): void;
  /** OSPF has found or lost a neighbour. */
  neighborChanged(change: NeighborChange): void;
}

/** R1, R2, R3 and R4 in a row; between the middle two, an IPsec tunnel. */
export interface Topology {
  readonly r1: Router;
  readonly r2: Router;
  readonly r3: Router;
  readonly r4: Router;
  /** What their operators may ask. */
  readonly gateways: { readonly r2: Show; readonly r3: Show };
  /** What does IPsec on them. */
  readonly cores: { readonly r2: Gateway; readonly r3: Gateway };
  /** Both ends of each of the three adjacencies. */
  readonly ospf: readonly OspfInterface[];
}

const CONFIGURATIONS = new URL('../../configs/', import.meta.url);

/** All links are OC-3. */
const LINK = { latency: milliseconds(0.18), bitsPerSecond: 155_520_000 } as const;

/** The routers come up one after the other: R2 is the first to send into the tunnel, and so it negotiates. */
const BOOT_INTERVAL = 250;

/** What the routers are made from. */
export interface Resources {
  readonly engine: Engine;
  readonly rng: Rng;
  /** The text of a router's configuration. Default: that of `examples/configs`. */
  readonly configurationOf?: ((router: string) => string) | undefined;
  /** Certificates to which the configuration of a router refers. Default: none. */
  readonly certificatesOf?: ((router: string) => GivenCertificates) | undefined;
  /** Answers what the IKE of a router asks. Default: nobody does. */
  readonly answerTo?: (router: Router) => AnswerTo;
  /** Is handed every key that a gateway agrees on. */
  readonly keyLog?: (entry: KeyLogEntry) => void;
}

/** Reads the configurations and wires the routers up; nothing moves until the clock runs. `tap` is on the link R2-R3. */
export function buildTopology(clock: VirtualClock, resources: Resources, observer: Observer, tap: Tap): Topology {
  const r1 = createRouter('R1', resources, observer);
  const r2 = createRouter('R2', resources, observer);
  const r3 = createRouter('R3', resources, observer);
  const r4 = createRouter('R4', resources, observer);

  const [r1ToR2, r2ToR1] = createLink(clock, LINK);
  const [r2ToR3, r3ToR2] = createLink(clock, LINK, tap);
  const [r3ToR4, r4ToR3] = createLink(clock, LINK);
  r1.plug('so-0/0/0.0', r1ToR2);
  r2.plug('so-0/0/0.0', r2ToR1);
  r2.plug('so-0/0/1.0', r2ToR3);
  r3.plug('so-0/0/1.0', r3ToR2);
  r3.plug('so-0/0/0.0', r3ToR4);
  r4.plug('so-0/0/0.0', r4ToR3);

  const cores = { r2: secure(clock, r2, resources, observer), r3: secure(clock, r3, resources, observer) };
  const gateways = { r2: new Show(cores.r2, r2.configuration), r3: new Show(cores.r3, r3.configuration) };
  const gatewayOf = new Map([
    [r2, cores.r2],
    [r3, cores.r3],
  ]);
  const ospf = [r1, r2, r3, r4].flatMap((router, index) => {
    return startOspf(clock, router, gatewayOf.get(router), index * BOOT_INTERVAL, observer);
  });
  return { r1, r2, r3, r4, gateways, cores, ospf };
}

function readConfiguration(router: string): string {
  return readFileSync(new URL(`${router}.conf`, CONFIGURATIONS), 'utf8');
}

function createRouter(
  name: string,
  { configurationOf = readConfiguration, certificatesOf }: Resources,
  observer: Observer,
): Router {
  const { configuration, notices } = readJunos(configurationOf(name), certificatesOf?.(name));
  const router = new Router(name, configuration);
  for (const notice of notices) observer.noticed(router, notice);
  return router;
}

/** Makes the gateway of a router, and plugs it in as the services PIC that its service set describes, if it has one. */
function secure(clock: VirtualClock, router: Router, resources: Resources, observer: Observer): Gateway {
  const { gateway: config, serviceSets, allowLegacy } = router.configuration;
  const [serviceSet] = serviceSets;
  const gateway = new Gateway({ config, ...resources, allowLegacy });
  if (serviceSet === undefined) return gateway;
  if (serviceSet.style.kind !== 'next-hop') throw new RangeError(`${router.name}: a next-hop-service is needed`);
  const tunnel = {
    insideInterface: serviceSet.style.insideInterface,
    localGateway: toAddress(serviceSet.localGateway),
  };
  const happened = (event: GatewayEvent) => observer.happened(router, event);
  new ServicesPic(clock, router, gateway, tunnel, happened, resources.answerTo?.(router)).plugIn();
  return gateway;
}

/** Starts OSPF after `delay` milliseconds on every interface that is plugged in; it has nobody to talk to on lo0. */
function startOspf(
  clock: VirtualClock,
  router: Router,
  gateway: Gateway | undefined,
  delay: number,
  observer: Observer,
): readonly OspfInterface[] {
  return router.configuration.ospfAreas.flatMap(({ area, interfaces }) =>
    interfaces.flatMap((options) => {
      const port = router.port(options.name);
      if (!port) return [];
      const isProtected = options.ipsecSa !== undefined && gateway !== undefined;
      const protection = isProtected ? new OspfProtection(clock, gateway, options.name) : undefined;
      const ospf = new OspfInterface({ clock, router, port, area, options, protection }, (change) =>
        observer.neighborChanged(change),
      );
      clock.after(milliseconds(delay), () => ospf.start());
      return [ospf];
    }),
  );
}
