import { formatAddress, ip, parseAddress } from '@espalier/wire';

/** The addresses at which this gateway itself is spoken to: each as long as somebody holds it. */
export class LocalAddresses {
  readonly #byText = new Map<string, { readonly octets: Uint8Array; holders: number }>();
  #octets: readonly Uint8Array[] = [];

  /** @throws RangeError for an address that is none. */
  hold(address: string): void {
    const octets = parseAddress(address);
    const known = this.#byText.get(formatAddress(octets));
    if (known !== undefined) {
      known.holders += 1;
      return;
    }
    this.#byText.set(formatAddress(octets), { octets, holders: 1 });
    this.#octets = [...this.#octets, octets];
  }

  /** Ends what one `hold` began. */
  release(address: string): void {
    const text = formatAddress(parseAddress(address));
    const known = this.#byText.get(text);
    if (known === undefined) return;
    known.holders -= 1;
    if (known.holders > 0) return;
    this.#byText.delete(text);
    this.#octets = this.#octets.filter((octets) => octets !== known.octets);
  }

  /** The octets of such an address in canonical text; undefined for any other. */
  find(address: string): Uint8Array | undefined {
    return this.#byText.get(address)?.octets;
  }

  isDestinationOf(packet: Uint8Array): boolean {
    for (const octets of this.#octets) if (ip.isTo(packet, 0, octets)) return true;
    return false;
  }
}
