import fc from 'fast-check';

/** Of 8 bits. */
export const u8: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xff });
/** Of 16 bits. */
export const u16: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffff });
/** Of 32 bits, unsigned. */
export const u32: fc.Arbitrary<number> = fc.integer({ min: 0, max: 0xffffffff });

/** Of every length up to `maxLength`: fast-check alone would prefer a handful. */
export function octets(minLength: number, maxLength: number = minLength): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength, maxLength, size: 'max' });
}

/** Of every length up to `maxLength`. */
export function list<T>(item: fc.Arbitrary<T>, minLength: number, maxLength: number): fc.Arbitrary<T[]> {
  return fc.array(item, { minLength, maxLength, size: 'max' });
}

/** Octets with up to three of them changed, the end cut off, or octets put in: what a network or an attacker makes. */
export function mutated(original: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  return original.chain((whole) => {
    const position = fc.integer({ min: 0, max: Math.max(0, whole.length - 1) });
    const changes = fc.array(fc.tuple(position, u8), { minLength: 1, maxLength: 3 });
    return fc.oneof(
      { weight: 4, arbitrary: changes.map((pairs) => withChanges(whole, pairs)) },
      { weight: 1, arbitrary: position.map((length) => whole.slice(0, length)) },
      {
        weight: 1,
        arbitrary: fc
          .tuple(position, octets(1, 8))
          .map(([at, more]) => Uint8Array.of(...whole.slice(0, at), ...more, ...whole.slice(at))),
      },
    );
  });
}

function withChanges(whole: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = new Uint8Array(whole);
  for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
  return copy;
}
