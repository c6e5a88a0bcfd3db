import { equalConstantTime, wipe } from '@espalier/crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';

const some = fc.uint8Array({ maxLength: 40 });

test('two octet strings are equal when every octet is, and never when their lengths differ', () => {
  fc.assert(
    fc.property(some, some, (a, b) => {
      expect(equalConstantTime(a, a.slice())).toBe(true);
      expect(equalConstantTime(a, b)).toBe(Buffer.compare(a, b) === 0);
      expect(equalConstantTime(a, Uint8Array.of(...a, 0))).toBe(false);
    }),
  );
});

test('a difference of any one bit is seen', () => {
  const a = new Uint8Array(16);
  for (let bit = 0; bit < 128; bit++) {
    const b = a.slice();
    b[bit >> 3] = 1 << (bit & 7);
    expect(equalConstantTime(a, b)).toBe(false);
  }
});

test('wiping overwrites every octet of every array', () => {
  const a = Uint8Array.of(1, 2, 3);
  const b = Int32Array.of(4, 5);
  wipe(a, b);
  expect([...a, ...b]).toEqual([0, 0, 0, 0, 0]);
});
