import { formatAddress, ip, readU16 } from '@espalier/wire';

/** An IP packet as an observer takes it. */
export interface SeenIp {
  readonly at: number;
  /** Where its payload begins. */
  readonly payloadAt: number;
  /** Where it ends, or what of it is there. */
  readonly end: number;
  /** Octets that are missing behind `end`. */
  readonly missing: number;
  readonly protocol: number;
  readonly from: string;
  readonly to: string;
  readonly isFragment: boolean;
  /** The header's checksum is wrong. */
  readonly isSummedWrong: boolean;
  readonly notes: readonly string[];
}

const LEAST_OCTETS = { 4: 20, 6: 40 } as const;

/**
 * Reads the header at `at`, of which `end` is what was captured. A gateway refuses what is odd about it; an observer reads
 * it with a note. A text says why there is no packet.
 */
export function seenIp(octets: Uint8Array, at: number, end: number): SeenIp | string {
  const version = ip.version(octets, at);
  if (at >= end) return 'cut';
  if (version !== 4 && version !== 6) return `IP of version ${version}`;
  if (end - at < LEAST_OCTETS[version]) return 'cut';
  const notes: string[] = [];
  const told = version === 4 ? readU16(octets, at + 2) : 40 + readU16(octets, at + 4);
  const isLengthLeftOut = told === (version === 4 ? 0 : 40);
  if (isLengthLeftOut) notes.push('its length is 0, as segmentation offload leaves it: read to the end of the frame');
  const ownEnd = isLengthLeftOut ? end : at + told;
  const headerOctets = version === 4 ? ((octets[at] ?? 0) & 15) << 2 : 40;
  if (headerOctets < LEAST_OCTETS[version] || ownEnd < at + headerOctets)
    return 'lengths of IP that contradict each other';
  const stop = Math.min(ownEnd, end);
  if (at + headerOctets > stop) return 'cut';
  const payloadAt = ip.payloadAt(octets, at, stop);
  if (payloadAt < 0) return ownEnd > end ? 'cut' : 'extension headers of IPv6 that are out of their order';
  const isSummedWrong = !ip.headerChecksumOk(octets, at);
  if (isSummedWrong) notes.push('the checksum of its IP header is wrong, as checksum offload leaves it');
  return {
    at,
    payloadAt,
    end: stop,
    missing: ownEnd - stop,
    protocol: ip.protocol(octets, at, stop),
    from: formatAddress(ip.sourceOctets(octets, at)),
    to: formatAddress(ip.destinationOctets(octets, at)),
    isFragment: ip.isFragment(octets, at, stop),
    isSummedWrong,
    notes,
  };
}
