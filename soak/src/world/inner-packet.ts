import {
  DecodeError,
  decodeIpv4,
  decodeIpv6,
  decodeUdp,
  encodeIpv4,
  encodeIpv6,
  encodeUdp,
  ip,
  PROTOCOL,
  parseAddress,
  readU32,
  writeU32,
} from '@espalier/wire';
import { PORT } from '../plan/places.ts';

const MARKER_OCTETS = 8;
/** The marker, and the number of the packet. */
const LEAST_PAYLOAD = MARKER_OCTETS + 4;

export interface InnerPacket {
  readonly id: number;
  readonly source: string;
  readonly destination: string;
  /** Of the payload, the marker and the number included. */
  readonly octets: number;
  readonly dontFragment: boolean;
}

/** Octets that are found nowhere by chance: in clear they give a packet away. */
export function markerOf(seed: number): Uint8Array {
  const marker = new Uint8Array(MARKER_OCTETS).fill(0xe5);
  writeU32(marker, 2, seed >>> 0);
  return marker;
}

/** UDP between two hosts, or gateways that are hosts, with a payload that only this packet has. */
export function encodeInner(
  marker: Uint8Array,
  { id, source, destination, octets, dontFragment }: InnerPacket,
): Uint8Array {
  const ends = { source: addressOf(source), destination: addressOf(destination) };
  const carried = payloadOf(marker, id, octets);
  const payload = encodeUdp({ sourcePort: PORT, destinationPort: PORT, payload: carried }, ends);
  if (ends.source.length === 4) {
    return encodeIpv4({ ...ends, protocol: PROTOCOL.udp, identification: id & 0xffff, dontFragment, payload });
  }
  return encodeIpv6({ ...ends, trafficClass: 0, flowLabel: 0, hopLimit: 64, nextHeader: PROTOCOL.udp, payload });
}

/** The number of the packet; undefined where it is none of this world, or not as it was made. */
export function innerId(marker: Uint8Array, packet: Uint8Array): number | undefined {
  try {
    const { source, destination, payload } = ip.version(packet, 0) === 4 ? decodeIpv4(packet) : decodeIpv6(packet);
    const udp = decodeUdp(payload, { source, destination });
    if (udp.checksum !== 'good' || udp.payload.length < LEAST_PAYLOAD) return undefined;
    const id = readU32(udp.payload, MARKER_OCTETS);
    return isPayloadOf(marker, id, udp.payload) ? id : undefined;
  } catch (error) {
    if (error instanceof DecodeError) return undefined;
    throw error;
  }
}

const addresses = new Map<string, Uint8Array>();

/** There are few, and many packets. */
function addressOf(text: string): Uint8Array {
  const octets = addresses.get(text) ?? parseAddress(text);
  addresses.set(text, octets);
  return octets;
}

function payloadOf(marker: Uint8Array, id: number, octets: number): Uint8Array {
  const payload = new Uint8Array(Math.max(octets, LEAST_PAYLOAD));
  for (let i = LEAST_PAYLOAD; i < payload.length; i++) payload[i] = (i * 7 + id) & 0xff;
  payload.set(marker);
  writeU32(payload, MARKER_OCTETS, id);
  return payload;
}

function isPayloadOf(marker: Uint8Array, id: number, payload: Uint8Array): boolean {
  for (let i = LEAST_PAYLOAD; i < payload.length; i++) if (payload[i] !== ((i * 7 + id) & 0xff)) return false;
  return marker.every((octet, i) => payload[i] === octet);
}
