import { DecodeError } from '../decode-error.ts';
import { concat, type OwnOctets, octetsView, requireObject } from '../octets.ts';
import { Reader } from '../reader.ts';
import { decodeHeader, encodeHeader, type HeaderFields, ISAKMP_HEADER_OCTETS } from './header.ts';
import { DECODE_LIMITS, type DecodeLimits, MESSAGES_PER_DATAGRAM } from './limits.ts';
import { encodePayloads, readPayloads } from './payloads.ts';
import { FLAG } from './registry/isakmp.ts';
import type { DecodedPayload, IsakmpHeader, Payload } from './types.ts';

/** A message in clear. */
export interface DecodedMessage {
  readonly header: IsakmpHeader;
  readonly payloads: readonly DecodedPayload[];
  /** The message as received. */
  readonly octets: Uint8Array;
}

/** Messages may be padded until they are aligned, and their length counts that (RFC 2408 §3.6): libreswan's are. */
const ALIGNMENT = 4;

/**
 * Reads one message in clear, which must be there exactly (RFC 2408 §5.1), but for zero octets that align it. An encrypted
 * one is refused with the fault `encrypted`: decrypt its body, then `decodePayloads`.
 * @throws DecodeError
 */
export function decodeMessage(message: Uint8Array, limits: DecodeLimits = DECODE_LIMITS): DecodedMessage {
  const octets = octetsView('message', message);
  const header = decodeHeader(octets);
  const reader = new Reader(octets, 'message');
  if (header.length !== octets.length) reader.fail('length', 24);
  if (header.flags & FLAG.encryption) reader.fail('encrypted', 19);
  reader.octets(ISAKMP_HEADER_OCTETS);
  const { payloads } = readPayloads(reader, header.nextPayload, limits);
  if (octets.length % ALIGNMENT === 0 && reader.remaining < ALIGNMENT) reader.reserved(reader.remaining);
  reader.end();
  return { header, payloads, octets };
}

/**
 * The messages of one datagram, in order, as views: some peers put two into one. Together they must fill it exactly,
 * at most `MESSAGES_PER_DATAGRAM` of them.
 * @param zerosBehind Whether zero octets may follow the last one, which some peers send: they are no message.
 * @throws DecodeError
 */
export function splitMessages(
  datagram: Uint8Array,
  { zerosBehind = false }: { readonly zerosBehind?: boolean } = {},
): readonly Uint8Array[] {
  const octets = octetsView('datagram', datagram);
  const messages: Uint8Array[] = [];
  let at = 0;
  do {
    if (messages.length === MESSAGES_PER_DATAGRAM) throw new DecodeError('limit', at, 'datagram');
    const rest = octets.subarray(at);
    const { length } = decodeHeader(rest);
    if (length > rest.length) throw new DecodeError('length', at + 24, 'datagram');
    messages.push(rest.subarray(0, length));
    at += length;
    if (zerosBehind && octets.subarray(at).every((octet) => octet === 0)) break;
  } while (at < octets.length);
  return messages;
}

/**
 * One message in clear, of version 1.0.
 * @throws RangeError when a field does not fit.
 */
export function encodeMessage(fields: HeaderFields, payloads: readonly Payload[]): OwnOctets {
  requireObject('fields', fields);
  if (fields.flags & FLAG.encryption) throw new RangeError('flags must not say that a message in clear is encrypted');
  const { firstType, octets } = encodePayloads(payloads);
  return concat(encodeHeader(fields, firstType, octets.length), octets);
}
