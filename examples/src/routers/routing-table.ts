import type { Address } from './address.ts';

/** Routes by longest prefix. */
export class RoutingTable<T> {
  /** The longest prefixes first. */
  readonly #routes: { readonly network: Address; readonly mask: Address; readonly to: T }[] = [];

  /** Returns a way to take it away again. */
  add(address: Address, length: number, to: T): () => void {
    const mask = length === 0 ? 0 : (~0 << (32 - length)) >>> 0;
    const route = { network: (address & mask) >>> 0, mask, to };
    this.#routes.push(route);
    this.#routes.sort((a, b) => b.mask - a.mask);
    return () => {
      this.#routes.splice(this.#routes.indexOf(route), 1);
    };
  }

  find(address: Address): T | undefined {
    return this.#routes.find(({ network, mask }) => (address & mask) >>> 0 === network)?.to;
  }
}
