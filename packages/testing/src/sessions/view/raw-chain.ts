import { concat, PAYLOAD_HEADER_OCTETS } from '@espalier/wire';

/** A payload as octets (RFC 2408 §3.2), of which nothing need be right. */
export interface RawPayload {
  /** What the header before it says that it is. */
  readonly type: number;
  readonly body: Uint8Array;
  /** Default 0. */
  readonly reserved?: number;
  /** What its header says that follows. Default: the type of what does. */
  readonly nextPayload?: number;
  /** What its header says how long it is. Default: the truth. */
  readonly length?: number;
}

/** The payloads of a message, and what is behind them: padding, or what cannot be read as a payload. */
export interface RawChain {
  readonly payloads: readonly RawPayload[];
  readonly rest: Uint8Array;
}

/** Reads as many payloads as there are; never fails. */
export function readRawChain(firstType: number, octets: Uint8Array): RawChain {
  const payloads: RawPayload[] = [];
  let at = 0;
  let type = firstType;
  while (type !== 0) {
    const length = ((octets[at + 2] ?? 0) << 8) | (octets[at + 3] ?? 0);
    if (length < PAYLOAD_HEADER_OCTETS || at + length > octets.length) break;
    const reserved = octets[at + 1] ?? 0;
    const body = octets.slice(at + PAYLOAD_HEADER_OCTETS, at + length);
    payloads.push(reserved === 0 ? { type, body } : { type, body, reserved });
    type = octets[at] ?? 0;
    at += length;
  }
  const last = payloads.pop();
  if (last !== undefined) payloads.push(type === 0 ? last : { ...last, nextPayload: type });
  return { payloads, rest: octets.slice(at) };
}

/** The octets of payloads, without what is behind them. */
export function writeRawChain(payloads: readonly RawPayload[]): {
  readonly firstType: number;
  readonly octets: Uint8Array;
} {
  const framed = payloads.map(({ body, reserved = 0, nextPayload, length }, i) => {
    const whole = length ?? PAYLOAD_HEADER_OCTETS + body.length;
    const next = nextPayload ?? payloads[i + 1]?.type ?? 0;
    return concat(Uint8Array.of(next, reserved, whole >>> 8, whole), body);
  });
  return { firstType: payloads[0]?.type ?? 0, octets: concat(...framed) };
}
