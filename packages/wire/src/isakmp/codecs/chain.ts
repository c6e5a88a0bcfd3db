import type { Reader } from '../../reader.ts';
import type { Writer } from '../../writer.ts';
import { PAYLOAD } from '../registry/isakmp.ts';

/** The generic payload header (RFC 2408 §3.2). */
export const PAYLOAD_HEADER_OCTETS = 4;

export interface Framed {
  readonly nextPayload: number;
  readonly body: Reader;
}

/**
 * Reads a generic header and confines a reader to the body that it announces.
 *
 *      0                   1                   2                   3
 *      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 *     ! Next Payload  !   RESERVED    !         Payload Length        !
 *     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
 */
export function readFramed(reader: Reader, name: string): Framed {
  const nextPayload = reader.u8();
  reader.reserved(1);
  const lengthAt = reader.offset;
  const length = reader.u16();
  if (length < PAYLOAD_HEADER_OCTETS) reader.fail('length', lengthAt);
  return { nextPayload, body: reader.sub(length - PAYLOAD_HEADER_OCTETS, name) };
}

export function writeFramed(writer: Writer, nextPayload: number, name: string, writeBody: () => void): void {
  const from = writer.length;
  writer.u8(nextPayload, 'nextPayload');
  writer.u8(0, 'reserved');
  writer.length16(from, name, writeBody);
}

/** Reads payloads of one type, each pointing at the next: the proposals of an SA, the transforms of a proposal. */
export function readChain<T>(
  reader: Reader,
  type: number,
  name: string,
  limit: number,
  read: (body: Reader) => T,
): readonly T[] {
  const items: T[] = [];
  for (;;) {
    if (items.length === limit) reader.fail('limit');
    const at = reader.offset;
    const { nextPayload, body } = readFramed(reader, `${name}[${items.length}]`);
    items.push(read(body));
    body.end();
    if (nextPayload === PAYLOAD.none) return items;
    if (nextPayload !== type) reader.fail('next-payload', at);
  }
}

export function writeChain<T>(
  writer: Writer,
  type: number,
  name: string,
  items: readonly T[],
  write: (item: T) => void,
): void {
  if (items.length === 0) throw new RangeError(`${name}s must not be empty`);
  for (const [i, item] of items.entries()) {
    writeFramed(writer, i + 1 < items.length ? type : PAYLOAD.none, name, () => write(item));
  }
}
