import { message, octets, payload, payloads } from '@espalier/testing/arbitraries';
import { checkDecoder } from '@espalier/testing/laws';
import {
  DECODE_LIMITS,
  type DecodedPayload,
  DecodeError,
  type DecodeLimits,
  decodeMessage,
  decodePayloads,
  EXCHANGE,
  encodeMessage,
  encodePayloadBody,
  encodePayloads,
  type HeaderFields,
  type Payload,
  payloadType,
  splitMessages,
  type Transform,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeCodec } from './codec-laws.ts';

const FIELDS: HeaderFields = {
  initiatorCookie: new Uint8Array(8).fill(1),
  responderCookie: new Uint8Array(8).fill(2),
  exchange: EXCHANGE.main,
  flags: 0,
  messageId: 0,
};
const VENDOR: Payload = { kind: 'vendor-id', data: new Uint8Array(16) };
const TRANSFORM: Transform = { number: 1, id: 1, attributes: [{ type: 1, value: 7 }] };

/** An SA payload with so many transforms, each with so many attributes. */
function saOf(transforms: number, attributes: number): Payload {
  const transform = { ...TRANSFORM, attributes: TRANSFORM.attributes.flatMap((one) => Array(attributes).fill(one)) };
  const proposal = { number: 1, protocol: 1, spi: new Uint8Array(0), transforms: Array(transforms).fill(transform) };
  return { kind: 'sa', doi: 1, situation: 1, proposals: [proposal] };
}

/** What a peer may repeat within one payload, with a limit far above what is sent. */
const REPEATED: readonly (readonly [string, (count: number) => Payload])[] = [
  ['transforms', (count) => saOf(Math.min(count, 255), 1)],
  ['attributes', (count) => saOf(1, count)],
  [
    'SPIs',
    (count) => ({ kind: 'delete', doi: 1, protocol: 3, spiOctets: 4, spis: Array(count).fill(new Uint8Array(4)) }),
  ],
  [
    'configuration attributes',
    (count) => ({
      kind: 'configuration',
      type: 1,
      identifier: 1,
      attributes: Array(count).fill({ type: 1, value: 7 }),
    }),
  ],
];
const NO_LIMITS: DecodeLimits = {
  payloads: 5000,
  proposalsPerSa: 5000,
  transformsPerProposal: 5000,
  attributesPerTransform: 5000,
  attributesPerConfiguration: 5000,
  spisPerDelete: 5000,
};

const SINGLE = { ...DECODE_LIMITS, payloads: 1 };

describeCodec('an ISAKMP message', {
  values: message,
  repeated: (count) =>
    encodeMessage(
      FIELDS,
      Array.from({ length: count }, () => VENDOR),
    ),
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

describe.each(REPEATED)('an ISAKMP message with ever more %s', (name, payloadOf) => {
  it('takes time as it grows', () => {
    checkDecoder({
      name,
      runs: 1,
      valid: fc.constantFrom(1, 2, 3).map((count) => encodeMessage(FIELDS, [payloadOf(count)])),
      decode: (octets) => decodeMessage(octets, NO_LIMITS).payloads,
      errors: [DecodeError],
      aliasing: 'views',
      growth: { octets: (count) => encodeMessage(FIELDS, [payloadOf(count)]), clock: performance },
    });
  });
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
