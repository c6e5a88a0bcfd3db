const WORD_OCTETS = 8;

/**
 * About how many octets a value holds that are not those of `input`: 8 for each member, 2 for each character, and every
 * octet of a buffer. It does not depend on the engine, so that a law can be built on it.
 */
export function octetsHeld(value: unknown, input: ArrayBufferLike): number {
  const seen = new Set<unknown>([input]);
  const waiting: unknown[] = [value];
  let octets = 0;
  while (waiting.length > 0) {
    const next = waiting.pop();
    octets += WORD_OCTETS;
    if (typeof next === 'string') octets += 2 * next.length;
    if (typeof next !== 'object' || next === null || seen.has(next)) continue;
    seen.add(next);
    if (ArrayBuffer.isView(next)) octets += next.buffer === input ? 0 : next.byteLength;
    else if (next instanceof ArrayBuffer) octets += next.byteLength;
    else if (next instanceof Map || next instanceof Set) for (const member of next.entries()) waiting.push(...member);
    else if (Array.isArray(next)) {
      // A hole of a sparse array takes its place too.
      octets += WORD_OCTETS * next.length;
      for (const member of Object.values(next)) waiting.push(member);
    } else for (const member of Object.values(next)) waiting.push(member);
  }
  return octets;
}
