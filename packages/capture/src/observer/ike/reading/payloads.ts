import { copyOctets } from '@espalier/crypto';
import {
  type DecodedPayload,
  DecodeError,
  decodePayloads,
  PAYLOAD_HEADER_OCTETS,
  payloadType,
  readU16,
} from '@espalier/wire';
import { describe } from '../../../text/payload-text.ts';
import type { ObservedPayload } from '../../observation.ts';

/** Payloads that are looked at in one message. */
const MOST_PAYLOADS = 128;

/** The payloads of a body in clear, and what is wrong with what could not be decoded. */
export interface SeenPayloads {
  readonly payloads: readonly DecodedPayload[];
  readonly notes: readonly string[];
}

/** Payloads of which a gateway would refuse all together: each that is there whole, and why there are no more. */
export function seenPayloads(firstType: number, body: Uint8Array, isCut: boolean): SeenPayloads {
  try {
    const { payloads } = decodePayloads(firstType, body);
    return { payloads, notes: [] };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
    return oneByOne(firstType, body, isCut ? undefined : `malformed: ${error.message}`);
  }
}

function oneByOne(firstType: number, body: Uint8Array, fault: string | undefined): SeenPayloads {
  const payloads: DecodedPayload[] = [];
  const notes = fault === undefined ? [] : [fault];
  let type = firstType;
  for (let at = 0; type !== 0 && at + PAYLOAD_HEADER_OCTETS <= body.length && payloads.length < MOST_PAYLOADS; ) {
    const length = readU16(body, at + 2);
    if (length < PAYLOAD_HEADER_OCTETS || at + length > body.length) break;
    const raw = body.subarray(at, at + length);
    payloads.push(decodedAlone(type, raw));
    type = body[at] ?? 0;
    at += length;
  }
  return { payloads, notes };
}

/** As the only one of its chain; a body that has no form stays octets. */
function decodedAlone(type: number, raw: Uint8Array): DecodedPayload {
  const alone = copyOctets('raw', raw);
  alone[0] = 0;
  alone[1] = 0;
  const body = raw.subarray(PAYLOAD_HEADER_OCTETS);
  try {
    const [payload] = decodePayloads(type, alone).payloads;
    if (payload !== undefined) return { ...payload, raw, body };
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error;
  }
  return { kind: 'unknown', type, data: body, raw, body };
}

/** What an observation shows of payloads that lie in `whole`. */
export function observedPayloads(payloads: readonly DecodedPayload[], whole: Uint8Array): readonly ObservedPayload[] {
  return payloads.map((decoded) => ({
    kind: decoded.kind,
    type: payloadType(decoded),
    summary: describe(decoded),
    at: decoded.raw.byteOffset - whole.byteOffset,
    raw: decoded.raw,
    decoded,
  }));
}
