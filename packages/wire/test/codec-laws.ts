import type { Growth } from '@espalier/testing/laws';
import { DecodeError } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../test/support/decoders.ts';
import { expectPlainOctets, NO_OCTETS, pooled } from '../../../test/support/octets.ts';

interface Codec<T> {
  readonly values: fc.Arbitrary<T>;
  readonly encode: (value: T) => Uint8Array;
  readonly decode: (octets: Uint8Array) => T;
  /** Off for a form that has no length of its own, so that its prefixes may be whole. */
  readonly refusesPrefixes?: boolean;
  /** Off where `decode` does more than to call one public function. */
  readonly isDoor?: boolean;
  /** Octets from which some fields may be recomputed, a checksum for example, before the laws apply. */
  readonly repair?: (octets: Uint8Array) => void;
  /** Octets with so many of something that a peer may repeat. */
  readonly repeated?: Growth['octets'];
}

/** What holds for every codec of this package. */
export function describeCodec<T>(name: string, codec: Codec<T>): void {
  const { values, encode, decode, refusesPrefixes = true, isDoor = true, repair, repeated } = codec;

  describeDecoder({
    name,
    values,
    encode,
    decode,
    errors: [DecodeError],
    aliasing: 'views',
    prefixes: refusesPrefixes ? 'refused' : 'may-be-whole',
    ...(repair === undefined ? {} : { repair }),
    ...(repeated === undefined ? {} : { growth: { octets: repeated, clock: performance } }),
  });

  describe(name, () => {
    it('decodes a pooled buffer like plain octets, and hands out plain ones, whose slices are copies', () => {
      fc.assert(
        fc.property(values.map(encode), (whole) => {
          const value = decode(pooled(whole));
          expect(value).toEqual(decode(whole));
          expectPlainOctets(value);
        }),
        { numRuns: 25 },
      );
    });

    if (isDoor) {
      it.each(NO_OCTETS)('does not decode %s', (_, value) => {
        expect(() => decode(value)).toThrow(/must be a Uint8Array/);
      });
    }
  });
}
