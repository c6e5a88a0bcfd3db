import type { OwnOctets } from '../octets.ts';
import { Reader } from '../reader.ts';
import { Writer } from '../writer.ts';
import { PAYLOAD_HEADER_OCTETS, readFramed, writeFramed } from './codecs/chain.ts';
import { decodeConfiguration, encodeConfiguration } from './codecs/configuration.ts';
import { decodeDelete, encodeDelete } from './codecs/delete.ts';
import { decodeIdentification, encodeIdentification } from './codecs/identification.ts';
import { decodeNatOriginalAddress, encodeNatOriginalAddress } from './codecs/nat-original-address.ts';
import { decodeNotification, encodeNotification } from './codecs/notification.ts';
import { decodeSa, encodeSa } from './codecs/sa.ts';
import { DECODE_LIMITS, type DecodeLimits } from './limits.ts';
import { PAYLOAD } from './registry/isakmp.ts';
import type { DecodedPayload, DecodedPayloads, Payload } from './types.ts';

/** A chain of payloads as octets, and the type that the header or the payload before it must announce. */
export interface EncodedPayloads {
  readonly firstType: number;
  readonly octets: Uint8Array;
}

/**
 * Reads a chain of payloads from `octets`, a message body in clear or decrypted. Octets after the chain are left alone:
 * in a decrypted body they are padding, which real peers fill as they like.
 * @throws DecodeError
 */
export function decodePayloads(
  firstType: number,
  octets: Uint8Array,
  limits: DecodeLimits = DECODE_LIMITS,
): DecodedPayloads {
  return readPayloads(new Reader(octets, 'payloads'), firstType, limits);
}

/** As `decodePayloads`, from where `reader` stands. */
export function readPayloads(reader: Reader, firstType: number, limits: DecodeLimits): DecodedPayloads {
  const payloads: DecodedPayload[] = [];
  const start = reader.offset;
  let type = firstType;
  while (type !== PAYLOAD.none) {
    if (payloads.length === limits.payloads) reader.fail('limit');
    const from = reader.offset;
    const { nextPayload, body } = readFramed(reader, `payload[${payloads.length}]`);
    const payload = decodeBody(type, body, limits);
    body.end();
    const raw = reader.since(from);
    payloads.push({ ...payload, raw, body: raw.subarray(PAYLOAD_HEADER_OCTETS) });
    type = nextPayload;
  }
  return { payloads, length: reader.offset - start };
}

/** @throws RangeError when a field does not fit. */
export function encodePayloads(payloads: readonly Payload[]): EncodedPayloads {
  const writer = new Writer();
  const types = payloads.map(payloadType);
  for (const [i, payload] of payloads.entries()) {
    writeFramed(writer, types[i + 1] ?? PAYLOAD.none, payload.kind, () => encodeBody(writer, payload));
  }
  return { firstType: types[0] ?? PAYLOAD.none, octets: writer.finish() };
}

/** A payload without its generic header: the `_b` of RFC 2409 §3.2 for what this side sends. */
export function encodePayloadBody(payload: Payload): OwnOctets {
  const writer = new Writer();
  encodeBody(writer, payload);
  return writer.finish();
}

/** The number that announces a payload. */
export function payloadType(payload: Payload): number {
  switch (payload.kind) {
    case 'cert-request':
      return PAYLOAD.certRequest;
    case 'vendor-id':
      return PAYLOAD.vendorId;
    case 'nat-d':
    case 'nat-oa':
      return payload.type;
    case 'unknown':
      if (payload.type === PAYLOAD.none) throw new RangeError('type of an unknown payload must not be 0');
      return payload.type;
    default:
      return PAYLOAD[payload.kind];
  }
}

function decodeBody(type: number, reader: Reader, limits: DecodeLimits): Payload {
  switch (type) {
    case PAYLOAD.sa:
      return decodeSa(reader, limits);
    case PAYLOAD.ke:
      return { kind: 'ke', data: reader.rest() };
    case PAYLOAD.id:
      return decodeIdentification(reader);
    case PAYLOAD.cert:
      return { kind: 'cert', encoding: reader.u8(), data: reader.rest() };
    case PAYLOAD.certRequest:
      return { kind: 'cert-request', encoding: reader.u8(), authority: reader.rest() };
    case PAYLOAD.hash:
      return { kind: 'hash', data: reader.rest() };
    case PAYLOAD.signature:
      return { kind: 'signature', data: reader.rest() };
    case PAYLOAD.nonce:
      return { kind: 'nonce', data: reader.rest() };
    case PAYLOAD.notification:
      return decodeNotification(reader);
    case PAYLOAD.delete:
      return decodeDelete(reader, limits);
    case PAYLOAD.vendorId:
      return { kind: 'vendor-id', data: reader.rest() };
    case PAYLOAD.configuration:
      return decodeConfiguration(reader, limits);
    case PAYLOAD.natD:
    case PAYLOAD.natDDraft:
      return { kind: 'nat-d', type, hash: reader.rest() };
    case PAYLOAD.natOa:
    case PAYLOAD.natOaDraft:
      return decodeNatOriginalAddress(reader, type);
    default:
      return { kind: 'unknown', type, data: reader.rest() };
  }
}

function encodeBody(writer: Writer, payload: Payload): void {
  switch (payload.kind) {
    case 'sa':
      encodeSa(writer, payload);
      break;
    case 'id':
      encodeIdentification(writer, payload);
      break;
    case 'cert':
      writer.u8(payload.encoding, 'encoding');
      writer.octets(payload.data, 'data');
      break;
    case 'cert-request':
      writer.u8(payload.encoding, 'encoding');
      writer.octets(payload.authority, 'authority');
      break;
    case 'notification':
      encodeNotification(writer, payload);
      break;
    case 'delete':
      encodeDelete(writer, payload);
      break;
    case 'configuration':
      encodeConfiguration(writer, payload);
      break;
    case 'nat-d':
      writer.octets(payload.hash, 'hash');
      break;
    case 'nat-oa':
      encodeNatOriginalAddress(writer, payload);
      break;
    default:
      writer.octets(payload.data, 'data');
  }
}
