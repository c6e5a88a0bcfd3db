import { octetsView } from './octets.ts';

/**
 * Whether two octet strings are equal, in a time that depends on their lengths alone. Strings of different lengths
 * are never equal.
 * @throws TypeError unless both are Uint8Arrays.
 */
export function equalConstantTime(one: Uint8Array, other: Uint8Array): boolean {
  const a = octetsView('one', one);
  const b = octetsView('other', other);
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Overwrites key material with zeros. */
export function wipe(...secrets: readonly (Uint8Array | Int32Array | Uint32Array)[]): void {
  for (const secret of secrets) secret.fill(0);
}
