/** Frames of which each begins with its IP header (https://www.tcpdump.org/linktypes.html). */
const LINKTYPE_RAW = 101;
const FILE_HEADER_OCTETS = 24;
const RECORD_HEADER_OCTETS = 16;

/** A little-endian pcap file of whole IP packets, a second apart. */
export function pcapOf(packets: readonly Uint8Array[]): Uint8Array {
  const header = Buffer.alloc(FILE_HEADER_OCTETS);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(0xffff, 16);
  header.writeUInt32LE(LINKTYPE_RAW, 20);
  return Buffer.concat([header, ...packets.flatMap((packet, second) => [recordOf(packet, second), packet])]);
}

function recordOf({ length }: Uint8Array, second: number): Uint8Array {
  const record = Buffer.alloc(RECORD_HEADER_OCTETS);
  record.writeUInt32LE(second, 0);
  record.writeUInt32LE(length, 8);
  record.writeUInt32LE(length, 12);
  return record;
}
