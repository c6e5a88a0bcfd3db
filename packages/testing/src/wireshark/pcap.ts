import { concat, type Instant } from '@espalier/wire';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** Frames of which each begins with its IP header (https://www.tcpdump.org/linktypes.html). */
const LINKTYPE_RAW = 101;
const SNAP_LENGTH = 262_144;

/** What a pcap file begins with, of whole IP packets: 24 octets. */
export function pcapHeader(): Uint8Array {
  return words(MAGIC_MICROSECONDS, 0x0004_0002, 0, 0, SNAP_LENGTH, LINKTYPE_RAW);
}

/** What stands in front of a packet of so many octets: 16 octets. A virtual clock begins in 1970. */
export function pcapRecord(at: Instant, octets: number): Uint8Array {
  const microseconds = Math.round(at * 1000);
  return words(Math.floor(microseconds / 1e6), microseconds % 1e6, octets, octets);
}

/** A packet, and when it went by. */
export interface TimedPacket {
  readonly at: Instant;
  /** A whole IP packet of either family. */
  readonly packet: Uint8Array;
}

/** A whole pcap file. */
export function pcapOf(packets: readonly TimedPacket[]): Uint8Array {
  const parts = packets.flatMap(({ at, packet }) => [pcapRecord(at, packet.length), packet]);
  return concat(pcapHeader(), ...parts);
}

/** 32-bit words, least significant octet first. */
function words(...values: readonly number[]): Uint8Array {
  const octets = new Uint8Array(4 * values.length);
  const view = new DataView(octets.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return octets;
}
