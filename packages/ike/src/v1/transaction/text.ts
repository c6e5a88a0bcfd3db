import { fromHex, toHex } from '@espalier/wire';

/** Text of attributes, be it more than ASCII or not. What cannot be printed is left out. */
export function textOf(octets: Uint8Array, most: number): string {
  return [...decoded(octets)].filter(isPrintable).slice(0, most).join('');
}

/** UTF-8. @throws URIError for half of a surrogate pair. */
export function octetsOf(text: string): Uint8Array {
  return fromHex(encodeURIComponent(text).replace(/%(..)|[^%]/g, (one, hex: string | undefined) => hex ?? hexOf(one)));
}

function hexOf(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}

/** Octets that are no UTF-8 are taken for Latin-1. */
function decoded(octets: Uint8Array): string {
  try {
    return decodeURIComponent(toHex(octets).replace(/../g, '%$&'));
  } catch {
    return Array.from(octets, (octet) => String.fromCharCode(octet)).join('');
  }
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  return (code >= 0x20 && code < 0x7f) || code > 0x9f;
}
