import { readU16 } from '@espalier/wire';

/** `struct virtio_net_hdr`: what the kernel says of a frame that its hardware, which a TUN has not, would finish. */
export const VIRTIO_HEADER_OCTETS = 10;

export const GSO = { none: 0, tcp4: 1, tcp6: 4, udp: 5 } as const;
const ECN = 0x80;
const NEEDS_CHECKSUM = 1;

export interface VirtioHeader {
  /** There is but the sum of the pseudo-header where the checksum is to be. */
  readonly needsChecksum: boolean;
  /** Of `GSO`: which datagrams the frame is to be cut into. */
  readonly gso: number;
  /** Octets of payload in each of them. */
  readonly segmentOctets: number;
  /** From where the checksum counts: the transport header. */
  readonly checksumStart: number;
  /** Where it is, from there. */
  readonly checksumOffset: number;
}

export function readVirtioHeader(octets: Uint8Array): VirtioHeader {
  return {
    needsChecksum: ((octets[0] ?? 0) & NEEDS_CHECKSUM) !== 0,
    gso: (octets[1] ?? 0) & ~ECN,
    segmentOctets: little(octets, 4),
    checksumStart: little(octets, 6),
    checksumOffset: little(octets, 8),
  };
}

/** Of a frame of TCP that the kernel is to take for segments of so many octets behind headers of so many. */
export function writeTcpHeader(
  octets: Uint8Array,
  gso: number,
  headOctets: number,
  segmentOctets: number,
  tcpAt: number,
): void {
  octets[0] = NEEDS_CHECKSUM;
  octets[1] = gso;
  for (const [at, value] of [
    [2, headOctets],
    [4, segmentOctets],
    [6, tcpAt],
    [8, TCP_CHECKSUM_AT],
  ] as const) {
    octets[at] = value & 0xff;
    octets[at + 1] = value >>> 8;
  }
}

/** In the header of TCP (RFC 9293 §3.1). */
export const TCP_CHECKSUM_AT = 16;
export const TCP_SEQUENCE_AT = 4;
export const TCP_OFFSET_AT = 12;
export const TCP_FLAGS_AT = 13;
export const TCP_HEADER_OCTETS = 20;
export const TCP_FIN = 0x01;
export const TCP_PSH = 0x08;
export const TCP_ACK = 0x10;
export const TCP_CWR = 0x80;

function little(octets: Uint8Array, at: number): number {
  const value = readU16(octets, at);
  return ((value & 0xff) << 8) | (value >>> 8);
}
