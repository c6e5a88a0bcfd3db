import { equalOctets, ip, type Spi } from '@espalier/wire';

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
 * order of RFC 4301 §4.1: {SPI, destination, source}, then {SPI, destination}, then {SPI}. A look-up allocates nothing.
 */
export class SecurityAssociationDatabase<Sa> {
  /** By `keyOf`: SAs with the same SPI, the most specific first. */
  readonly #bySpi = new Map<number, readonly Entry<Sa>[]>();

  /**
   * @throws TypeError for a source without a destination.
   * @throws RangeError when the identifier is taken.
   */
  add(identifier: SaIdentifier, sa: Sa): void {
    if (identifier.source !== undefined && identifier.destination === undefined) {
      throw new TypeError('identifier.source: needs identifier.destination');
    }
    const entries = this.#bySpi.get(keyOf(identifier.spi)) ?? [];
    if (entries.some((entry) => equalIdentifiers(entry.identifier, identifier))) {
      throw new RangeError(`identifier: an SA with SPI ${identifier.spi} and these addresses is there already`);
    }
    const added = entries.concat({ identifier, sa });
    this.#bySpi.set(
      keyOf(identifier.spi),
      added.sort((a, b) => precision(b.identifier) - precision(a.identifier)),
    );
  }

  /** Takes the SA with exactly this identifier out. Does nothing where there is none. */
  delete(identifier: SaIdentifier): void {
    const entries = this.#bySpi.get(keyOf(identifier.spi)) ?? [];
    const left = entries.filter((entry) => !equalIdentifiers(entry.identifier, identifier));
    if (left.length === 0) this.#bySpi.delete(keyOf(identifier.spi));
    else this.#bySpi.set(keyOf(identifier.spi), left);
  }

  /**
   * The SA of an ESP packet that came in a UDP datagram to `destination` (4 or 16 octets). Where it came from says
   * nothing: a NAT may change that at any time.
   */
  findInUdp(spi: number, destination: Uint8Array): Sa | undefined {
    const entries = this.#bySpi.get(keyOf(spi));
    if (entries === undefined) return undefined;
    for (const { identifier, sa } of entries) {
      const bound = identifier.destination;
      if (identifier.source === undefined && (bound === undefined || equalOctets(bound, destination))) return sa;
    }
    return undefined;
  }

  /** `spi` may be any number of 32 bits, signed or not, for it comes from the wire; `packet` is the IP packet that carried it. */
  find(spi: number, packet: Uint8Array): Sa | undefined {
    const entries = this.#bySpi.get(keyOf(spi));
    if (entries === undefined) return undefined;
    for (const { identifier, sa } of entries) if (isBoundTo(identifier, packet)) return sa;
    return undefined;
  }
}

interface Entry<Sa> {
  readonly identifier: SaIdentifier;
  readonly sa: Sa;
}

/** As a signed number, which needs no memory of its own. */
function keyOf(spi: number): number {
  return spi | 0;
}

function precision(identifier: SaIdentifier): number {
  if (identifier.source !== undefined) return 2;
  return identifier.destination === undefined ? 0 : 1;
}

function isBoundTo({ destination, source }: SaIdentifier, packet: Uint8Array): boolean {
  return (
    (destination === undefined || ip.isTo(packet, 0, destination)) &&
    (source === undefined || ip.isFrom(packet, 0, source))
  );
}

function equalIdentifiers(a: SaIdentifier, b: SaIdentifier): boolean {
  return a.spi === b.spi && same(a.destination, b.destination) && same(a.source, b.source);
}

function same(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : equalOctets(a, b);
}
