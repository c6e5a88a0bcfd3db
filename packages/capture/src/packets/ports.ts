import { NAT_TRAVERSAL_PORT } from '@espalier/wire';

/** Ports at which ISAKMP is looked for beside those that are asked for: IKE's own, and that of group keys (RFC 6407 §1.4). */
const IKE_PORTS: readonly number[] = [500, 848];

/** Ports that are asked for: either form is looked for there. */
export type Ports = ReadonlySet<number>;

/** What a datagram between these ports is: as at 500, as at 4500, either; undefined for neither. */
export function portUse(
  ports: Ports,
  source: number,
  destination: number,
): 'ike' | 'encapsulated' | 'either' | undefined {
  if (IKE_PORTS.includes(source) || IKE_PORTS.includes(destination)) return 'ike';
  if (source === NAT_TRAVERSAL_PORT || destination === NAT_TRAVERSAL_PORT) return 'encapsulated';
  return ports.has(source) || ports.has(destination) ? 'either' : undefined;
}

/** As URIs have it (RFC 3986 §3.2.2). */
export function endPoint(address: string, port: number | undefined): string {
  if (port === undefined) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The address of an end, as `endPoint` has written it. */
export function addressOf(end: string): string {
  const [, bracketed] = /^\[(.*)\]:\d+$/.exec(end) ?? [];
  if (bracketed !== undefined) return bracketed;
  return end.split(':').length === 2 ? end.replace(/:\d+$/, '') : end;
}
