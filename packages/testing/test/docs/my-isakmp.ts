/** A reader of ISAKMP as one writes it in an afternoon: for the guide, which shows what the laws find in it. */
export class ParseError extends Error {}

export interface Message {
  readonly cookies: Uint8Array;
  readonly exchange: number;
  readonly payloads: readonly Payload[];
}

interface Payload {
  readonly type: number;
  readonly body: Uint8Array;
}

const HEADER_OCTETS = 28;

export function parseIsakmp(octets: Uint8Array): Message {
  const view = new DataView(octets.buffer, octets.byteOffset, octets.byteLength);
  if (view.getUint8(17) >> 4 !== 1) throw new ParseError('not version 1');
  if (view.getUint32(24) !== octets.length) throw new ParseError('not whole');
  const payloads: Payload[] = [];
  let type = view.getUint8(16);
  let at = HEADER_OCTETS;
  while (type !== 0) {
    const length = view.getUint16(at + 2);
    if (length < 4 || at + length > octets.length) throw new ParseError('not a payload');
    payloads.push({ type, body: octets.subarray(at + 4, at + length) });
    type = view.getUint8(at);
    at += length;
  }
  return { cookies: octets.slice(0, 16), exchange: view.getUint8(18), payloads };
}
