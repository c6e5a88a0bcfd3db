/** Link types whose frames hold IP packets (https://www.tcpdump.org/linktypes.html). */
const LINK = {
  null: 0,
  ethernet: 1,
  rawOld: 12,
  rawBsd: 14,
  raw: 101,
  loop: 108,
  linuxCooked: 113,
  ipv4: 228,
  ipv6: 229,
  linuxCooked2: 276,
} as const;

const ETHERTYPE_IPV4 = 0x0800;
const ETHERTYPE_IPV6 = 0x86dd;
/** 802.1Q and 802.1ad tags: 4 octets each. */
const VLAN_TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100];

/** The IP packet in a frame, link padding included; undefined where the frame holds none. */
export function ipPacketIn(linkType: number, frame: Uint8Array): Uint8Array | undefined {
  switch (linkType) {
    case LINK.ethernet:
      return ethernetPayload(frame);
    case LINK.linuxCooked:
      return isIp(u16(frame, 14)) ? frame.subarray(16) : undefined;
    case LINK.linuxCooked2:
      return isIp(u16(frame, 0)) ? frame.subarray(20) : undefined;
    case LINK.null:
    case LINK.loop:
      return ipOrNothing(frame.subarray(4));
    case LINK.raw:
    case LINK.rawOld:
    case LINK.rawBsd:
    case LINK.ipv4:
    case LINK.ipv6:
      return ipOrNothing(frame);
    default:
      return undefined;
  }
}

function ethernetPayload(frame: Uint8Array): Uint8Array | undefined {
  let at = 12;
  while (VLAN_TAGS.includes(u16(frame, at))) at += 4;
  return isIp(u16(frame, at)) ? frame.subarray(at + 2) : undefined;
}

function ipOrNothing(octets: Uint8Array): Uint8Array | undefined {
  const version = (octets[0] ?? 0) >> 4;
  return version === 4 || version === 6 ? octets : undefined;
}

function isIp(etherType: number): boolean {
  return etherType === ETHERTYPE_IPV4 || etherType === ETHERTYPE_IPV6;
}

function u16(octets: Uint8Array, at: number): number {
  return ((octets[at] ?? 0) << 8) | (octets[at + 1] ?? 0);
}
