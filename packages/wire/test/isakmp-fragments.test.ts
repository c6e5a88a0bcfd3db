import { message, structure, u16 } from '@espalier/testing/arbitraries';
import {
  concat,
  DecodeError,
  decodeFragment,
  encodeMessage,
  FLAG,
  FRAGMENT_OVERHEAD_OCTETS,
  fragmentMessage,
  fromHex,
  isFragment,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../test/support/decoders.ts';

const whole: fc.Arbitrary<Uint8Array> = message
  .map(({ fields, payloads }) => encodeMessage(fields, payloads))
  .filter(({ length }) => length < 4000);

describeDecoder({
  name: 'a fragment of an ISAKMP message',
  valid: structure('isakmp-fragment').octets,
  decode: decodeFragment,
  errors: [DecodeError],
  aliasing: 'views',
});

describe('fragments of an ISAKMP message', () => {
  it('are no larger than they may be, and put together give the message', () => {
    fc.assert(
      fc.property(whole, u16, fc.integer({ min: FRAGMENT_OVERHEAD_OCTETS + 20, max: 3000 }), (octets, id, most) => {
        const fragments = fragmentMessage(octets, id, most);
        const decoded = fragments.map(decodeFragment);
        expect(fragments.every(({ length }) => length <= most)).toBe(true);
        expect(concat(...decoded.map(({ piece }) => piece))).toEqual(octets);
        expect(decoded.map(({ number }) => number)).toEqual(fragments.map((_, i) => i + 1));
        expect(decoded.filter(({ isLast }) => isLast)).toEqual([decoded.at(-1)]);
        for (const fragment of decoded) {
          expect(fragment.id).toBe(id);
          expect(isFragment(fragment.header)).toBe(true);
          expect(fragment.header.initiatorCookie).toEqual(octets.subarray(0, 8));
        }
      }),
    );
  });

  it('are read whatever flags their headers have: racoon sets those of the whole message', () => {
    fc.assert(
      fc.property(whole, (octets) => {
        const [first] = fragmentMessage(octets, 7, 1000);
        const flagged = first?.slice() ?? expect.fail();
        flagged[19] = FLAG.encryption;
        expect(decodeFragment(flagged).piece).toEqual(decodeFragment(first ?? expect.fail()).piece);
      }),
    );
  });

  it.each([
    ['number 0', '0000000d 0001 00 01 61 62 63 64 65', 'value'],
    ['nothing in it', '00000008 0001 01 01', 'truncated'],
    ['another payload behind it', '0d00000d 0001 01 01 61 62 63 64 65', 'next-payload'],
    ['octets behind it', '0000000c 0001 01 01 61 62 63 64 65', 'leftover'],
    ['a longer length', '0000000e 0001 01 01 61 62 63 64 65', 'truncated'],
  ])('of %s is refused', (_, body, fault) => {
    const octets = concat(new Uint8Array(28).fill(1), fromHex(body.replaceAll(' ', '')));
    octets.set([132, 0x10, 2, 0, 0, 0, 0, 0, 0, 0, 0, octets.length], 16);
    expect(() => decodeFragment(octets)).toThrow(expect.objectContaining({ fault }));
  });

  it('are refused to be made where they have no room, or would be too many', () => {
    const octets = encodeMessage(
      {
        initiatorCookie: new Uint8Array(8),
        responderCookie: new Uint8Array(8),
        exchange: 2,
        flags: 0,
        messageId: 0,
      },
      [{ kind: 'nonce', data: new Uint8Array(300) }],
    );
    expect(() => fragmentMessage(octets, 1, FRAGMENT_OVERHEAD_OCTETS)).toThrow(RangeError);
    expect(() => fragmentMessage(octets, 1, FRAGMENT_OVERHEAD_OCTETS + 1)).toThrow(RangeError);
  });
});
