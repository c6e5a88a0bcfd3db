/**
 * Whether two octet strings are equal, in a time that depends on their lengths alone. Strings of different lengths
 * are never equal.
 */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/** Overwrites key material with zeros. */
export function wipe(...secrets: readonly (Uint8Array | Int32Array | Uint32Array)[]): void {
  for (const secret of secrets) secret.fill(0);
}
