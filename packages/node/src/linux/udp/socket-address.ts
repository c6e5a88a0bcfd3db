import type { Endpoint } from '@espalier/ike';
import { formatAddress, parseAddress } from '@espalier/wire';

const AF_INET = 2;
export const AF_INET6 = 10;

/** Octets of `struct sockaddr_in6`, the longer of the two. */
export const SOCKET_ADDRESS_OCTETS = 28;

/** `struct sockaddr_in` or `struct sockaddr_in6`. @throws RangeError for an address that is none. */
export function encodeSocketAddress({ address, port }: Endpoint): Uint8Array {
  const ip = parseAddress(address);
  const is4 = ip.length === 4;
  const octets = new Uint8Array(is4 ? 16 : SOCKET_ADDRESS_OCTETS);
  octets[0] = is4 ? AF_INET : AF_INET6;
  octets[2] = port >>> 8;
  octets[3] = port & 0xff;
  octets.set(ip, is4 ? 4 : 8);
  return octets;
}

/** As the kernel has written it. */
export function decodeSocketAddress(octets: Uint8Array): Endpoint {
  const port = ((octets[2] ?? 0) << 8) | (octets[3] ?? 0);
  const address = octets[0] === AF_INET ? octets.subarray(4, 8) : octets.subarray(8, 24);
  return { address: formatAddress(address), port };
}
