import {
  CERT_ENCODING,
  CONFIGURATION_TYPE,
  ESP_TRANSFORM,
  ID_TYPE,
  IPSEC_ATTRIBUTE,
  ISAKMP_HEADER_OCTETS,
  notifyName,
  OAKLEY_ATTRIBUTE,
  PAYLOAD,
  PROTOCOL_ID,
  readU16,
} from '@espalier/wire';
import { type Cursor, decimal, hex32, named, type Show, shownOctets } from './cursor.ts';

/** A payload as an observation has it: where it lies, and one line for people. */
export interface PlacedPayload {
  readonly type: number;
  readonly summary: string;
  /** Where its generic header begins. */
  readonly at: number;
  readonly raw: { readonly length: number };
  /** IKEv2's are numbered from 33 on. */
  readonly kind: string;
}

/** Payloads where they lie: `at` counts from where the cursor's octets would begin the message. */
export function payloads(
  at: Cursor,
  placed: readonly PlacedPayload[],
  base: number = at.at - ISAKMP_HEADER_OCTETS,
): void {
  for (const { type, summary, at: place, raw } of placed) {
    const from = base + place;
    if (from > at.at) at.some('Between', from - at.at);
    if (from !== at.at) continue;
    const [name, ...rest] = summary.split(': ');
    at.group(name ?? '', raw.length, rest.join(': '), (payload) => {
      payload.number('Next payload', 1);
      payload.number('Reserved', 1);
      payload.number('Payload length', 2);
      (BODIES[type] ?? octets)(payload);
    });
  }
}

type Body = (at: Cursor) => void;

const protocolId: Show = named(PROTOCOL_ID);
const octets: Body = (at) => {
  at.rest('Data');
};

/** By type, of IKEv1 (RFC 2408 §3.4 to §3.16); what is missing is shown as octets. */
const BODIES: Readonly<Record<number, Body>> = {
  [PAYLOAD.sa]: (at) => {
    at.number('Domain of interpretation', 4);
    at.number('Situation', 4);
    while (at.left >= 8) proposal(at);
    at.rest('Behind the proposals');
  },
  [PAYLOAD.id]: (at) => {
    at.number('Type', 1, named(ID_TYPE));
    at.number('Protocol', 1);
    at.number('Port', 2);
    at.rest('Identity');
  },
  [PAYLOAD.cert]: certificate,
  [PAYLOAD.certRequest]: certificate,
  [PAYLOAD.notification]: (at) => {
    at.number('Domain of interpretation', 4);
    at.number('Protocol', 1, protocolId);
    const spiOctets = at.number('Octets of SPI', 1) ?? 0;
    at.number('Notify type', 2, (value) => `${notifyName(value)} (${value})`);
    at.some('SPI', spiOctets);
    at.rest('Data');
  },
  [PAYLOAD.delete]: (at) => {
    at.number('Domain of interpretation', 4);
    at.number('Protocol', 1, protocolId);
    const spiOctets = at.number('Octets of SPI', 1) ?? 0;
    at.number('Number of SPIs', 2);
    while (spiOctets > 0 && at.left >= spiOctets) at.some('SPI', spiOctets);
    at.rest('Behind the SPIs');
  },
  [PAYLOAD.configuration]: (at) => {
    at.number('Type', 1, named(CONFIGURATION_TYPE));
    at.number('Reserved', 1);
    at.number('Identifier', 2);
    // Their values may be secrets, a user's password among them: they are here, and nowhere else, for who has the keys.
    while (at.left >= 4) attribute(at, decimal);
    at.rest('Padding');
  },
};

function certificate(at: Cursor): void {
  at.number('Encoding', 1, named(CERT_ENCODING));
  at.rest('Data');
}

/** RFC 2408 §3.5. */
function proposal(at: Cursor): void {
  numbered(at, 'Proposal', (inner) => {
    const protocol = inner.number('Protocol', 1, protocolId);
    const spiOctets = inner.number('Octets of SPI', 1) ?? 0;
    inner.number('Transforms', 1);
    inner.some('SPI', spiOctets);
    while (inner.left >= 8) transform(inner, protocol ?? 0);
    inner.rest('Behind the transforms');
  });
}

/** RFC 2408 §3.6. */
function transform(at: Cursor, protocol: number): void {
  numbered(at, 'Transform', (inner) => {
    inner.number('Transform ID', 1, protocol === PROTOCOL_ID.esp ? named(ESP_TRANSFORM) : decimal);
    inner.number('Reserved', 2);
    const names = named(protocol === PROTOCOL_ID.isakmp ? OAKLEY_ATTRIBUTE : IPSEC_ATTRIBUTE);
    while (inner.left >= 4) attribute(inner, names);
    inner.rest('Behind the attributes');
  });
}

/** What a proposal and a transform begin with alike. */
function numbered(at: Cursor, name: string, read: Body): void {
  const length = lengthAt(at);
  at.group(name, length, `${length} octets`, (inner) => {
    inner.number('More', 1);
    inner.number('Reserved', 1);
    inner.number('Length', 2);
    inner.number('Number', 1);
    read(inner);
  });
}

/** RFC 2408 §3.3: in four octets, or with a length. */
function attribute(at: Cursor, names: Show): void {
  const type = readU16(at.octets, at.at);
  const value = readU16(at.octets, at.at + 2);
  const name = names(type & 0x7fff);
  if ((type & 0x8000) !== 0) {
    at.add(name, String(value), 4);
    return;
  }
  const whole = Math.min(at.left, 4 + value);
  const data = at.octets.subarray(at.at + 4, at.at + whole);
  at.add(name, data.length === 4 ? numberOf(data) : shownOctets(data), whole);
}

function numberOf(data: Uint8Array): string {
  const value = data.reduce((sum, octet) => sum * 256 + octet, 0);
  return `${value} (${hex32(value)})`;
}

/** What is to be read as one: its own length where that makes sense, else all that is left, so that reading ends. */
function lengthAt(at: Cursor): number {
  const length = readU16(at.octets, at.at + 2);
  return length < 8 || length > at.left ? at.left : length;
}
