import { ip, ipv4, PROTOCOL, readU16, readU32 } from '@espalier/wire';

/** What a packet on the outside shows of the SA that it is of. */
export interface Protected {
  readonly spi: number;
  /** The 32 bits of it that are sent. */
  readonly sequence: number;
}

/** Undefined where it is neither ESP, nor ESP in UDP, nor AH, or a fragment. */
export function protectedIn(packet: Uint8Array): Protected | undefined {
  const end = packet.length;
  if (ip.isFragment(packet, 0, end)) return undefined;
  const protocol = ip.protocol(packet, 0, end);
  const at = ip.payloadAt(packet, 0, end);
  if (protocol === PROTOCOL.esp) return { spi: readU32(packet, at), sequence: readU32(packet, at + 4) };
  if (protocol === PROTOCOL.ah) return { spi: readU32(packet, at + 4), sequence: readU32(packet, at + 8) };
  if (protocol !== PROTOCOL.udp || (readU16(packet, at) !== 4500 && readU16(packet, at + 2) !== 4500)) return undefined;
  // A keepalive is shorter; IKE has a marker of zeros (RFC 3948 §2.2).
  if (end < at + 16 || readU32(packet, at + 8) === 0) return undefined;
  return { spi: readU32(packet, at + 8), sequence: readU32(packet, at + 12) };
}

const FRAGMENT_HEADER = 44;
const OUTSIDE: readonly number[] = [PROTOCOL.esp, PROTOCOL.ah, PROTOCOL.udp, PROTOCOL.icmp, PROTOCOL.icmpv6];

/** Whether a packet may be on the outside: what protects, IKE, what routers say, and fragments of them. */
export function belongsOutside(packet: Uint8Array): boolean {
  const end = packet.length;
  if (ip.packetOctets(packet, 0, end) !== end) return false;
  const protocol = ip.protocol(packet, 0, end);
  if (!OUTSIDE.includes(protocol)) return protocol === FRAGMENT_HEADER;
  const isFirst = ip.fragmentOffset(packet, 0, end) === 0;
  if (protocol !== PROTOCOL.udp || !isFirst) return true;
  const at = ip.version(packet, 0) === 4 ? ipv4.headerOctets(packet, 0) : ip.payloadAt(packet, 0, end);
  const ports = [readU16(packet, at), readU16(packet, at + 2)];
  return ports.some(isIpsecPort);
}

/** Whether a packet of UDP is for a port that gateways have; true of any other. */
export function isForIpsec(packet: Uint8Array): boolean {
  const end = packet.length;
  if (ip.isFragment(packet, 0, end) || ip.protocol(packet, 0, end) !== PROTOCOL.udp) return true;
  return isIpsecPort(readU16(packet, ip.payloadAt(packet, 0, end) + 2));
}

function isIpsecPort(port: number): boolean {
  return port === 500 || port === 4500;
}
