import type { CipherRow } from './ciphers.ts';
import type { MacRow } from './macs.ts';
import type { OwnAead, OwnCipher, OwnMac, OwnSuite } from './own.ts';

/** What a suite is computed by: parts that a caller brought, which can be keyed, and rows of ours. */
export type OwnSuiteParts =
  | { readonly cipher: OwnCipher | CipherRow; readonly mac: OwnMac | MacRow }
  | { readonly aead: OwnAead };

const PARTS = new WeakMap<object, OwnSuiteParts>();

/** From now on `suite` is one of a caller's. */
export function registerOwnSuite(suite: OwnSuite, parts: OwnSuiteParts): void {
  PARTS.set(suite, parts);
}

/** Whether `defineSuite` made it: a copy is none. */
export function isOwnSuite(value: unknown): value is OwnSuite {
  return ownSuiteParts(value) !== undefined;
}

/** Undefined for what `defineSuite` did not make. */
export function ownSuiteParts(value: unknown): OwnSuiteParts | undefined {
  return typeof value === 'object' && value !== null ? PARTS.get(value) : undefined;
}
