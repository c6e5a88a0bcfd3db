import { formatAddress, ip, parseAddress } from '@espalier/wire';

/** The addresses at which this gateway itself is spoken to. */
export class LocalAddresses {
  readonly #byText = new Map<string, Uint8Array>();
  /** How many peers speak to an address. */
  readonly #uses = new Map<string, number>();
  #octets: readonly Uint8Array[] = [];

  /** One more peer is spoken to at `address`. @throws RangeError for an address that is none. */
  add(address: string): void {
    const octets = parseAddress(address);
    const text = formatAddress(octets);
    const uses = this.#uses.get(text) ?? 0;
    this.#uses.set(text, uses + 1);
    if (uses > 0) return;
    this.#byText.set(text, octets);
    this.#octets = [...this.#byText.values()];
  }

  /** One peer less is. */
  delete(address: string): void {
    const text = formatAddress(parseAddress(address));
    const left = (this.#uses.get(text) ?? 0) - 1;
    if (left > 0) {
      this.#uses.set(text, left);
      return;
    }
    this.#uses.delete(text);
    this.#byText.delete(text);
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
