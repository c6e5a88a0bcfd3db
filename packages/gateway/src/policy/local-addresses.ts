import { formatAddress, ip, parseAddress } from '@espalier/wire';

/** The addresses at which this gateway itself is spoken to: each as long as somebody holds it. */
export class LocalAddresses {
  readonly #byText = new Map<string, { readonly octets: Uint8Array; holders: number }>();
  /** By `hashAt`: a packet is looked up without allocating. */
  readonly #byHash = new Map<number, readonly Uint8Array[]>();

  /** @throws RangeError for an address that is none. */
  hold(address: string): void {
    const octets = parseAddress(address);
    const known = this.#byText.get(formatAddress(octets));
    if (known !== undefined) {
      known.holders += 1;
      return;
    }
    const hash = hashAt(octets, 0, octets.length);
    this.#byText.set(formatAddress(octets), { octets, holders: 1 });
    this.#byHash.set(hash, [...(this.#byHash.get(hash) ?? []), octets]);
  }

  /** Ends what one `hold` began. */
  release(address: string): void {
    const text = formatAddress(parseAddress(address));
    const known = this.#byText.get(text);
    if (known === undefined) return;
    known.holders -= 1;
    if (known.holders > 0) return;
    const hash = hashAt(known.octets, 0, known.octets.length);
    const others = (this.#byHash.get(hash) ?? []).filter((octets) => octets !== known.octets);
    this.#byText.delete(text);
    if (others.length === 0) this.#byHash.delete(hash);
    else this.#byHash.set(hash, others);
  }

  /** The octets of such an address in canonical text; undefined for any other. */
  find(address: string): Uint8Array | undefined {
    return this.#byText.get(address)?.octets;
  }

  isDestinationOf(packet: Uint8Array): boolean {
    const alike = this.#byHash.get(hashAt(packet, ip.destinationAt(packet, 0), ip.addressOctets(packet, 0)));
    if (alike === undefined) return false;
    for (const octets of alike) if (ip.isTo(packet, 0, octets)) return true;
    return false;
  }
}

/** The octets of an address, folded; those that meet here are compared. */
function hashAt(octets: Uint8Array, at: number, length: number): number {
  let hash = 0;
  for (let i = at; i < at + length; i++) hash = (Math.imul(hash, 31) + (octets[i] ?? 0)) | 0;
  return hash;
}
