import { ip, parsePrefix } from '@espalier/wire';
import type { Prefix, Selectors } from '../config.ts';

/** `Selectors` made ready for packets: a look-up allocates nothing. */
export class SelectorMatcher {
  readonly local: AddressRange | undefined;
  readonly remote: AddressRange | undefined;

  /** @throws RangeError for a prefix that is none. */
  constructor(selectors: Selectors) {
    this.local = selectors.local === undefined ? undefined : compile(selectors.local);
    this.remote = selectors.remote === undefined ? undefined : compile(selectors.remote);
  }

  /** Whether a packet on its way out of the inside is one of these. */
  matchesOutbound(packet: Uint8Array): boolean {
    return (
      within(packet, 0, ip.sourceAt(packet, 0), this.local) &&
      within(packet, 0, ip.destinationAt(packet, 0), this.remote)
    );
  }

  /** Whether a packet that comes in from the outside, and begins at `at`, is one of these. */
  matchesInbound(octets: Uint8Array, at = 0): boolean {
    return (
      within(octets, at, ip.destinationAt(octets, at), this.local) &&
      within(octets, at, ip.sourceAt(octets, at), this.remote)
    );
  }

  /** Whether some packet is one of these and one of the others. */
  overlaps({ local, remote }: SelectorMatcher): boolean {
    return meet(this.local, local) && meet(this.remote, remote);
  }
}

/** A prefix as octets of an address; those behind it count for nothing. */
export interface AddressRange {
  readonly octets: Uint8Array;
  /** Length of the prefix. */
  readonly bits: number;
  readonly wholeOctets: number;
  /** Of the octet after the whole ones; 0 when there is none. */
  readonly mask: number;
}

function compile(prefix: Prefix): AddressRange {
  const { address, length } = parsePrefix(prefix);
  return { octets: address, bits: length, wholeOctets: length >>> 3, mask: (0xff00 >>> (length & 7)) & 0xff };
}

/** Whether two prefixes have an address in common: the shorter one holds the longer one, or they have none. */
function meet(a: AddressRange | undefined, b: AddressRange | undefined): boolean {
  if (a === undefined || b === undefined) return true;
  if (a.octets.length !== b.octets.length) return false;
  const shorter = a.bits < b.bits ? a : b;
  return holds(shorter, (a === shorter ? b : a).octets, 0);
}

/** Whether the address at `at` has the prefix. */
function holds({ octets, wholeOctets, mask }: AddressRange, address: Uint8Array, at: number): boolean {
  for (let i = 0; i < wholeOctets; i++) if (address[at + i] !== octets[i]) return false;
  return mask === 0 || (((address[at + wholeOctets] ?? 0) ^ (octets[wholeOctets] ?? 0)) & mask) === 0;
}

/** Whether the packet at `at` has an address in `range` at `addressAt`. */
function within(octets: Uint8Array, at: number, addressAt: number, range: AddressRange | undefined): boolean {
  if (range === undefined) return true;
  return range.octets.length === ip.addressOctets(octets, at) && holds(range, octets, addressAt);
}
