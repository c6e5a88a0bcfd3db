import { concat, equalOctets } from '../octets.ts';
import { completePacket, type Fragment } from './fragment.ts';

export type FragmentSetRefusal =
  /** Not a multiple of 8 octets though more follow, or none at all. */
  | 'misaligned'
  /** Reaches beyond the longest packet. */
  | 'too-long'
  /** Claims octets that another fragment claims, with other bounds or other content. */
  | 'overlap'
  /** Places the end of the datagram elsewhere than another fragment. */
  | 'contradiction'
  | 'limit';

interface Piece {
  readonly from: number;
  readonly octets: Uint8Array;
}

/** The fragments of one datagram. */
export class FragmentSet {
  readonly #limit: number;
  /** In order, without overlap. */
  readonly #pieces: Piece[] = [];
  #received = 0;
  #end: number | undefined;
  /** Of the first fragment, which speaks for the whole. */
  #header: Uint8Array | undefined;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Octets held. */
  get octets(): number {
    return this.#received + (this.#header?.length ?? 0);
  }

  /** Takes a copy of a fragment, or tells why the datagram is to be discarded. */
  add({ from, octets, moreFragments, header, mostOctets }: Fragment): FragmentSetRefusal | undefined {
    const to = from + octets.length;
    const reach = Math.max(to, pieceEnd(this.#pieces.at(-1)));
    const headerOctets = (from === 0 ? header : (this.#header ?? header)).length;
    if (octets.length === 0 || (moreFragments && octets.length % 8 !== 0)) return 'misaligned';
    if (headerOctets + reach > mostOctets) return 'too-long';
    if (moreFragments ? to >= (this.#end ?? Infinity) : to !== (this.#end ?? reach)) return 'contradiction';

    const at = this.#pieces.findIndex((piece) => to <= pieceEnd(piece));
    const next = this.#pieces[at];
    const previous = at < 0 ? this.#pieces.at(-1) : this.#pieces[at - 1];
    if (next?.from === from && equalOctets(next.octets, octets)) return undefined;
    if (from < pieceEnd(previous) || to > (next?.from ?? to)) return 'overlap';
    if (this.#pieces.length === this.#limit) return 'limit';

    this.#pieces.splice(at < 0 ? this.#pieces.length : at, 0, { from, octets: octets.slice() });
    this.#received += octets.length;
    if (!moreFragments) this.#end = to;
    if (from === 0) this.#header = header;
    return undefined;
  }

  /** The datagram as one packet, once nothing is missing. */
  whole(): Uint8Array | undefined {
    if (this.#header === undefined || this.#received !== this.#end) return undefined;
    return completePacket(concat(this.#header, ...this.#pieces.map((piece) => piece.octets)));
  }
}

/** Where a piece ends; where the datagram starts, without one. */
function pieceEnd(piece: Piece | undefined): number {
  return piece === undefined ? 0 : piece.from + piece.octets.length;
}
