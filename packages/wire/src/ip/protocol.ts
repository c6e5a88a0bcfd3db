/** Protocol numbers of IANA that IPsec meets: IPv4 Protocol, IPv6 Next Header, ESP Next Header. */
export const PROTOCOL = {
  icmp: 1,
  ipip: 4,
  tcp: 6,
  udp: 17,
  ipv6: 41,
  esp: 50,
  ah: 51,
  icmpv6: 58,
  /** No next header; in ESP a dummy packet (RFC 4303 §2.6). */
  none: 59,
  ospf: 89,
  ipcomp: 108,
} as const;
