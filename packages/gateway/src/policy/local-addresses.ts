import { formatAddress, ip, parseAddress } from '@espalier/wire';

/** The addresses at which this gateway itself is spoken to. */
export class LocalAddresses {
  readonly #byText = new Map<string, Uint8Array>();
  #octets: readonly Uint8Array[] = [];

  /** @throws RangeError for an address that is none. */
  constructor(addresses: Iterable<string>) {
    for (const address of addresses) {
      const octets = parseAddress(address);
      this.#byText.set(formatAddress(octets), octets);
    }
    this.#octets = [...this.#byText.values()];
  }

  /** The octets of such an address in canonical text; undefined for any other. */
  find(address: string): Uint8Array | undefined {
    return this.#byText.get(address);
  }

  isDestinationOf(packet: Uint8Array): boolean {
    for (const octets of this.#octets) if (ip.isTo(packet, 0, octets)) return true;
    return false;
  }
}
