import { concat, type Instant, type OwnOctets, requireObject } from '@espalier/wire';
import { requireArray, requireNumber, within } from '../arguments.ts';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
/** Frames of which each begins with its IP header (https://www.tcpdump.org/linktypes.html). */
const LINKTYPE_RAW = 101;
const SNAP_LENGTH = 262_144;

/** What a pcap file begins with, of whole IP packets: 24 octets. */
export function pcapHeader(): OwnOctets {
  return words(MAGIC_MICROSECONDS, 0x0004_0002, 0, 0, SNAP_LENGTH, LINKTYPE_RAW);
}

/**
 * What stands in front of a packet of so many octets: 16 octets. A virtual clock begins in 1970.
 * @throws RangeError for a time that the format does not have, and more octets than `pcapHeader` says that there are.
 */
export function pcapRecord(at: Instant, octets: number): OwnOctets {
  requireNumber('at', at, 0);
  within('octets', octets, 0, SNAP_LENGTH);
  const microseconds = Math.round(at * 1000);
  return words(Math.floor(microseconds / 1e6), microseconds % 1e6, octets, octets);
}

/** A packet, and when it went by. */
export interface TimedPacket {
  readonly at: Instant;
  /** A whole IP packet of either family. */
  readonly packet: Uint8Array;
}

/** A whole pcap file. @throws TypeError or RangeError that names the packet which is none. */
export function pcapOf(packets: readonly TimedPacket[]): OwnOctets {
  requireArray('packets', packets);
  for (const [i, one] of packets.entries()) {
    requireObject(`packets[${i}]`, one);
    requireNumber(`packets[${i}].at`, one.at, 0);
    if (!(one.packet instanceof Uint8Array)) throw new TypeError(`packets[${i}].packet must be a Uint8Array`);
  }
  const parts = packets.flatMap(({ at, packet }) => [pcapRecord(at, packet.length), packet]);
  return concat(pcapHeader(), ...parts);
}

/** 32-bit words, least significant octet first. */
function words(...values: readonly number[]): OwnOctets {
  const octets = new Uint8Array(4 * values.length);
  const view = new DataView(octets.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return octets;
}
