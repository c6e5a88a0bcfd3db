import { concat, encodeIcmp, encodeIcmpv6, encodeIpv4, encodeIpv6, encodeUdp, ipv4 } from '@espalier/wire';
import fc from 'fast-check';
import { icmpMessage, icmpv6Message } from '../icmp.ts';
import { ipv4Packet, ipv6Packet, udpDatagram } from '../ip.ts';
import { list, octets } from '../octets.ts';
import { ICMPV6_ENDS } from '../structures.ts';
import { type BrokenRule, changed, cutBelow, short } from './rule.ts';

/** Names of the rules of IP, UDP and ICMP. */
export const IP_RULES = [
  'ipv4-truncated',
  'ipv4-version',
  'ipv4-header-length',
  'ipv4-total-below-header',
  'ipv4-total-beyond-packet',
  'ipv4-reserved-flag',
  'ipv4-option-length',
  'ipv4-option-overrun',
  'ipv4-option-padding',
  'ipv6-truncated',
  'ipv6-version',
  'ipv6-length-beyond-packet',
  'ipv6-hop-by-hop-not-first',
  'ipv6-extension-overrun',
  'ipv6-two-fragment-headers',
  'udp-truncated',
  'udp-length-below-header',
  'udp-length-beyond-datagram',
  'icmp-truncated',
  'icmp-checksum',
  'icmpv6-truncated',
  'icmpv6-checksum',
] as const;

type IpRule = (typeof IP_RULES)[number];

const v4 = ipv4Packet.map(encodeIpv4);
const v6 = ipv6Packet.map(encodeIpv6);
const udp = udpDatagram.map((datagram) => encodeUdp(datagram));
const icmp = icmpMessage.map(encodeIcmp);
const icmpv6 = icmpv6Message.map((message) => encodeIcmpv6(message, ICMPV6_ENDS));
/** Neither the end of the options nor No Operation, which have no length. */
const optionType = fc.integer({ min: 2, max: 0xff });
const wrongBits = fc.integer({ min: 1, max: 0xffff });

/** What makes each of them broken. */
export const BROKEN_IP: Readonly<Record<IpRule, BrokenRule>> = {
  'ipv4-truncated': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'a header has 20 octets at least',
    octets: cutBelow(v4, 20),
  },
  'ipv4-version': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'the version is 4',
    octets: fc
      .tuple(v4, fc.nat(15))
      .filter(([, version]) => version !== 4)
      .map(([packet, version]) => checked(changed(packet, 0, (version << 4) | ((packet[0] ?? 0) & 15)))),
  },
  'ipv4-header-length': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'the header length is 5 words at least',
    octets: fc.tuple(v4, fc.nat(4)).map(([packet, words]) => changed(packet, 0, 0x40 | words)),
  },
  'ipv4-total-below-header': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'the total length includes the header',
    octets: fc
      .tuple(v4, fc.nat(59))
      .map(([packet, total]) => checked(changed(packet, 2, ...short(total % ipv4.headerOctets(packet, 0))))),
  },
  'ipv4-total-beyond-packet': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'the total length is the length of the packet',
    octets: fc
      .tuple(v4, fc.integer({ min: 1, max: 1000 }))
      .map(([packet, more]) => checked(changed(packet, 2, ...short(packet.length + more)))),
  },
  'ipv4-reserved-flag': {
    structure: 'ipv4-packet',
    clause: 'RFC 791 §3.1',
    says: 'bit 0 of the flags is zero',
    octets: v4.map((packet) => checked(changed(packet, 6, (packet[6] ?? 0) | 0x80))),
  },
  'ipv4-option-length': {
    structure: 'ipv4-options',
    clause: 'RFC 791 §3.1',
    says: "an option's length counts its type and itself",
    octets: optionsEndingWith(fc.tuple(optionType, fc.nat(1)).map((option) => Uint8Array.of(...option, 0, 0))),
  },
  'ipv4-option-overrun': {
    structure: 'ipv4-options',
    clause: 'RFC 791 §3.1',
    says: 'an option ends within the header',
    octets: optionsEndingWith(
      fc.tuple(optionType, fc.integer({ min: 5, max: 0xff })).map((option) => Uint8Array.of(...option, 0, 0)),
    ),
  },
  'ipv4-option-padding': {
    structure: 'ipv4-options',
    clause: 'RFC 791 §3.1',
    says: 'padding behind the end of the options is zero',
    octets: optionsEndingWith(fc.integer({ min: 1, max: 0xff }).map((octet) => Uint8Array.of(0, 0, 0, octet))),
  },
  'ipv6-truncated': {
    structure: 'ipv6-packet',
    clause: 'RFC 8200 §3',
    says: 'a header has 40 octets',
    octets: cutBelow(v6, 40),
  },
  'ipv6-version': {
    structure: 'ipv6-packet',
    clause: 'RFC 8200 §3',
    says: 'the version is 6',
    octets: fc
      .tuple(v6, fc.nat(15))
      .filter(([, version]) => version !== 6)
      .map(([packet, version]) => changed(packet, 0, (version << 4) | ((packet[0] ?? 0) & 15))),
  },
  'ipv6-length-beyond-packet': {
    structure: 'ipv6-packet',
    clause: 'RFC 8200 §3',
    says: 'the payload length is the length of what follows the header',
    octets: fc
      .tuple(v6, fc.integer({ min: 1, max: 1000 }))
      .map(([packet, more]) => changed(packet, 4, ...short(packet.length - 40 + more))),
  },
  'ipv6-hop-by-hop-not-first': {
    structure: 'ipv6-chain',
    clause: 'RFC 8200 §4.1',
    says: 'hop-by-hop options follow the IPv6 header and nothing else',
    octets: chainOf(fc.constantFrom([60, 0], [43, 0], [0, 0])),
  },
  'ipv6-extension-overrun': {
    structure: 'ipv6-chain',
    clause: 'RFC 8200 §4',
    says: 'an extension header ends within the packet',
    octets: fc
      .tuple(chainOf(fc.constantFrom([43], [60], [0]), 7), fc.integer({ min: 2, max: 0xff }))
      .map(([packet, units]) => changed(packet, 41, units)),
  },
  'ipv6-two-fragment-headers': {
    structure: 'ipv6-chain',
    clause: 'RFC 8200 §4.1',
    says: 'each extension header occurs once, but for destination options',
    octets: chainOf(fc.constantFrom([44, 44], [44, 60, 44])),
  },
  'udp-truncated': {
    structure: 'udp-datagram',
    clause: 'RFC 768',
    says: 'a header has 8 octets',
    octets: cutBelow(udp, 8),
  },
  'udp-length-below-header': {
    structure: 'udp-datagram',
    clause: 'RFC 768',
    says: 'the length includes the header',
    octets: fc.tuple(udp, fc.nat(7)).map(([datagram, length]) => changed(datagram, 4, ...short(length))),
  },
  'udp-length-beyond-datagram': {
    structure: 'udp-datagram',
    clause: 'RFC 768',
    says: 'the length is that of the datagram',
    octets: fc
      .tuple(udp, fc.integer({ min: 1, max: 1000 }))
      .map(([datagram, more]) => changed(datagram, 4, ...short(datagram.length + more))),
  },
  'icmp-truncated': {
    structure: 'icmp-message',
    clause: 'RFC 792',
    says: 'a header has 8 octets',
    octets: cutBelow(icmp, 8),
  },
  'icmp-checksum': {
    structure: 'icmp-message',
    clause: 'RFC 792',
    says: 'the checksum covers the message',
    octets: fc.tuple(icmp, wrongBits).map(([message, bits]) => withWrongSum(message, bits)),
  },
  'icmpv6-truncated': {
    structure: 'icmpv6-message',
    clause: 'RFC 4443 §2.1',
    says: 'a header has 8 octets',
    octets: cutBelow(icmpv6, 8),
  },
  'icmpv6-checksum': {
    structure: 'icmpv6-message',
    clause: 'RFC 4443 §2.3',
    says: 'the checksum covers the message and the addresses',
    octets: fc.tuple(icmpv6, wrongBits).map(([message, bits]) => withWrongSum(message, bits)),
  },
};

/** With a header checksum that is right, if there is such a header: what is broken is something else. */
function checked(packet: Uint8Array): Uint8Array {
  if (ipv4.headerOctets(packet, 0) <= packet.length) ipv4.setHeaderChecksum(packet, 0);
  return packet;
}

/** Up to eight options of a word each, and these octets. */
function optionsEndingWith(end: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const option = fc.tuple(optionType, octets(2)).map(([type, data]) => Uint8Array.of(type, 4, ...data));
  return fc.tuple(list(option, 0, 8), end).map(([options, last]) => concat(...options, last));
}

/** A packet with these extension headers of 8 octets, one after the other, and at most so much behind them. */
function chainOf(kinds: fc.Arbitrary<readonly number[]>, mostPayload = 40): fc.Arbitrary<Uint8Array> {
  return fc.record({ packet: ipv6Packet, kinds, payload: octets(0, mostPayload) }).map(({ packet, kinds, payload }) => {
    const headers = kinds.map((_, i) => Uint8Array.of(kinds[i + 1] ?? 59, 0, 0, 0, 0, 0, 0, 0));
    return encodeIpv6({ ...packet, nextHeader: kinds[0] ?? 59, payload: concat(...headers, payload) });
  });
}

/** Another checksum, of another value in one's complement too. */
function withWrongSum(message: Uint8Array, bits: number): Uint8Array {
  const sum = ((message[2] ?? 0) << 8) | (message[3] ?? 0);
  const wrong = (sum + bits) % 0xffff;
  return changed(message, 2, ...short(wrong === sum % 0xffff ? (sum + 1) % 0xffff : wrong));
}
