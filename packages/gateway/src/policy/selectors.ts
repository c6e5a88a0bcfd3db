import { parsePrefix } from '@espalier/wire';
import type { Prefix } from '../config.ts';
import { addressOctets, destinationAt, sourceAt } from '../packets/ip-packet.ts';

/** What a packet must be (RFC 4301 §4.4.1.1); an absent member takes everything. Local is the side behind this gateway. */
export interface Selectors {
  readonly local?: Prefix;
  readonly remote?: Prefix;
  readonly insideInterface?: string;
}

/** `Selectors` made ready for packets: a look-up allocates nothing. */
export class SelectorMatcher {
  readonly #local: AddressRange | undefined;
  readonly #remote: AddressRange | undefined;
  readonly #insideInterface: string | undefined;

  /** @throws RangeError for a prefix that is none. */
  constructor(selectors: Selectors) {
    this.#local = selectors.local === undefined ? undefined : compile(selectors.local);
    this.#remote = selectors.remote === undefined ? undefined : compile(selectors.remote);
    this.#insideInterface = selectors.insideInterface;
  }

  /** Whether a packet on its way out of the inside, seen on `insideInterface` if that is known, is one of these. */
  matchesOutbound(packet: Uint8Array, insideInterface: string | undefined): boolean {
    return (
      this.#matchesInterface(insideInterface) &&
      within(packet, 0, sourceAt(packet), this.#local) &&
      within(packet, 0, destinationAt(packet), this.#remote)
    );
  }

  /** Whether a packet that comes in from the outside, and begins at `at`, is one of these. */
  matchesInbound(octets: Uint8Array, at = 0): boolean {
    return (
      within(octets, at, destinationAt(octets, at), this.#local) &&
      within(octets, at, sourceAt(octets, at), this.#remote)
    );
  }

  #matchesInterface(insideInterface: string | undefined): boolean {
    return this.#insideInterface === undefined || this.#insideInterface === insideInterface;
  }
}

interface AddressRange {
  readonly octets: Uint8Array;
  readonly wholeOctets: number;
  /** Of the octet after the whole ones; 0 when there is none. */
  readonly mask: number;
}

function compile(prefix: Prefix): AddressRange {
  const { address, length } = parsePrefix(prefix);
  return { octets: address, wholeOctets: length >>> 3, mask: (0xff00 >>> (length & 7)) & 0xff };
}

/** Whether the packet at `at` has an address in `range` at `addressAt`. */
function within(octets: Uint8Array, at: number, addressAt: number, range: AddressRange | undefined): boolean {
  if (range === undefined) return true;
  if (range.octets.length !== addressOctets(octets, at)) return false;
  const { wholeOctets, mask } = range;
  for (let i = 0; i < wholeOctets; i++) if (octets[addressAt + i] !== range.octets[i]) return false;
  return mask === 0 || (((octets[addressAt + wholeOctets] ?? 0) ^ (range.octets[wholeOctets] ?? 0)) & mask) === 0;
}
