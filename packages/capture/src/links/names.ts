import type { Key, Registry } from './layer.ts';

/** What is not read, by the names that people know it by. */
const NAMES: Readonly<Record<Registry, Readonly<Record<number, string>>>> = {
  'link-type': {
    6: 'token ring',
    7: 'ARCNET',
    8: 'SLIP',
    10: 'FDDI',
    100: 'ATM',
    105: 'IEEE 802.11',
    107: 'Frame Relay',
    119: 'IEEE 802.11 with Prism header',
    127: 'IEEE 802.11 with radiotap header',
    138: 'IP over FireWire',
    163: 'IEEE 802.11 with AVS header',
    187: 'Bluetooth',
    189: 'USB',
    192: 'PPI',
    195: 'IEEE 802.15.4',
    220: 'USB',
    226: 'Solaris ipnet',
    227: 'CAN',
    249: 'USBPcap',
    252: 'Wireshark upper PDU',
    253: 'netlink',
  },
  'ether-type': {
    2054: 'ARP',
    32821: 'RARP',
    34825: 'LACP',
    34915: 'PPPoE discovery',
    34939: 'HomePlug',
    34958: 'EAPOL',
    35020: 'LLDP',
    35045: 'MACsec',
    35063: 'PTP',
    35074: 'CFM',
  },
  ppp: { 253: 'compressed', 32801: 'IPCP', 32855: 'IPv6CP', 49185: 'LCP', 49187: 'PAP', 49699: 'CHAP' },
  protocol: {
    1: 'ICMP',
    2: 'IGMP',
    6: 'TCP',
    17: 'UDP',
    46: 'RSVP',
    58: 'ICMPv6',
    59: 'no next header',
    88: 'EIGRP',
    89: 'OSPF',
    103: 'PIM',
    108: 'IPComp',
    112: 'VRRP',
    115: 'L2TPv3',
    132: 'SCTP',
  },
  'udp-port': {
    53: 'DNS',
    67: 'DHCP',
    68: 'DHCP',
    123: 'NTP',
    161: 'SNMP',
    443: 'QUIC',
    514: 'syslog',
    1701: 'L2TP',
    5353: 'mDNS',
    51820: 'WireGuard',
  },
};

const WORDS: Readonly<Record<Registry, string>> = {
  'link-type': 'link type',
  'ether-type': 'EtherType',
  ppp: 'PPP protocol',
  protocol: 'IP protocol',
  'udp-port': 'UDP port',
};

export function hasName([registry, value]: Key): boolean {
  return NAMES[registry][value] !== undefined;
}

/** For example `link type 105 (IEEE 802.11)`, `EtherType 0x0806 (ARP)`. */
export function keyText([registry, value]: Key): string {
  const isHex = registry === 'ether-type' || registry === 'ppp';
  const number = isHex ? `0x${value.toString(16).padStart(4, '0')}` : String(value);
  const name = NAMES[registry][value];
  return `${WORDS[registry]} ${number}${name === undefined ? '' : ` (${name})`}`;
}
