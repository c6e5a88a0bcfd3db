import { encodeIpv4, parseAddress } from '@espalier/wire';

/** A packet from west to east, with its number in its payload. */
export function numbered(number: number, octets = 100): Uint8Array {
  const payload = new Uint8Array(octets).fill(number & 0xff);
  new DataView(payload.buffer).setUint32(0, number);
  const [source, destination] = ['10.1.0.7', '10.2.0.9'].map(parseAddress) as [Uint8Array, Uint8Array];
  return encodeIpv4({ source, destination, protocol: 17, payload });
}

export function numberOf(packet: Uint8Array): number {
  return new DataView(packet.buffer, packet.byteOffset).getUint32(20);
}
