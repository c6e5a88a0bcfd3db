import type { Block } from '../places/block.ts';
import type { Definitions } from '../places/definitions.ts';
import { area, integer, ipv4Address, ipv4Prefix } from '../places/values.ts';
import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { SecurityAssociation } from '../vpn.ts';
import type { JunosInterface } from './interfaces.ts';

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
  /** `ipsec-sa`: name of the security association that its packets are protected by. */
  readonly ipsecSa?: string;
}

/** `protocols ospf area`. */
export interface JunosOspfArea {
  /** In dotted decimal: `0.0.0.0`. */
  readonly area: string;
  readonly interfaces: readonly JunosOspfInterface[];
}

/** `routing-options { ... }`: the router ID and static routes; the rest is passed over with a notice. */
export function readRoutingOptions(block: Block, interfaces: readonly JunosInterface[]): JunosRoutingOptions {
  const routerId = block.one('router-id', ipv4Address);
  const staticRoutes = block.section('static', (routes) => {
    const read = routes.named('route', (route, prefix) => readRoute(route, prefix, interfaces)).flat();
    routes.passOver();
    return read;
  });
  block.passOver();
  return { routerId, staticRoutes: staticRoutes ?? [] };
}

/** What the areas may refer to. */
export interface RoutingContext {
  readonly interfaces: readonly JunosInterface[];
  readonly associations: Definitions<SecurityAssociation>;
}

/** `protocols { ... }`: the areas of OSPF; the rest is passed over with a notice. */
export function readProtocols(block: Block, context: RoutingContext): JunosOspfArea[] {
  const areas = block.section('ospf', (ospf) => {
    const read = ospf.named('area', (inner, name) => readArea(inner, name, context));
    ospf.passOver();
    return read;
  });
  block.passOver();
  return areas ?? [];
}

function readArea(block: Block, name: Word, context: RoutingContext): JunosOspfArea {
  const read = block.named('interface', (options, word) => readOspfInterface(options, word, context)).flat();
  block.passOver();
  return { area: area(name), interfaces: read };
}

/** One next hop; routes that lead nowhere, elsewhere or two ways are passed over with a notice. */
function readRoute(block: Block, prefix: Word, interfaces: readonly JunosInterface[]): JunosStaticRoute[] {
  const isIpv4 = /^[\d./]+$/.test(prefix.text);
  const hops = isIpv4 ? block.list('next-hop', (word) => readNextHop(block, word, interfaces)).flat() : [];
  const [nextHop, another] = hops;
  if (another) block.notice(prefix.position, `not read: the other next hops of route ${prefix.text}`);
  if (nextHop === undefined) {
    block.notice(prefix.position, `not read: route ${prefix.text}`);
    block.drop();
    return [];
  }
  block.passOver();
  return [{ prefix: ipv4Prefix(prefix), nextHop }];
}

function readNextHop(block: Block, word: Word, interfaces: readonly JunosInterface[]): JunosStaticRoute['nextHop'][] {
  if (/^[\d.]+$/.test(word.text)) return [{ address: ipv4Address(word) }];
  if (interfaces.some(({ name }) => name === word.text)) return [{ interface: word.text }];
  block.notice(word.position, `not read: next hop ${word.text}, which is no interface of this configuration`);
  return [];
}

function readOspfInterface(
  block: Block,
  { text, position }: Word,
  { interfaces, associations }: RoutingContext,
): JunosOspfInterface[] {
  if (!interfaces.some(({ name }) => name === text)) {
    block.notice(position, `not read: ${text}, which is no interface of this configuration`);
    block.drop();
    return [];
  }
  const helloInterval = block.one('hello-interval', integer(1, 255)) ?? 10;
  const deadInterval = block.one('dead-interval', integer(1, 65535)) ?? 4 * helloInterval;
  const ipsecSa = block.one('ipsec-sa', (word) => transportSa(word, associations));
  block.passOver();
  return [{ name: text, helloInterval, deadInterval, ...(ipsecSa !== undefined && { ipsecSa }) }];
}

/** All neighbours of an interface share one SA, in both directions. */
function transportSa({ text, position }: Word, associations: Definitions<SecurityAssociation>): string {
  const refused = (what: string) => unexpected(position, what).withText(what);
  const association = associations.get(text);
  if (association === undefined) throw refused('Referenced IPSec security association must be defined');
  if (association.mode !== 'transport') {
    throw refused('Referenced IPSec security association must be in transport mode');
  }
  if (association.sas === undefined) throw refused('Referenced IPSec security association must be a manual SA');
  if (!association.sas.isBidirectional) {
    throw unexpected(position, 'a bidirectional security association, which is what OSPF takes', `"${text}"`);
  }
  return text;
}
