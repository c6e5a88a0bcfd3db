import { expect } from 'vitest';

/**
 * That octets are the same is found as it is of memory: by the matchers it takes milliseconds for a packet. Where they are
 * not, or not of the same kind, the matchers judge, and tell.
 */
function areSame(a: unknown, b: unknown): true | undefined {
  if (!(a instanceof Uint8Array && b instanceof Uint8Array) || a.constructor !== b.constructor) return undefined;
  return Buffer.compare(a, b) === 0 || undefined;
}

expect.addEqualityTesters([areSame]);
