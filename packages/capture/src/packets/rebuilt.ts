import { concat, ip, ipv4 } from '@espalier/wire';

/** A packet with these headers in front of something else than came behind them: as it was before it was put into that. */
export function inPacket(headers: Uint8Array, protocol: number, payload: Uint8Array): Uint8Array {
  const packet = concat(headers, payload);
  ip.setPacketOctets(packet, 0, packet.length);
  ip.setNextHeader(packet, 0, ip.nextHeaderAt(packet, 0, headers.length), protocol);
  if (ip.version(packet, 0) === 4) ipv4.setHeaderChecksum(packet, 0);
  return packet;
}
