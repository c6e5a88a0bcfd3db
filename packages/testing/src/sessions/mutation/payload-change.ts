import { concat, fromHex, PAYLOAD } from '@espalier/wire';
import { type RawPayload, readRawChain, writeRawChain } from '../view/raw-chain.ts';
import { changeOctets, type OctetChange } from './octet-change.ts';

/** One change of a chain of payloads. Places count from 0 and come round at the end. */
export type PayloadChange =
  | { readonly change: 'drop'; readonly at: number }
  /** Stands so many times more, one behind the other. */
  | { readonly change: 'repeat'; readonly at: number; readonly times: number }
  | { readonly change: 'move'; readonly at: number; readonly to: number }
  | { readonly change: 'type'; readonly at: number; readonly type: number }
  | { readonly change: 'reserved'; readonly at: number; readonly value: number }
  /** Its header says that it is so much longer, or shorter. */
  | { readonly change: 'length'; readonly at: number; readonly by: number }
  /** Its header says that something else follows. */
  | { readonly change: 'next-payload'; readonly at: number; readonly type: number }
  | { readonly change: 'body'; readonly at: number; readonly octets: OctetChange }
  /** `octets`: its body, in hexadecimal. `times`: how often; default once. */
  | {
      readonly change: 'insert';
      readonly at: number;
      readonly type: number;
      readonly octets: string;
      readonly times?: number;
    }
  /**
   * Of an SA, a proposal or a transform: its proposals, transforms or attributes are changed likewise, and what counts them
   * is right again.
   */
  | { readonly change: 'within'; readonly at: number; readonly inner: PayloadChange };

/** The payloads with the change. */
export function changePayloads(payloads: readonly RawPayload[], change: PayloadChange): readonly RawPayload[] {
  const count = payloads.length;
  const at = count === 0 ? 0 : change.at % count;
  const payload = payloads[at];
  if (change.change === 'insert') {
    const place = change.at % (count + 1);
    const inserted = { type: change.type, body: fromHex(change.octets) };
    return payloads.toSpliced(place, 0, ...Array.from({ length: change.times ?? 1 }, () => inserted));
  }
  if (payload === undefined) return payloads;
  switch (change.change) {
    case 'drop':
      return payloads.toSpliced(at, 1);
    case 'repeat':
      return payloads.toSpliced(at, 0, ...Array.from({ length: change.times }, () => payload));
    case 'move':
      return payloads.toSpliced(at, 1).toSpliced(change.to % count, 0, payload);
    case 'type':
      return payloads.with(at, { ...payload, type: change.type });
    case 'reserved':
      return payloads.with(at, { ...payload, reserved: change.value });
    case 'length':
      return payloads.with(at, { ...payload, length: (4 + payload.body.length + change.by) & 0xffff });
    case 'next-payload':
      return payloads.with(at, { ...payload, nextPayload: change.type });
    case 'body':
      return payloads.with(at, { ...payload, body: changeOctets(payload.body, change.octets) });
    case 'within':
      return payloads.with(at, { ...payload, body: changeWithin(payload, change.inner) });
  }
}

/** Of what holds others, the others changed; of anything else, nothing. */
function changeWithin({ type, body }: RawPayload, inner: PayloadChange): Uint8Array {
  if (type === PAYLOAD.sa) return changeNested(body, SITUATION_END, PAYLOAD.proposal, inner).octets;
  if (type === PAYLOAD.proposal) {
    const head = PROPOSAL_SPI_AT + (body[SPI_SIZE_AT] ?? 0);
    const { octets, count } = changeNested(body, head, PAYLOAD.transform, inner);
    if (octets.length > TRANSFORMS_AT) octets[TRANSFORMS_AT] = count;
    return octets;
  }
  return type === PAYLOAD.transform ? changeAttributes(body, inner) : body;
}

/** Behind the DOI and the situation (RFC 2408 §3.4). */
const SITUATION_END = 8;
/** Of a proposal (RFC 2408 §3.5). */
const SPI_SIZE_AT = 2;
const TRANSFORMS_AT = 3;
const PROPOSAL_SPI_AT = 4;
/** Of a transform (RFC 2408 §3.6). */
const ATTRIBUTES_AT = 4;
/** RFC 2408 §3.3: set where the value stands in the place of its length. */
const ATTRIBUTE_FORMAT = 0x80;

function changeNested(
  body: Uint8Array,
  head: number,
  type: number,
  inner: PayloadChange,
): { readonly octets: Uint8Array; readonly count: number } {
  const { payloads, rest } = readRawChain(type, body.subarray(head));
  const changed = changePayloads(payloads, inner);
  const octets = concat(body.subarray(0, head), writeRawChain(changed).octets, rest);
  return { octets, count: changed.length };
}

/** Attributes have no header of a payload: they are taken for payloads of the type 0 that are written without one. */
function changeAttributes(body: Uint8Array, inner: PayloadChange): Uint8Array {
  const attributes: RawPayload[] = [];
  let at = ATTRIBUTES_AT;
  while (at + 4 <= body.length) {
    const isShort = ((body[at] ?? 0) & ATTRIBUTE_FORMAT) !== 0;
    const octets = isShort ? 4 : 4 + (((body[at + 2] ?? 0) << 8) | (body[at + 3] ?? 0));
    attributes.push({ type: 0, body: body.slice(at, at + octets) });
    at += octets;
  }
  const changed = changePayloads(attributes, inner).map((attribute) => attribute.body);
  return concat(body.subarray(0, ATTRIBUTES_AT), ...changed, body.subarray(Math.min(at, body.length)));
}
