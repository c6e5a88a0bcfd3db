import { message, octets, payload, payloads } from '@espalier/testing/arbitraries';
import {
  DECODE_LIMITS,
  type DecodedPayload,
  DecodeError,
  decodeMessage,
  decodePayloads,
  encodeMessage,
  encodePayloadBody,
  encodePayloads,
  type Payload,
  payloadType,
  splitMessages,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCodec } from './codec-laws.ts';

const SINGLE = { ...DECODE_LIMITS, payloads: 1 };

describeCodec('an ISAKMP message', {
  values: message,
  encode: ({ fields, payloads }) => encodeMessage(fields, payloads),
  decode: (octets) => {
    const { header, payloads } = decodeMessage(octets);
    const { initiatorCookie, responderCookie, exchange, flags, messageId } = header;
    const fields = { initiatorCookie, responderCookie, exchange, flags, messageId };
    return { fields, payloads: payloads.map(asWritten) };
  },
});

describeCodec('an ISAKMP payload of each kind', {
  isDoor: false,
  values: payload,
  // One octet for the type, so that mutations reach every codec.
  encode: (payload) => {
    const { firstType, octets } = encodePayloads([payload]);
    return Uint8Array.of(firstType, ...octets);
  },
  decode: (octets) => {
    const { payloads, length } = decodePayloads(octets[0] ?? 0, octets.subarray(1), SINGLE);
    const [only] = payloads;
    if (only === undefined || length + 1 !== octets.length) throw new DecodeError('leftover', length, 'test');
    return asWritten(only);
  },
});

describe('decoded payloads', () => {
  it('keep what was received: header and body of each, as views of the chain', () => {
    fc.assert(
      fc.property(payloads, (list) => {
        const { firstType, octets } = encodePayloads(list);
        const decoded = decodePayloads(firstType, octets);
        expect(decoded.length).toBe(octets.length);
        expect(Uint8Array.of(...decoded.payloads.flatMap(({ raw }) => [...raw]))).toEqual(octets);
        for (const [i, { raw, body }] of decoded.payloads.entries()) {
          expect(body).toEqual(raw.subarray(4));
          expect(body).toEqual(encodePayloadBody(list[i] ?? { kind: 'hash', data: body }));
          expect(body.buffer).toBe(octets.buffer);
        }
      }),
    );
  });

  it('end where the chain ends: padding behind it is not read (RFC 2409 Appendix B)', () => {
    fc.assert(
      fc.property(payloads, octets(0, 24), (list, padding) => {
        const { firstType, octets } = encodePayloads(list);
        const decoded = decodePayloads(firstType, Uint8Array.of(...octets, ...padding));
        expect(decoded.length).toBe(octets.length);
        expect(decoded.payloads.map(asWritten)).toEqual(list);
      }),
    );
  });

  it('are announced by the type of the first', () => {
    fc.assert(
      fc.property(payloads, (list) => {
        const [first] = list;
        expect(encodePayloads(list).firstType).toBe(first === undefined ? 0 : payloadType(first));
      }),
    );
  });
});

describe('a datagram', () => {
  it('splits into the messages that were put into it', () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 4 }), (list) => {
        const messages = list.map(({ fields, payloads }) => encodeMessage(fields, payloads));
        const datagram = Uint8Array.of(...messages.flatMap((octets) => [...octets]));
        expect(splitMessages(datagram)).toEqual(messages);
      }),
      { numRuns: 50 },
    );
  });
});

function asWritten({ raw: _raw, body: _body, ...payload }: DecodedPayload): Payload {
  return payload;
}
