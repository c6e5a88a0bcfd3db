import { equalOctets, ip, type Spi } from '@espalier/wire';
import { NumberMap } from './number-map.ts';

/** What tells an inbound SA: its SPI, and as many of the addresses as it is bound to (RFC 4301 §4.1). */
export interface SaIdentifier {
  readonly spi: Spi;
  /** 4 or 16 octets. */
  readonly destination?: Uint8Array;
  /** 4 or 16 octets; only together with `destination`. */
  readonly source?: Uint8Array;
}

/**
 * The inbound half of the Security Association Database. A packet belongs to the SA with the longest match, in the
 * order of RFC 4301 §4.1: {SPI, destination, source}, then {SPI, destination}, then {SPI}. A look-up allocates nothing, and
 * asks three maps at most, however many SAs there are and whichever of the three they have in common.
 */
export class SecurityAssociationDatabase<Sa> {
  /** By `keyOf`, the most specific first. */
  readonly #maps: readonly [both: SaMap<Sa>, destination: SaMap<Sa>, spi: SaMap<Sa>] = [
    new NumberMap(),
    new NumberMap(),
    new NumberMap(),
  ];
  /** What the SA that was added last is bound to. */
  #latest: Uint8Array | undefined;

  /**
   * @throws TypeError for a source without a destination.
   * @throws RangeError when the identifier is taken.
   */
  add(identifier: SaIdentifier, sa: Sa): void {
    if (identifier.source !== undefined && identifier.destination === undefined) {
      throw new TypeError('identifier.source: needs identifier.destination');
    }
    const map = this.#mapOf(identifier);
    const key = keyOf(identifier);
    const next = map.get(key);
    for (let entry = next; entry !== undefined; entry = entry.next) {
      if (!isOf(entry, identifier)) continue;
      throw new RangeError(`identifier: an SA with SPI ${identifier.spi} and these addresses is there already`);
    }
    map.set(key, {
      spi: identifier.spi | 0,
      destination: this.#shared(identifier.destination),
      source: identifier.source,
      sa,
      next,
    });
  }

  /** Takes the SA with exactly this identifier out. Does nothing where there is none. */
  delete(identifier: SaIdentifier): void {
    const map = this.#mapOf(identifier);
    const key = keyOf(identifier);
    let left: Entry<Sa> | undefined;
    for (let entry = map.get(key); entry !== undefined; entry = entry.next) {
      if (!isOf(entry, identifier)) left = { ...entry, next: left };
    }
    if (left === undefined) map.delete(key);
    else map.set(key, left);
  }

  /**
   * The SA of an ESP packet that came in a UDP datagram to `destination` (4 or 16 octets). Where it came from says
   * nothing: a NAT may change that at any time.
   */
  findInUdp(spi: number, destination: Uint8Array): Sa | undefined {
    const [, byDestination, bySpi] = this.#maps;
    const found = byDestination.get(hashOf(spi | 0, destination, 0, destination.length));
    for (let entry = found; entry !== undefined; entry = entry.next) {
      const bound = entry.destination;
      if (entry.spi === (spi | 0) && bound !== undefined && equalOctets(bound, destination)) return entry.sa;
    }
    return bySpi.get(spi | 0)?.sa;
  }

  /** `spi` may be any number of 32 bits, signed or not, for it comes from the wire; `packet` is the IP packet that carried it. */
  find(spi: number, packet: Uint8Array): Sa | undefined {
    const [byBoth, byDestination, bySpi] = this.#maps;
    const octets = ip.addressOctets(packet, 0);
    if (byBoth.size > 0) {
      const at = ip.sourceAt(packet, 0);
      const found = bound(byBoth.get(hashOf(spi | 0, packet, at, 2 * octets)), spi, packet);
      if (found !== undefined) return found;
    }
    if (byDestination.size > 0) {
      const at = ip.destinationAt(packet, 0);
      const found = bound(byDestination.get(hashOf(spi | 0, packet, at, octets)), spi, packet);
      if (found !== undefined) return found;
    }
    return bySpi.get(spi | 0)?.sa;
  }

  /** The octets that the SA before was bound to, where they are the same: then they lie in the nearest cache. */
  #shared(destination: Uint8Array | undefined): Uint8Array | undefined {
    if (!same(this.#latest, destination)) this.#latest = destination;
    return this.#latest;
  }

  #mapOf({ source, destination }: SaIdentifier): SaMap<Sa> {
    const [byBoth, byDestination, bySpi] = this.#maps;
    if (source !== undefined) return byBoth;
    return destination === undefined ? bySpi : byDestination;
  }
}

interface Entry<Sa> {
  /** With a sign. */
  readonly spi: number;
  readonly destination: Uint8Array | undefined;
  readonly source: Uint8Array | undefined;
  readonly sa: Sa;
  /** Another one with the same key. */
  readonly next: Entry<Sa> | undefined;
}

type SaMap<Sa> = NumberMap<Entry<Sa>>;

/** The SPI as a signed number, which needs no memory of its own, with the addresses that it is bound to folded in. */
function keyOf({ spi, destination, source }: SaIdentifier): number {
  const key = source === undefined ? spi | 0 : hashOf(spi | 0, source, 0, source.length);
  return destination === undefined ? key : hashOf(key, destination, 0, destination.length);
}

/** FNV-1a over what `seed` stands for and the octets. */
function hashOf(seed: number, octets: Uint8Array, at: number, length: number): number {
  let hash = seed;
  for (let i = at; i < at + length; i++) hash = Math.imul(hash ^ (octets[i] ?? 0), 0x01000193);
  return hash;
}

function bound<Sa>(first: Entry<Sa> | undefined, spi: number, packet: Uint8Array): Sa | undefined {
  for (let entry = first; entry !== undefined; entry = entry.next) {
    if (entry.spi === (spi | 0) && isBoundTo(entry, packet)) return entry.sa;
  }
  return undefined;
}

function isBoundTo({ destination, source }: Entry<unknown>, packet: Uint8Array): boolean {
  return (
    (destination === undefined || ip.isTo(packet, 0, destination)) &&
    (source === undefined || ip.isFrom(packet, 0, source))
  );
}

function isOf(entry: Entry<unknown>, { spi, destination, source }: SaIdentifier): boolean {
  return entry.spi === (spi | 0) && same(entry.destination, destination) && same(entry.source, source);
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalOctets(a, b);
}
