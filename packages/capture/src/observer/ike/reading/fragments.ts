import { copyOctets } from '@espalier/crypto';
import { concat, DecodeError, decodeFragment } from '@espalier/wire';

const MOST_MESSAGES = 64;
const MOST_OCTETS = 65_536;

interface Pieces {
  readonly pieces: Map<number, Uint8Array>;
  octets: number;
  last: number | undefined;
}

/** Puts messages together that were sent in fragments of IKE (payload 132). */
export class IkeFragments {
  readonly #messages = new Map<string, Pieces>();

  /**
   * `key` tells IKE SAs and directions apart. The whole message, once its last missing fragment is here; else what is to be
   * said of this one.
   */
  add(key: string, message: Uint8Array): Uint8Array | string {
    const fragment = decoded(message);
    if (fragment === undefined) return 'a fragment that has no form';
    const id = `${key} ${fragment.id}`;
    const waiting = this.#waiting(id);
    if (!waiting.pieces.has(fragment.number) && waiting.octets + fragment.piece.length <= MOST_OCTETS) {
      waiting.pieces.set(fragment.number, copyOctets('piece', fragment.piece));
      waiting.octets += fragment.piece.length;
    }
    if (fragment.isLast) waiting.last = fragment.number;
    const said = `fragment ${fragment.number}${fragment.isLast ? ', the last,' : ''} of a message`;
    if (waiting.last === undefined || waiting.pieces.size < waiting.last) return said;
    this.#messages.delete(id);
    return concat(...[...waiting.pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece));
  }

  #waiting(id: string): Pieces {
    const known = this.#messages.get(id);
    if (known !== undefined) return known;
    const oldest = this.#messages.keys().next().value;
    if (this.#messages.size >= MOST_MESSAGES && oldest !== undefined) this.#messages.delete(oldest);
    const waiting: Pieces = { pieces: new Map(), octets: 0, last: undefined };
    this.#messages.set(id, waiting);
    return waiting;
  }
}

function decoded(message: Uint8Array): ReturnType<typeof decodeFragment> | undefined {
  try {
    return decodeFragment(message);
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}
