import { pooled, withPooled } from '../../../../test/support/octets.ts';

let isPooled = false;

/** From now on octets are handed over as Node hands them: in a `Buffer` of a pool that is overwritten after the call. */
export function handPooled(): void {
  isPooled = true;
}

/** Every how many octets a test looks at that otherwise looks at each: the second time round a few are enough. */
export function stride(): number {
  return isPooled ? 11 : 1;
}

/** Hands octets over to `use`. */
export function handed<T>(octets: Uint8Array, use: (octets: Uint8Array) => T): T {
  return isPooled ? withPooled(octets, use) : use(octets);
}

/** Hands a value over to `use`, with all octets that are anywhere in it. */
export function handedWhole<V, T>(value: V, use: (value: V) => T): T {
  if (!isPooled) return use(value);
  const buffers: Buffer[] = [];
  const result = use(withBuffers(value, buffers));
  for (const buffer of buffers) buffer.fill(0xee);
  return result;
}

function withBuffers<V>(value: V, buffers: Buffer[]): V {
  if (value instanceof Uint8Array) {
    const buffer = pooled(value);
    buffers.push(buffer);
    return buffer as V & Buffer;
  }
  if (Array.isArray(value)) return value.map((one) => withBuffers(one, buffers)) as V & unknown[];
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const copy: object = { ...value };
  for (const [name, inner] of Object.entries(copy)) Reflect.set(copy, name, withBuffers(inner, buffers));
  return copy as V;
}
