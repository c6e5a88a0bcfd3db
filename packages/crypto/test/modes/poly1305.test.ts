import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Poly1305 } from '../../src/modes/poly1305.ts';
import { kernelPoly1305 } from '../support/kernel-poly1305.ts';
import { hex } from '../support/vectors.ts';

const P = (1n << 130n) - 5n;

function littleEndian(octets: Uint8Array): bigint {
  return octets.reduceRight((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

/** RFC 8439 §2.5.1, in integers of any length. */
function model(key: Uint8Array, blocks: Uint8Array): string {
  const r = littleEndian(key.subarray(0, 16)) & 0x0ffffffc0ffffffc0ffffffc0fffffffn;
  let h = 0n;
  for (let at = 0; at < blocks.length; at += 16) {
    h = ((h + littleEndian(blocks.subarray(at, at + 16)) + (1n << 128n)) * r) % P;
  }
  const tag = (h + littleEndian(key.subarray(16))) & ((1n << 128n) - 1n);
  return hex(Uint8Array.from({ length: 16 }, (_, i) => Number((tag >> BigInt(8 * i)) & 255n)));
}

function noble(key: Uint8Array, blocks: Uint8Array): string {
  const poly1305 = new Poly1305();
  const view = new DataView(key.buffer, key.byteOffset);
  poly1305.start(Int32Array.from({ length: 8 }, (_, i) => view.getInt32(4 * i, true)));
  poly1305.absorb(new DataView(blocks.buffer, blocks.byteOffset, blocks.length), 0, blocks.length);
  const tag = new Uint8Array(16);
  poly1305.write(new DataView(tag.buffer), 0);
  return hex(tag);
}

/** Octets that lean towards the ends of their range, where carries are. */
const extreme = fc.constantFrom(0, 1, 3, 4, 0xfb, 0xfc, 0xfe, 0xff);
const octets = (length: number): fc.Arbitrary<Uint8Array> =>
  fc
    .array(fc.oneof(extreme, extreme, fc.nat(255)), { minLength: length, maxLength: length })
    .map((values) => Uint8Array.from(values));

const kernels = await kernelPoly1305();
const IMPLEMENTATIONS: readonly (readonly [string, (key: Uint8Array, blocks: Uint8Array) => string])[] = [
  ['the portable engine', noble],
  ['the kernels', (key, blocks) => hex(kernels.tag(key, blocks, 0))],
  ['the kernels beside ChaCha20', (key, blocks) => hex(kernels.tag(key, blocks, 10))],
];

describe.each(IMPLEMENTATIONS)('Poly1305 of %s', (_, tag) => {
  test('no sum of products is rounded, and the last reduction is complete, whatever the key and the blocks', () => {
    fc.assert(
      fc.property(
        octets(32),
        fc.nat(12).chain((blocks) => octets(16 * blocks)),
        (key, blocks) => {
          expect(tag(key, blocks)).toBe(model(key, blocks));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('a message of nothing but ones under the greatest key is exact through many blocks', () => {
    const key = new Uint8Array(32).fill(0xff);
    const blocks = new Uint8Array(16 * 600).fill(0xff);
    expect(tag(key, blocks)).toBe(model(key, blocks));
  });

  test('a sum between 2^130 - 5 and 2^130 is reduced once more', () => {
    // r = 1, so that h is the block itself with its 2^128: three blocks of ones and one more end just around the modulus.
    const key = new Uint8Array(32);
    key[0] = 1;
    for (let last = 0; last < 256; last++) {
      const blocks = new Uint8Array(64).fill(0xff);
      blocks[32] = last;
      for (let blockCount = 1; blockCount <= 4; blockCount++) {
        expect(tag(key, blocks.slice(0, 16 * blockCount))).toBe(model(key, blocks.slice(0, 16 * blockCount)));
      }
    }
  });
});
