import { type DhGroupNumber, type DhKeyPair, dhKeyPairFrom } from '@espalier/crypto';
import { equalOctets } from '@espalier/wire';

/** Private values that are tried in a group: each costs a public value once. */
const TRIED_MOST = 32;

/** Private values of Diffie-Hellman of which it is not known whose they are: that shows by their public values. */
export class DhPrivates {
  readonly #values: readonly Uint8Array[];
  readonly #pairs = new Map<DhGroupNumber, readonly DhKeyPair[]>();

  constructor(values: readonly Uint8Array[]) {
    this.#values = values.slice(0, TRIED_MOST);
  }

  /** g^xy of two public values, if one of them is of a private value that is known. */
  agreed(group: DhGroupNumber, [one, other]: readonly [Uint8Array, Uint8Array]): Uint8Array | undefined {
    for (const pair of this.#pairsOf(group)) {
      if (equalOctets(pair.publicValue, one)) return pair.agree(other);
      if (equalOctets(pair.publicValue, other)) return pair.agree(one);
    }
    return undefined;
  }

  #pairsOf(group: DhGroupNumber): readonly DhKeyPair[] {
    const known = this.#pairs.get(group);
    if (known !== undefined) return known;
    const pairs = this.#values.flatMap((value) => keyPair(group, value) ?? []);
    this.#pairs.set(group, pairs);
    return pairs;
  }
}

/** A private value may be none of this group. */
function keyPair(group: DhGroupNumber, privateValue: Uint8Array): DhKeyPair | undefined {
  try {
    return dhKeyPairFrom(group, privateValue);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
