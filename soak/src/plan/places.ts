import { Nat } from '@espalier/testing/network';
import { fqdnId, type Identification } from '@espalier/wire';
import type { Family, SitePlan } from './plan.ts';

/** Where things are in a world: addresses by the number of a site. */

export function siteName(site: number): string {
  return `s${site}`;
}

/** Its name, which its certificate has as well. */
export function domainOf(site: number): string {
  return `${siteName(site)}.example.org`;
}

export function siteIdentity(site: number): Identification {
  return fqdnId(domainOf(site));
}

/** Of the gateway itself, outside; behind a NAT the one that it has there. */
export function gatewayAddress(site: number, plan: SitePlan, family: Family): string {
  if (family === 6) return `2001:db8:ffff::${site + 1}`;
  return plan.nat === undefined ? `192.0.2.${site + 1}` : `172.16.${site}.2`;
}

/** What the world sees of a gateway at first. */
export function publicAddress(site: number, plan: SitePlan, family: Family): string {
  return plan.nat === undefined ? gatewayAddress(site, plan, family) : `198.51.100.${site + 1}`;
}

/** Where a NAT goes when it moves. */
export function movedAddress(site: number): string {
  return `203.0.113.${site + 1}`;
}

export function netOf(site: number, family: Family): string {
  return family === 4 ? `10.${site}.0.0/16` : `2001:db8:${site + 1}::/48`;
}

export function hostAddress(site: number, family: Family): string {
  return family === 4 ? `10.${site}.0.2` : `2001:db8:${site + 1}::2`;
}

export function natOf(site: number, { nat, natMemory }: SitePlan): Nat | undefined {
  if (nat === undefined) return undefined;
  return new Nat({ kind: nat, publicAddress: `198.51.100.${site + 1}`, memory: natMemory });
}

/** UDP port of the hosts, and of gateways where they are hosts themselves. */
export const PORT = 7000;
