import type { Address } from './address.ts';

/** Routes by longest prefix. */
export class RoutingTable<T> {
  /** The longest prefixes first. */
  readonly #routes: { readonly network: Address; readonly mask: Address; readonly to: T }[] = [];

  add(address: Address, length: number, to: T): void {
    const mask = length === 0 ? 0 : (~0 << (32 - length)) >>> 0;
    this.#routes.push({ network: (address & mask) >>> 0, mask, to });
    this.#routes.sort((a, b) => b.mask - a.mask);
  }

  find(address: Address): T | undefined {
    return this.#routes.find(({ network, mask }) => (address & mask) >>> 0 === network)?.to;
  }
}
