import { mutated, octets } from '@espalier/testing/arbitraries';
import { DecodeError } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
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
}

/** What holds for every codec of this package. */
export function describeCodec<T>(name: string, codec: Codec<T>): void {
  const { values, encode, decode, refusesPrefixes = true, isDoor = true, repair } = codec;
  const encoded = values.map(encode);

  /** The value, or undefined when the octets are refused as they may be. */
  function decodeOrRefuse(input: Uint8Array): T | undefined {
    try {
      return decode(input);
    } catch (error) {
      if (error instanceof DecodeError) return undefined;
      throw error;
    }
  }

  function expectIdentityOrRefusal(input: Uint8Array): void {
    const value = decodeOrRefuse(input);
    if (value !== undefined) expect(encode(value)).toEqual(input);
  }

  describe(name, () => {
    it('decodes what it encodes', () => {
      fc.assert(
        fc.property(values, (value) => {
          expect(decode(encode(value))).toEqual(value);
        }),
      );
    });

    it('encodes what it decodes, octet for octet, or refuses it with a DecodeError', () => {
      fc.assert(
        fc.property(mutated(encoded), (input) => {
          repair?.(input);
          expectIdentityOrRefusal(input);
        }),
        { numRuns: 400 },
      );
      fc.assert(fc.property(octets(0, 80), expectIdentityOrRefusal));
    });

    if (refusesPrefixes) {
      it('refuses every proper prefix', () => {
        fc.assert(
          fc.property(encoded, (whole) => {
            for (let length = 0; length < whole.length; length++) {
              expect(() => decode(whole.subarray(0, length))).toThrow(DecodeError);
            }
          }),
          { numRuns: 25 },
        );
      });
    }

    it('decodes a pooled buffer like plain octets, and hands out plain ones, whose slices are copies', () => {
      fc.assert(
        fc.property(encoded, (whole) => {
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

    it('reads nothing outside its view', () => {
      fc.assert(
        fc.property(fc.oneof(encoded, mutated(encoded)), (input) => {
          const alone = decodeOrRefuse(input);
          for (const poison of [0x00, 0xff]) {
            expect(decodeOrRefuse(surrounded(input, poison))).toEqual(alone);
          }
        }),
      );
    });
  });
}

/** The same octets as a view into the middle of other ones. */
function surrounded(input: Uint8Array, poison: number): Uint8Array {
  const arena = new Uint8Array(input.length + 64).fill(poison);
  arena.set(input, 32);
  return arena.subarray(32, 32 + input.length);
}
