import { copyOctets } from '@espalier/crypto';
import { concat } from '@espalier/wire';

/** Payload type of IKE fragments, as Cisco numbered it. */
export const FRAGMENT_PAYLOAD = 132;

const MAX_FRAGMENTS = 64;
const MAX_MESSAGES = 16;

/** Puts messages together that were sent in fragments (payload 132: id, number, last flag, piece). */
export class FragmentedMessages {
  readonly #pieces = new Map<string, Map<number, Uint8Array>>();
  readonly #last = new Map<string, number>();

  /** `key` tells sessions and directions apart. The whole message, once its last missing fragment is here. */
  add(key: string, fragment: Uint8Array): Uint8Array | undefined {
    const [high, low, number, flags] = fragment;
    if (high === undefined || low === undefined || number === undefined || flags === undefined) return undefined;
    if (number < 1 || number > MAX_FRAGMENTS) return undefined;
    const id = `${key} ${(high << 8) | low}`;
    const pieces = this.#piecesOf(id);
    pieces.set(number, copyOctets('fragment', fragment.subarray(4)));
    if ((flags & 1) !== 0) this.#last.set(id, number);
    const count = this.#last.get(id);
    if (count === undefined || pieces.size < count) return undefined;
    this.#pieces.delete(id);
    this.#last.delete(id);
    return concat(...[...pieces.entries()].sort(([a], [b]) => a - b).map(([, piece]) => piece));
  }

  #piecesOf(id: string): Map<number, Uint8Array> {
    const known = this.#pieces.get(id);
    if (known !== undefined) return known;
    const oldest = this.#pieces.keys().next().value;
    if (this.#pieces.size >= MAX_MESSAGES && oldest !== undefined) {
      this.#pieces.delete(oldest);
      this.#last.delete(oldest);
    }
    const pieces = new Map<number, Uint8Array>();
    this.#pieces.set(id, pieces);
    return pieces;
  }
}
