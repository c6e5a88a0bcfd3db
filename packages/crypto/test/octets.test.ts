import { runInNewContext } from 'node:vm';
import { copyOctets, octetsView } from '@espalier/crypto';
import { describe, expect, it, test } from 'vitest';

const octets = Uint8Array.of(1, 2, 3, 4);

/** The octets 1 to 4 in the middle of memory that is used for something else afterwards. */
function pooled(): { readonly buffer: Buffer; reuse(): void } {
  const pool = Buffer.alloc(16, 0xee);
  pool.set(octets, 5);
  return { buffer: pool.subarray(5, 9), reuse: () => pool.fill(0xaa) };
}

const NO_OCTETS: readonly [string, unknown][] = [
  ['text', 'four'],
  ['a String', Object('four')],
  ['numbers in an array', [1, 2, 3, 4]],
  ['a number', 4],
  ['nothing', undefined],
  ['null', null],
  ['a DataView', new DataView(octets.buffer)],
  ['an ArrayBuffer', octets.buffer],
  ['other words', new Uint16Array(4)],
  ['clamped octets', new Uint8ClampedArray(4)],
  ['what looks like octets', { length: 4, 0: 1, [Symbol.toStringTag]: 'Uint8Array' }],
  ['an object with the prototype of octets', Object.create(Uint8Array.prototype)],
];

describe.each([
  ['octetsView', octetsView],
  ['copyOctets', copyOctets],
])('%s', (_, take) => {
  test.each(NO_OCTETS)('refuses %s with a TypeError that names the argument', (_name, value) => {
    expect(() => take('keys.salt', value)).toThrow(new TypeError('keys.salt must be a Uint8Array'));
  });

  it('takes octets, a Buffer and octets of another realm, and gives plain octets', () => {
    const foreign: unknown = runInNewContext('Uint8Array.of(1, 2, 3, 4)');
    for (const value of [octets, pooled().buffer, foreign]) {
      const taken = take('key', value);
      expect(Object.getPrototypeOf(taken)).toBe(Uint8Array.prototype);
      expect([...taken]).toEqual([1, 2, 3, 4]);
    }
  });
});

it('octetsView is the same memory, and its slice is another', () => {
  const { buffer, reuse } = pooled();
  const view = octetsView('key', buffer);
  const slice = view.slice();
  reuse();
  expect([...view]).toEqual([0xaa, 0xaa, 0xaa, 0xaa]);
  expect([...slice]).toEqual([1, 2, 3, 4]);
});

it('copyOctets stays what it was when the memory is used again, and does not reach into it', () => {
  const { buffer, reuse } = pooled();
  const copy = copyOctets('key', buffer);
  reuse();
  expect([...copy]).toEqual([1, 2, 3, 4]);
  expect(copy.buffer.byteLength).toBe(4);
  copy.fill(0);
  expect([...buffer]).toEqual([0xaa, 0xaa, 0xaa, 0xaa]);
});
