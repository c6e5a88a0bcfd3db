import { octetsView } from '@espalier/crypto';
import { ip } from '@espalier/wire';

/**
 * What a caller hands in, as octets whose `slice` copies.
 * @throws TypeError naming the argument unless it is a `Uint8Array`.
 */
export function octetsOf(argument: string, value: Uint8Array): Uint8Array {
  return isPlain(value) ? value : octetsView(argument, value);
}

/** Asked first, since it costs a packet next to nothing. */
function isPlain(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Uint8Array.prototype;
}

/**
 * The IP packet that `octets` begin with, without what a link added behind it; undefined when it is not whole, or its
 * header is wrong (RFC 1812 §5.2.2, RFC 8200 §3).
 */
export function wholePacket(octets: Uint8Array): Uint8Array | undefined {
  const length = ip.packetOctets(octets, 0, octets.length);
  if (length < 0 || ip.reservedFlag(octets, 0) || !ip.headerChecksumOk(octets, 0)) return undefined;
  return length === octets.length ? octets : octets.subarray(0, length);
}
