import { formatAddress, ip, ipv4, PROTOCOL, readU16 } from '@espalier/wire';
import { decompressed } from '../../packets/ipcomp.ts';
import { inPacket } from '../../packets/rebuilt.ts';
import { nameIn } from '../../text/names.ts';

/** What lies in front of the trailer of ESP (RFC 4303 §2.4 to §2.6). */
export interface EspContent {
  readonly inner: Uint8Array;
  readonly nextHeader: number;
  /** The padding is 1, 2, 3, as it must be. */
  readonly isPaddedRight: boolean;
  /** Of IPComp, where that was around `inner`; why that cannot be shown, where it cannot. */
  readonly cpi?: number;
  readonly compressed?: string;
}

/** What IPComp has made smaller as it was before. Undefined where the padding is longer than what was decrypted. */
export function espContent(payload: Uint8Array): EspContent | undefined {
  const padLength = payload.at(-2);
  const nextHeader = payload.at(-1);
  if (padLength === undefined || nextHeader === undefined || padLength + 2 > payload.length) return undefined;
  const end = payload.length - 2 - padLength;
  const padding = payload.subarray(end, -2);
  const content = {
    inner: payload.subarray(0, end),
    nextHeader,
    isPaddedRight: padding.every((octet, index) => octet === ((index + 1) & 255)),
  };
  if (nextHeader !== PROTOCOL.ipcomp) return content;
  const plain = decompressed(content.inner, ipv4.MAX_PACKET_OCTETS);
  if (typeof plain === 'string') return { ...content, compressed: plain };
  return { ...content, inner: plain.octets, nextHeader: plain.nextHeader, cpi: plain.cpi };
}

export function isIpInside(nextHeader: number): boolean {
  return nextHeader === PROTOCOL.ipip || nextHeader === PROTOCOL.ipv6;
}

/**
 * The packet in which IPsec may be once more: one of a tunnel, or one of transport mode as it was, behind the headers that
 * ESP has left. Undefined where a look is not worth it. `isUdpRead`: whether UDP between these ports is worth one.
 */
export function packetInside(
  { inner, nextHeader }: Pick<EspContent, 'inner' | 'nextHeader'>,
  headers: Uint8Array | undefined,
  isUdpRead: UdpRead,
): Uint8Array | undefined {
  if (!isIpInside(nextHeader)) {
    return headers !== undefined && mayHoldIpsec(nextHeader, inner, 0, isUdpRead)
      ? inPacket(headers, nextHeader, inner)
      : undefined;
  }
  const payload = ip.payloadAt(inner, 0, inner.length);
  if (ip.packetOctets(inner, 0, inner.length) < 0 || payload < 0) return undefined;
  return mayHoldIpsec(ip.protocol(inner, 0, inner.length), inner, payload, isUdpRead) ? inner : undefined;
}

type UdpRead = (source: number, destination: number) => boolean;

/** Not what most packets are: TCP, ICMP, UDP between ports that nobody asks for, or a dummy. */
function mayHoldIpsec(protocol: number, octets: Uint8Array, payloadAt: number, isUdpRead: UdpRead): boolean {
  if (protocol === PROTOCOL.udp) return isUdpRead(readU16(octets, payloadAt), readU16(octets, payloadAt + 2));
  return !CARRIES_NONE.includes(protocol);
}

const CARRIES_NONE: readonly number[] = [PROTOCOL.tcp, PROTOCOL.icmp, PROTOCOL.icmpv6, PROTOCOL.none];

/** Whether what is inside is an IP packet of the family that the next header says, as long as it says itself. */
export function hasIpForm({ inner, nextHeader }: Pick<EspContent, 'inner' | 'nextHeader'>): boolean {
  if (!isIpInside(nextHeader)) return false;
  return (
    ip.packetOctets(inner, 0, inner.length) >= 0 && ip.version(inner, 0) === (nextHeader === PROTOCOL.ipip ? 4 : 6)
  );
}

/** In a few words, with what is odd about it: a gateway would refuse that. */
export function contentText({ inner, nextHeader, compressed }: EspContent): {
  readonly summary: string;
  readonly note?: string;
} {
  if (compressed !== undefined) return { summary: `IPComp, ${inner.length} octets`, note: compressed };
  if (nextHeader === PROTOCOL.none) return { summary: `dummy packet, ${inner.length} octets` };
  if (!isIpInside(nextHeader)) return { summary: `${nameIn(PROTOCOL, nextHeader)}, ${inner.length} octets` };
  const octets = ip.packetOctets(inner, 0, inner.length);
  if (!hasIpForm({ inner, nextHeader })) {
    return {
      summary: `inner packet of ${inner.length} octets`,
      note: `its next header says IPv${nextHeader === PROTOCOL.ipip ? 4 : 6}, and what is inside is no such packet`,
    };
  }
  const [source, destination] = [ip.sourceOctets(inner, 0), ip.destinationOctets(inner, 0)].map(formatAddress);
  const protocol = nameIn(PROTOCOL, ip.protocol(inner, 0, octets));
  return { summary: `${source} > ${destination} ${protocol}, ${octets} octets` };
}
