import { formatAddress, parseAddress } from '@espalier/wire';
import { destinationAt, hasAddress } from '../packets/ip-packet.ts';

/** The addresses at which this gateway itself is spoken to. */
export class LocalGateways {
  readonly #octets: readonly Uint8Array[];
  readonly #byText: ReadonlyMap<string, Uint8Array>;

  /** @throws RangeError for an address that is none. */
  constructor(addresses: readonly string[]) {
    this.#octets = addresses.map(parseAddress);
    this.#byText = new Map(this.#octets.map((octets) => [formatAddress(octets), octets]));
  }

  /** The octets of such an address in canonical text; undefined for any other. */
  find(address: string): Uint8Array | undefined {
    return this.#byText.get(address);
  }

  isDestinationOf(packet: Uint8Array): boolean {
    const at = destinationAt(packet);
    for (const octets of this.#octets) if (hasAddress(packet, at, octets)) return true;
    return false;
  }
}
