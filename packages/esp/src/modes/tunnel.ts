import { ip, PROTOCOL } from '@espalier/wire';
import { decapsulatedTos } from './ecn.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const IPIP = PROTOCOL.ipip;
const IPV6 = PROTOCOL.ipv6;

/** What the ESP trailer calls the IP packet at `at`: 4 or 41. */
export function tunnelNextHeader(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) >> 4 === 4 ? IPIP : IPV6;
}

/** Gives the packet at `at` the TOS or traffic class that RFC 6040 §4.2 asks for, which there must be. */
export function decapsulateTos(octets: Uint8Array, at: number, outerTos: number): void {
  const before = ip.tos(octets, at);
  const after = decapsulatedTos(before, outerTos);
  if (after !== before) ip.setTos(octets, at, after);
}
