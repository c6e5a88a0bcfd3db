import { concat, equalOctets } from '../octets.ts';
import type { DecodedIpv4 } from './ipv4.ts';
import * as ipv4 from './ipv4-view.ts';

export type FragmentSetRefusal =
  /** Not a multiple of 8 octets though more follow, or none at all. */
  | 'misaligned'
  /** Reaches beyond 65535 octets. */
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

  /** Takes a fragment that arrived as `packet`, or tells why the datagram is to be discarded. */
  add(fragment: DecodedIpv4, packet: Uint8Array): FragmentSetRefusal | undefined {
    const { fragmentOffset: from, payload, moreFragments } = fragment;
    const to = from + payload.length;
    const reach = Math.max(to, pieceEnd(this.#pieces.at(-1)));
    const header = from === 0 ? packet.subarray(0, packet.length - payload.length) : this.#header;
    if (payload.length === 0 || (moreFragments && payload.length % 8 !== 0)) return 'misaligned';
    if ((header?.length ?? ipv4.HEADER_OCTETS) + reach > ipv4.MAX_PACKET_OCTETS) return 'too-long';
    if (moreFragments ? to >= (this.#end ?? Infinity) : to !== (this.#end ?? reach)) return 'contradiction';

    const at = this.#pieces.findIndex((piece) => to <= pieceEnd(piece));
    const next = this.#pieces[at];
    const previous = at < 0 ? this.#pieces.at(-1) : this.#pieces[at - 1];
    if (next?.from === from && equalOctets(next.octets, payload)) return undefined;
    if (from < pieceEnd(previous) || to > (next?.from ?? to)) return 'overlap';
    if (this.#pieces.length === this.#limit) return 'limit';

    this.#pieces.splice(at < 0 ? this.#pieces.length : at, 0, { from, octets: payload.slice() });
    this.#received += payload.length;
    if (!moreFragments) this.#end = to;
    if (from === 0) this.#header = header?.slice();
    return undefined;
  }

  /** The datagram as one packet, once nothing is missing. */
  whole(): Uint8Array | undefined {
    if (this.#header === undefined || this.#received !== this.#end) return undefined;
    const packet = concat(this.#header, ...this.#pieces.map((piece) => piece.octets));
    ipv4.setTotalLength(packet, 0, packet.length);
    ipv4.setFragmentation(packet, 0, ipv4.dontFragment(packet, 0), false, 0);
    ipv4.setHeaderChecksum(packet, 0);
    return packet;
  }
}

/** Where a piece ends; where the datagram starts, without one. */
function pieceEnd(piece: Piece | undefined): number {
  return piece === undefined ? 0 : piece.from + piece.octets.length;
}
