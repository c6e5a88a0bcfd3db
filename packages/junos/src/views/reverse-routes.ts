import { between, type Instant } from '@espalier/wire';

/** A static route that a dynamic tunnel has brought with it: to what is behind the peer, into the services PIC. */
export interface ReverseRouteView {
  /** For example `10.80.1.0/24`. */
  readonly prefix: string;
  /** The inside service interface. */
  readonly interface: string;
  readonly preference: number;
  /** Seconds since the tunnel came. */
  readonly age: number;
}

export function viewReverseRoute(
  now: Instant,
  route: Pick<ReverseRouteView, 'prefix' | 'interface' | 'preference'>,
  since: Instant,
): ReverseRouteView {
  return { ...route, age: Math.floor(between(since, now) / 1000) };
}

/** The lines of `show route protocol static` for them, with a line feed after every line. */
export function formatReverseRoutes(routes: readonly ReverseRouteView[]): string {
  return routes.map((route) => lines(route).join('')).join('');
}

function lines({ prefix, interface: into, preference, age }: ReverseRouteView): readonly string[] {
  return [`${prefix.padEnd(18)} *[Static/${preference}] ${clock(age)}\n`, `${' '.repeat(20)}> via ${into}\n`];
}

function clock(age: number): string {
  const parts = [Math.floor(age / 3600), Math.floor(age / 60) % 60, age % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}
