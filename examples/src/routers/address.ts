import { formatAddress, parseAddress, readU32, writeU32 } from '@espalier/wire';

/** An IPv4 address as an unsigned 32-bit number. */
export type Address = number;

export function toAddress(text: string): Address {
  return readU32(parseAddress(text), 0);
}

export function toText(address: Address): string {
  return formatAddress(toOctets(address));
}

export function toOctets(address: Address): Uint8Array {
  const octets = new Uint8Array(4);
  writeU32(octets, 0, address);
  return octets;
}
