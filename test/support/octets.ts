/** Octets as callers have them, and what callers pass for octets. */
import { expect } from 'vitest';

/** What is no `Uint8Array`, as JavaScript lets it through to where one is wanted. */
export const NO_OCTETS: readonly (readonly [string, never])[] = [
  ['text', 'juniper0juniper0juniper0'],
  ['an array of numbers', Array.from({ length: 24 }, (_, i) => i)],
  ['a DataView', new DataView(new ArrayBuffer(24))],
  ['an ArrayBuffer', new ArrayBuffer(24)],
  ['numbers of 16 bits', new Uint16Array(24)],
  ['null', null],
  ['nothing', undefined],
].map(([name, value]) => [String(name), value as never]);

/** The same octets as a Node `Buffer`, in the midst of a larger one. */
export function pooled(octets: Uint8Array): Buffer {
  const pool = Buffer.alloc(octets.length + 32, 0xa5);
  pool.set(octets, 16);
  return pool.subarray(16, 16 + octets.length);
}

/** Calls `use` with such a buffer, then overwrites it, as the next datagram would, and gives back what `use` gave. */
export function withPooled<T>(octets: Uint8Array, use: (buffer: Buffer) => T): T {
  const buffer = pooled(octets);
  const result = use(buffer);
  buffer.fill(0xee);
  return result;
}

/** That every array of octets in `value`, however deep, is a plain `Uint8Array`. */
export function expectPlainOctets(value: unknown): void {
  if (value instanceof Uint8Array) expect(Object.getPrototypeOf(value)).toBe(Uint8Array.prototype);
  else if (typeof value === 'object' && value !== null) Object.values(value).forEach(expectPlainOctets);
}
