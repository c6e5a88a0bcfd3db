import { readI32 } from '../integers.ts';
import { requireOctets } from '../octets.ts';
import { ESP_HEADER_OCTETS } from './esp.ts';

/** The port of UDP-encapsulated ESP, and of IKE once a NAT is found (RFC 3947 §4). */
export const NAT_TRAVERSAL_PORT = 4500;

/** Zero octets in front of an IKE message, where ESP has its SPI (RFC 3948 §2.2). */
export const NON_ESP_MARKER_OCTETS = 4;

/** Zero octets in front of ESP where it shares IKE's port, in the place of a cookie, which is never zero (draft-ietf-ipsec-udp-encaps-01 §2). */
export const NON_IKE_MARKER_OCTETS = 8;

const KEEPALIVE = 0xff;

/** What a UDP payload on port 4500 is (RFC 3948 §2): IKE starts behind its marker, ESP at once. */
export type UdpEncapsulated = 'keepalive' | 'ike' | 'esp' | 'malformed';

/**
 * What a UDP payload on IKE's own port is. Before ports changed, in the drafts 00 and 01 of NAT traversal, ESP came there
 * behind its marker, and so did keepalives (draft-ietf-ipsec-udp-encaps-01 §2). `octets` from `at` on are the payload.
 */
export function classifyAtIkePort(octets: Uint8Array, at: number = 0): Exclude<UdpEncapsulated, 'malformed'> {
  requireOctets('octets', octets);
  const length = octets.length - at;
  if (length === 1 && octets[at] === KEEPALIVE) return 'keepalive';
  if (length < NON_IKE_MARKER_OCTETS + ESP_HEADER_OCTETS) return 'ike';
  const isMarked = readI32(octets, at) === 0 && readI32(octets, at + 4) === 0;
  return isMarked && readI32(octets, at + NON_IKE_MARKER_OCTETS) !== 0 ? 'esp' : 'ike';
}

/** `octets` from `at` on are one UDP payload. */
export function classifyUdpEncapsulated(octets: Uint8Array, at: number = 0): UdpEncapsulated {
  requireOctets('octets', octets);
  const length = octets.length - at;
  if (length === 1 && octets[at] === KEEPALIVE) return 'keepalive';
  if (length < NON_ESP_MARKER_OCTETS) return 'malformed';
  if (readI32(octets, at) === 0) return 'ike';
  return length < ESP_HEADER_OCTETS ? 'malformed' : 'esp';
}
