import fc from 'fast-check';
import type { StructureName } from '../structures.ts';

/** One thing that a clause asks for, and octets in which it and nothing else is broken. */
export interface BrokenRule {
  readonly structure: StructureName;
  readonly clause: string;
  /** What the clause asks for. */
  readonly says: string;
  readonly octets: fc.Arbitrary<Uint8Array>;
}

/** The same octets but for some, from `at` on. */
export function changed(octets: Uint8Array, at: number, ...values: readonly number[]): Uint8Array {
  const copy = octets.slice();
  copy.set(values, at);
  return copy;
}

/** 16 bits. */
export function short(value: number): readonly [number, number] {
  return [(value >>> 8) & 0xff, value & 0xff];
}

/** 32 bits. */
export function word(value: number): readonly [number, number, number, number] {
  return [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
}

/** Fewer octets than `least`, of what begins as good ones do. */
export function cutBelow(valid: fc.Arbitrary<Uint8Array>, least: number): fc.Arbitrary<Uint8Array> {
  return fc.tuple(valid, fc.nat(least - 1)).map(([octets, length]) => octets.slice(0, length));
}
