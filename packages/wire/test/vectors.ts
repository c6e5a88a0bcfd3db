import { readFileSync } from 'node:fs';
import { describe, it } from 'vitest';
import { hasShared } from '../../../test/shared.ts';

/** Reads a vector that the repository carries; the caller names the shape it expects. */
export function vectorJson<T>(path: string): T {
  return JSON.parse(readFileSync(new URL(`../../../test/vectors/${path}`, import.meta.url), 'utf8'));
}

/** Tests on the vectors beside the repository; skipped as one where they are missing. */
export function describeShared(name: string, body: () => void): void {
  if (hasShared) describe(name, body);
  // A group without a test would be an error: one that is skipped stands for them all where ../shared is missing.
  else describe(name, () => it.skip('needs ../shared', () => undefined));
}
