import { concat, octetsView } from '../octets.ts';
import { Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { PAYLOAD_HEADER_OCTETS, readFramed, writeFramed } from './codecs/chain.ts';
import { decodeHeader, encodeHeader, ISAKMP_HEADER_OCTETS } from './header.ts';
import { PAYLOAD } from './registry/isakmp.ts';
import type { IsakmpHeader } from './types.ts';

/** What a fragment adds to its piece: the header of a message, and of the payload. */
export const FRAGMENT_OVERHEAD_OCTETS: number = ISAKMP_HEADER_OCTETS + PAYLOAD_HEADER_OCTETS + 4;

const LAST = 1;
const MOST_FRAGMENTS = 255;

/** One piece of an ISAKMP message, as Cisco's peers cut it: no RFC says how, all implementations do the same. */
export interface Fragment {
  /** Of the fragment. Its flags say nothing: some peers set those of the whole message (racoon's encryption flag). */
  readonly header: IsakmpHeader;
  /** 16 bits: the same of all fragments of one message. */
  readonly id: number;
  /** From 1 on, at most 255. */
  readonly number: number;
  readonly isLast: boolean;
  /** A view. */
  readonly piece: Uint8Array;
}

/** Whether what follows a header is a fragment of another message. */
export function isFragment({ nextPayload }: Pick<IsakmpHeader, 'nextPayload'>): boolean {
  return nextPayload === PAYLOAD.fragment;
}

/**
 * Reads one fragment, which must be there exactly.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ! Next Payload 0!   RESERVED    !         Payload Length        !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !          Fragment ID          !    Number     !  Flags: last  !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     !                            Piece                              ~
 *
 * @throws DecodeError
 */
export function decodeFragment(message: Uint8Array): Fragment {
  const octets = octetsView('message', message);
  const header = decodeHeader(octets);
  const reader = new Reader(octets, 'fragment');
  if (!isFragment(header)) reader.fail('next-payload', 16);
  if (header.length !== octets.length) reader.fail('length', 24);
  reader.octets(ISAKMP_HEADER_OCTETS);
  const { nextPayload, body } = readFramed(reader, 'fragment');
  if (nextPayload !== PAYLOAD.none) reader.fail('next-payload', ISAKMP_HEADER_OCTETS);
  reader.end();
  const id = body.u16();
  const number = body.u8();
  if (number === 0) body.fail('value', body.offset - 1);
  const isLast = (body.u8() & LAST) !== 0;
  if (body.remaining === 0) body.fail('truncated');
  return { header, id, number, isLast, piece: body.rest() };
}

/**
 * A message as fragments of at most so many octets each, under its own header: what does not reach that is one fragment.
 * @throws RangeError where a fragment has no room for a piece, or there would be more than 255.
 */
export function fragmentMessage(message: Uint8Array, id: number, mostOctets: number): readonly Uint8Array[] {
  const octets = octetsView('message', message);
  const header = decodeHeader(octets);
  const pieceOctets = mostOctets - FRAGMENT_OVERHEAD_OCTETS;
  if (!(pieceOctets >= 1)) throw new RangeError(`mostOctets must be more than ${FRAGMENT_OVERHEAD_OCTETS}`);
  const count = Math.ceil(octets.length / pieceOctets);
  if (count > MOST_FRAGMENTS) throw new RangeError(`mostOctets makes more than ${MOST_FRAGMENTS} fragments`);
  return Array.from({ length: count }, (_, i) => {
    const piece = octets.subarray(i * pieceOctets, (i + 1) * pieceOctets);
    const writer = new Writer();
    writeFramed(writer, PAYLOAD.none, 'fragment', () => {
      writer.u16(id, 'id');
      writer.u8(i + 1, 'number');
      writer.u8(i + 1 === count ? LAST : 0, 'flags');
      writer.octets(piece, 'piece');
    });
    const body = writer.finish();
    return concat(encodeHeader({ ...header, flags: 0 }, PAYLOAD.fragment, body.length), body);
  });
}
