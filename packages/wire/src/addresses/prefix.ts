import { type OwnOctets, requireOctets } from '../octets.ts';
import { formatAddress, parseAddress } from './address.ts';

/** An address and how many of its leading bits count. The bits behind them are kept: `10.1.15.1/30` is an interface. */
export interface AddressPrefix {
  /** 4 or 16 octets. */
  readonly address: Uint8Array;
  /** 0 to 32, or to 128. */
  readonly length: number;
}

/**
 * Reads `address/length`; an address alone is the prefix of that one host.
 * @throws RangeError unless `text` is such; TypeError unless it is a string.
 */
export function parsePrefix(text: string): AddressPrefix {
  if (typeof text !== 'string') throw new TypeError('text must be a string');
  const slash = text.indexOf('/');
  const address = parseAddress(slash < 0 ? text : text.slice(0, slash));
  const bits = 8 * address.length;
  if (slash < 0) return { address, length: bits };
  const lengthText = text.slice(slash + 1);
  if (!/^(0|[1-9][0-9]{0,2})$/.test(lengthText) || Number(lengthText) > bits) {
    throw new RangeError(`parsePrefix: text has a prefix length outside 0 to ${bits}: ${JSON.stringify(text)}`);
  }
  return { address, length: Number(lengthText) };
}

/** `address/length`, the address in its canonical form (IPv6: RFC 5952). @throws RangeError unless it has 4 or 16 octets. */
export function formatPrefix(prefix: AddressPrefix): string {
  return `${formatAddress(prefix.address)}/${prefix.length}`;
}

/** Whether `address` (4 or 16 octets) lies within `prefix`; never, when it is of the other family. */
export function prefixContains(prefix: AddressPrefix, address: Uint8Array): boolean {
  requireOctets('address', address);
  if (address.length !== prefix.address.length) return false;
  const mask = prefixMask(prefix.length, address.length);
  return address.every((octet, i) => ((octet ^ (prefix.address[i] ?? 0)) & (mask[i] ?? 0)) === 0);
}

/** The first address of the prefix: every bit behind its length is zero. */
export function prefixNetwork(prefix: AddressPrefix): OwnOctets {
  const mask = prefixMask(prefix.length, prefix.address.length);
  return prefix.address.map((octet, i) => octet & (mask[i] ?? 0));
}

/** `length` ones, then zeros, in `octets` octets. */
export function prefixMask(length: number, octets: number): OwnOctets {
  return Uint8Array.from({ length: octets }, (_, i) => 0xff00 >> Math.min(8, Math.max(0, length - 8 * i)));
}

/** The prefix length of a netmask, or undefined when its ones are not contiguous. */
export function maskLength(mask: Uint8Array): number | undefined {
  let length = 0;
  for (const octet of mask) length += 8 - Math.log2(256 - octet);
  if (!Number.isInteger(length)) return undefined;
  return prefixMask(length, mask.length).every((octet, i) => octet === mask[i]) ? length : undefined;
}
