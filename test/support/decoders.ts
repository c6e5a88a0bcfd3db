import { type DecoderOptions, decoderLaws } from '@espalier/testing/laws';
import { describe, expect, it } from 'vitest';

/** A test for each law that is asked of a decoder. */
export function describeDecoder<Value>(options: DecoderOptions<Value>): void {
  describe(options.name, () => {
    it.each(decoderLaws(options))('$law', ({ check }) => {
      expect(check()).toBeGreaterThan(0);
    });
  });
}
