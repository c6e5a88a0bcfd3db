import type { Word } from '../text/tree.ts';
import type { Block, Value } from './block.ts';
import { existing, type JunosInterface } from './interfaces.ts';
import { integer, ipv4Address, ipv4Prefix } from './values.ts';

/** `routing-options static route`: where packets to a prefix go. */
export interface JunosStaticRoute {
  /** For example `10.1.56.0/30`. */
  readonly prefix: string;
  /** A router's IPv4 address, or an interface of this configuration. */
  readonly nextHop: { readonly address: string } | { readonly interface: string };
}

/** `routing-options`. */
export interface JunosRoutingOptions {
  /** An IPv4 address. */
  readonly routerId: string | undefined;
  readonly staticRoutes: readonly JunosStaticRoute[];
}

/** `protocols ospf area interface`: an interface that speaks OSPF (RFC 2328 §9). */
export interface JunosOspfInterface {
  /** Device and unit: `so-0/0/0.0`. */
  readonly name: string;
  /** Seconds between two Hellos. Default 10. */
  readonly helloInterval: number;
  /** Seconds of silence after which a neighbour is down. Default four Hello intervals. */
  readonly deadInterval: number;
}

/** `protocols ospf area`. */
export interface JunosOspfArea {
  /** In dotted decimal: `0.0.0.0`. */
  readonly area: string;
  readonly interfaces: readonly JunosOspfInterface[];
}

/** `routing-options { ... }` */
export function readRoutingOptions(block: Block, interfaces: readonly JunosInterface[]): JunosRoutingOptions {
  return {
    routerId: block.one('router-id', ipv4Address),
    staticRoutes:
      block.section('static', (routes) =>
        routes.named('route', (route, prefix) => readRoute(route, prefix, interfaces)),
      ) ?? [],
  };
}

/** `protocols { ... }`: the areas of OSPF. */
export function readProtocols(block: Block, interfaces: readonly JunosInterface[]): JunosOspfArea[] {
  return (
    block.section('ospf', (ospf) =>
      ospf.named('area', (area, name) => ({
        area: ipv4Address(name),
        interfaces: area.named('interface', (options, reference) =>
          readOspfInterface(options, existing(interfaces)(reference)),
        ),
      })),
    ) ?? []
  );
}

function readRoute(block: Block, prefix: Word, interfaces: readonly JunosInterface[]): JunosStaticRoute {
  const nextHop: Value<JunosStaticRoute['nextHop']> = (word) =>
    /^[\d.]+$/.test(word.text) ? { address: ipv4Address(word) } : { interface: existing(interfaces)(word) };
  return { prefix: ipv4Prefix(prefix), nextHop: block.required('next-hop', nextHop) };
}

function readOspfInterface(block: Block, name: string): JunosOspfInterface {
  const helloInterval = block.one('hello-interval', integer(1, 255)) ?? 10;
  return { name, helloInterval, deadInterval: block.one('dead-interval', integer(1, 65535)) ?? 4 * helloInterval };
}
