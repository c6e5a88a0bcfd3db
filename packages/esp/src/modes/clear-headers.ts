import { ip, ipv4 } from '@espalier/wire';
import type { Descriptors } from '../batch/descriptors.ts';
import type { EspRefusal } from '../sa/refusals.ts';

/** The headers that stay in front of what transport mode puts into a packet (RFC 4303 §3.1.1, RFC 4302 §3.1.1). */

/** Why the packet at `at` has no such headers, or is not to be protected in transport mode. */
export function clearHeadersFault(
  memory: Uint8Array,
  at: number,
  octets: number,
): 'bad-inner' | 'fragment' | undefined {
  const end = at + octets;
  if (ip.packetOctets(memory, at, end) !== octets) return 'bad-inner';
  if (ip.isFragment(memory, at, end) || ip.fragmentHeaderAt(memory, at, end) >= 0) return 'fragment';
  return clearOctets(memory, at, octets) < 0 ? 'bad-inner' : undefined;
}

/** Octets of the IPv4 header, or of that of IPv6 and those extension headers behind it that routers read. */
export function clearOctets(memory: Uint8Array, at: number, octets: number): number {
  return ip.version(memory, at) === 4 ? ipv4.headerOctets(memory, at) : ip.perFragmentOctets(memory, at, at + octets);
}

/** What lies behind the first `clear` octets of the packet at `at`. */
export function protocolBehind(memory: Uint8Array, at: number, clear: number): number {
  return memory[ip.nextHeaderAt(memory, at, at + clear)] ?? 0;
}

/** Moves the first `clear` octets of a packet to `to`, where they lead to `protocol` in a packet of `octets`. */
export function moveClearHeaders(
  memory: Uint8Array,
  at: number,
  to: number,
  clear: number,
  octets: number,
  protocol: number,
): void {
  memory.copyWithin(to, at, at + clear);
  ip.setPacketOctets(memory, to, octets);
  ip.setNextHeader(memory, to, ip.nextHeaderAt(memory, to, to + clear), protocol);
}

/** Why the packet whose payload is the one at `index` is not a whole one with its headers in front. */
export function headFault(memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined {
  const payloadAt = packets.offset(index);
  const at = payloadAt - packets.headOctets(index);
  const end = payloadAt + packets.length(index);
  if (ip.packetOctets(memory, at, end) !== end - at) return 'bad-outer';
  return ip.isFragment(memory, at, end) ? 'fragment' : undefined;
}
