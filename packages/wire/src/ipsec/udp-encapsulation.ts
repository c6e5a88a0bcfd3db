import { readI32 } from '../integers.ts';
import { requireOctets } from '../octets.ts';
import { ESP_HEADER_OCTETS } from './esp.ts';

/** The port of UDP-encapsulated ESP, and of IKE once a NAT is found (RFC 3947 §4). */
export const NAT_TRAVERSAL_PORT = 4500;

/** Zero octets in front of an IKE message, where ESP has its SPI (RFC 3948 §2.2). */
export const NON_ESP_MARKER_OCTETS = 4;

const KEEPALIVE = 0xff;

/** What a UDP payload on port 4500 is (RFC 3948 §2): IKE starts behind its marker, ESP at once. */
export type UdpEncapsulated = 'keepalive' | 'ike' | 'esp' | 'malformed';

/** `octets` from `at` on are one UDP payload. */
export function classifyUdpEncapsulated(octets: Uint8Array, at: number = 0): UdpEncapsulated {
  requireOctets('octets', octets);
  const length = octets.length - at;
  if (length === 1 && octets[at] === KEEPALIVE) return 'keepalive';
  if (length < NON_ESP_MARKER_OCTETS) return 'malformed';
  if (readI32(octets, at) === 0) return 'ike';
  return length < ESP_HEADER_OCTETS ? 'malformed' : 'esp';
}
