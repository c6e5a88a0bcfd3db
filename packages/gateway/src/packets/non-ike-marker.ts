import { concat, encodeUdp, IPV4_OCTETS, ip, NON_IKE_MARKER_OCTETS, readU16, UDP_HEADER_OCTETS } from '@espalier/wire';

const MARKER = new Uint8Array(NON_IKE_MARKER_OCTETS);

/** ESP as the payload of UDP at IKE's own port (draft-ietf-ipsec-udp-encaps-01 §2). */
export function markedEsp(esp: Uint8Array): Uint8Array {
  return concat(MARKER, esp);
}

/** An IP packet of ESP in UDP with the marker in front of ESP. */
export function withNonIkeMarker(packet: Uint8Array): Uint8Array {
  return withPayload(packet, markedEsp(packet.subarray(payloadAt(packet))));
}

/** The same without it, as if it had come to a port of its own. */
export function withoutNonIkeMarker(packet: Uint8Array): Uint8Array {
  return withPayload(packet, packet.subarray(payloadAt(packet) + NON_IKE_MARKER_OCTETS));
}

function payloadAt(packet: Uint8Array): number {
  return ip.payloadAt(packet, 0, packet.length) + UDP_HEADER_OCTETS;
}

/** Over IPv6 with a checksum, which nothing there goes without (RFC 8200 §8.1). */
function withPayload(packet: Uint8Array, payload: Uint8Array): Uint8Array {
  const udpAt = ip.payloadAt(packet, 0, packet.length);
  const ports = { sourcePort: readU16(packet, udpAt), destinationPort: readU16(packet, udpAt + 2) };
  const addresses = { source: ip.sourceOctets(packet, 0), destination: ip.destinationOctets(packet, 0) };
  const isIpv4 = addresses.source.length === IPV4_OCTETS;
  const udp = encodeUdp({ ...ports, payload }, isIpv4 ? undefined : addresses);
  const changed = concat(packet.subarray(0, udpAt), udp);
  ip.setPacketOctets(changed, 0, changed.length);
  return changed;
}
