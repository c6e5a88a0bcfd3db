import { formatAddress, ip, PROTOCOL, readU16 } from '@espalier/wire';
import { nameIn } from '../../text/names.ts';

/** What lies in front of the trailer of ESP (RFC 4303 §2.4 to §2.6). */
export interface EspContent {
  readonly inner: Uint8Array;
  readonly nextHeader: number;
  /** The padding is 1, 2, 3, as it must be. */
  readonly isPaddedRight: boolean;
}

/** Undefined where the padding is longer than what was decrypted. */
export function espContent(payload: Uint8Array): EspContent | undefined {
  const padLength = payload.at(-2);
  const nextHeader = payload.at(-1);
  if (padLength === undefined || nextHeader === undefined || padLength + 2 > payload.length) return undefined;
  const end = payload.length - 2 - padLength;
  const padding = payload.subarray(end, -2);
  return {
    inner: payload.subarray(0, end),
    nextHeader,
    isPaddedRight: padding.every((octet, index) => octet === ((index + 1) & 255)),
  };
}

export function isIpInside(nextHeader: number): boolean {
  return nextHeader === PROTOCOL.ipip || nextHeader === PROTOCOL.ipv6;
}

/** Whether an inner packet is worth a look: what most tunnels carry is not (TCP, ICMP, UDP between other ports than IPsec's). */
export function mayHoldIpsec(inner: Uint8Array): boolean {
  const payload = ip.payloadAt(inner, 0, inner.length);
  if (ip.packetOctets(inner, 0, inner.length) < 0 || payload < 0) return false;
  const protocol = ip.protocol(inner, 0, inner.length);
  if (protocol !== PROTOCOL.udp)
    return protocol !== PROTOCOL.tcp && protocol !== PROTOCOL.icmp && protocol !== PROTOCOL.icmpv6;
  return PORTS.includes(readU16(inner, payload)) || PORTS.includes(readU16(inner, payload + 2));
}

/** IKE's, and VXLAN's. */
const PORTS: readonly number[] = [500, 848, 4500, 4789, 8472];

/** Whether what is inside is an IP packet of the family that the next header says, as long as it says itself. */
export function hasIpForm({ inner, nextHeader }: Pick<EspContent, 'inner' | 'nextHeader'>): boolean {
  if (!isIpInside(nextHeader)) return false;
  return (
    ip.packetOctets(inner, 0, inner.length) >= 0 && ip.version(inner, 0) === (nextHeader === PROTOCOL.ipip ? 4 : 6)
  );
}

/** In a few words, with what is odd about it: a gateway would refuse that. */
export function contentText({ inner, nextHeader }: Pick<EspContent, 'inner' | 'nextHeader'>): {
  readonly summary: string;
  readonly note?: string;
} {
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
