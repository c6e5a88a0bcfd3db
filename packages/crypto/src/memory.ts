import type { OwnOctets } from './octets.ts';

/** The octets of `memory`, readable as words of either byte order. */
export function viewOf(memory: Uint8Array): DataView {
  return new DataView(memory.buffer, memory.byteOffset, memory.byteLength);
}

/** The word at an index that the caller knows to be inside `words`. */
export function word(words: Int32Array, index: number): number {
  return words[index] ?? 0;
}

/** All parts, one after the other. */
export function join(parts: readonly Uint8Array[]): OwnOctets {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
