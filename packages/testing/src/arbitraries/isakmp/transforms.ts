import { type Attribute, numberAttribute, type Transform } from '@espalier/wire';
import fc from 'fast-check';

/** Transforms numbered from 1 on, as they must be told apart (RFC 2408 §3.6). */
export function numbered(transforms: readonly Transform[]): readonly Transform[] {
  return transforms.map((transform, i) => ({ ...transform, number: i + 1 }));
}

/** A Life Type and its Life Duration, in either form that a duration may have (RFC 2407 §4.5). */
export function lifetime(type: number, duration: number, unit: number): fc.Arbitrary<readonly Attribute[]> {
  return fc
    .oneof(fc.integer({ min: 60, max: 0xffff }), fc.integer({ min: 0x1_0000, max: 0xffff_ffff }))
    .map((value) => [{ type, value: unit }, numberAttribute(duration, value)]);
}
