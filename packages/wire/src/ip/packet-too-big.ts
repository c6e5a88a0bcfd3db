import { encodeIcmp, ICMP_TYPE, icmpOriginal, UNREACHABLE } from './icmp.ts';
import { encodeIcmpv6, icmpv6Original } from './icmpv6.ts';
import * as ip from './ip-view.ts';
import { encodeIpv4 } from './ipv4.ts';
import { encodeIpv6 } from './ipv6.ts';
import { PROTOCOL } from './protocol.ts';

/** Of an answer that a neighbour gives as well as a router far away. */
const HOP_LIMIT = 64;

/** The first ICMPv6 type that is no error (RFC 4443 §2.1). */
const INFORMATIONAL = 128;

/**
 * What the sender of `packet` is told: ICMP destination unreachable, fragmentation needed (RFC 1191 §4), or ICMPv6
 * packet too big (RFC 4443 §3.2), with the MTU. Undefined where RFC 1122 §3.2.2 or RFC 4443 §2.4 allow no ICMP error.
 *
 * It comes from where the packet was to go: senders look at what is quoted (RFC 8201 §4), not at who tells them, and a
 * host does not take in a packet from an address of its own, as that of the gateway is on the host that it runs on.
 *
 * @param packet Whole, from its IP header on.
 * @param mtu Octets.
 * @param router Address of who tells, 4 or 16 octets, for packets that were to go to many.
 */
export function packetTooBig(packet: Uint8Array, mtu: number, router: Uint8Array): Uint8Array | undefined {
  if (!mayBeAnswered(packet)) return undefined;
  const addressed = ip.destinationOctets(packet, 0);
  const source = isHost(addressed) ? addressed : router;
  const destination = ip.sourceOctets(packet, 0);
  if (source.length !== destination.length) return undefined;
  return ip.version(packet, 0) === 4
    ? encodeIpv4({
        source,
        destination,
        protocol: PROTOCOL.icmp,
        payload: encodeIcmp({
          kind: 'destination-unreachable',
          code: UNREACHABLE.fragmentationNeeded,
          nextHopMtu: mtu,
          original: icmpOriginal(packet),
        }),
      })
    : encodeIpv6({
        source,
        destination,
        trafficClass: 0,
        flowLabel: 0,
        nextHeader: PROTOCOL.icmpv6,
        hopLimit: HOP_LIMIT,
        payload: encodeIcmpv6(
          { kind: 'packet-too-big', mtu, original: icmpv6Original(packet) },
          { source, destination },
        ),
      });
}

/** Not about what is no packet, ICMP errors, packets of IPv4 to what is not one host, from what is none, or fragments that do not tell. */
function mayBeAnswered(packet: Uint8Array): boolean {
  const { length } = packet;
  if (ip.packetOctets(packet, 0, length) < 0) return false;
  const is4 = ip.version(packet, 0) === 4;
  if (!isHost(ip.sourceOctets(packet, 0)) || (is4 && !isHost(ip.destinationOctets(packet, 0)))) return false;
  const isLater = ip.fragmentOffset(packet, 0, length) !== 0;
  if (is4 && isLater) return false;
  const protocol = ip.protocol(packet, 0, length);
  if (protocol !== (is4 ? PROTOCOL.icmp : PROTOCOL.icmpv6)) return protocol >= 0;
  const type = packet[ip.payloadAt(packet, 0, length)] ?? 0;
  if (is4) return type === ICMP_TYPE.echoRequest || type === ICMP_TYPE.echoReply;
  return !isLater && type >= INFORMATIONAL;
}

/** Neither unspecified nor multicast nor broadcast. */
function isHost(address: Uint8Array): boolean {
  const first = address[0] ?? 0;
  return address.length === 4 ? first < 0xe0 && !isZero(address) : first !== 0xff && !isZero(address);
}

function isZero(address: Uint8Array): boolean {
  return address.every((octet) => octet === 0);
}
