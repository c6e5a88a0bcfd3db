import { addressMatches } from '../../keys/addresses.ts';
import type { SaKeys } from '../../keys/key-ring.ts';
import type { SaWatch } from './sa-watch.ts';

/** Keys from files, by SPI. */
export class GivenKeys<Keys extends SaKeys> {
  readonly #bySpi = new Map<number | undefined, Keys[]>();

  constructor(all: readonly Keys[]) {
    for (const keys of all) {
      const alike = this.#bySpi.get(keys.spi);
      if (alike === undefined) this.#bySpi.set(keys.spi, [keys]);
      else alike.push(keys);
    }
  }

  /** All that may be the SA's. A NAT changes addresses, and the ICV decides: keys that are between others come last. */
  for(sa: SaWatch): readonly Keys[] {
    const all = [...(this.#bySpi.get(sa.spi) ?? []), ...(this.#bySpi.get(undefined) ?? [])];
    return all.sort((a, b) => Number(isBetween(b, sa)) - Number(isBetween(a, sa)));
  }
}

function isBetween({ source, destination }: SaKeys, { from, to }: SaWatch): boolean {
  return addressMatches(source, from) && addressMatches(destination, to);
}

/** Why there is none. `unsupported`: one that the library has no suite for. */
export function whyNoKey(sa: SaWatch, unsupported: SaKeys | undefined): string {
  const verb = sa.protocol === 'esp' ? 'open' : 'check';
  if (unsupported !== undefined) return `cannot ${verb} ${unsupported.algorithms}: not supported`;
  return sa.child === undefined
    ? 'no key for this SPI'
    : 'no key for this SPI, and none follows from what was read of IKE';
}
