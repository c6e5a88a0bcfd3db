import { formatAddress, parseAddress } from '@espalier/wire';

const IPV4_OCTETS = 4;

/** An address as packets have it, however it was written. @throws TypeError or RangeError that names the argument unless it is one. */
export function addressText(argument: string, text: string): string {
  return formatAddress(addressOctets(argument, text));
}

/** The same of an address of IPv4. @throws TypeError or RangeError that names the argument unless it is one. */
export function ipv4Text(argument: string, text: string): string {
  const octets = addressOctets(argument, text);
  if (octets.length !== IPV4_OCTETS) throw new RangeError(`${argument} must be an address of IPv4: ${text}`);
  return formatAddress(octets);
}

/** The octets of an address in text. @throws TypeError or RangeError that names the argument unless it is one. */
export function addressOctets(argument: string, text: string): Uint8Array {
  if (typeof text !== 'string') throw new TypeError(`${argument} must be a string`);
  try {
    return parseAddress(text);
  } catch {
    throw new RangeError(`${argument} must be an IP address: ${JSON.stringify(text)}`);
  }
}
