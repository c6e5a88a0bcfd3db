import { formatAddress, parseAddress, parsePrefix, prefixContains } from '@espalier/wire';

/** Whether an address, as `formatAddress` writes it, is one of those that a key table means: `*`, an address, a prefix, or one with `*` in it. */
export function addressMatches(pattern: string, address: string): boolean {
  if (pattern === '*' || pattern === '' || pattern === address) return true;
  if (pattern.includes('*')) return globMatches(pattern.split('.'), address.split('.'));
  try {
    if (pattern.includes('/')) return prefixContains(parsePrefix(pattern), parseAddress(address));
    return formatAddress(parseAddress(pattern)) === address;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

function globMatches(pattern: readonly string[], address: readonly string[]): boolean {
  return pattern.length === address.length && pattern.every((part, i) => part === '*' || part === address[i]);
}
