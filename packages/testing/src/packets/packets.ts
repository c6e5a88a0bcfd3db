import { encodeIpv4, encodeIpv6, PROTOCOL } from '@espalier/wire';
import fc from 'fast-check';
import { chainedIpv6, ipv4Packet, ipv6Packet } from '../arbitraries/ip.ts';
import { sequence } from '../arbitraries/ipsec.ts';
import { ivSeed, type KeyedSa, keyedSa, padded, sealed } from './sealed.ts';

/** A packet of ESP in tunnel mode, and what one must know to open it. */
export interface KeyedPacket {
  readonly sa: KeyedSa;
  readonly sequence: number;
  /** The IP packet that is in it. */
  readonly inner: Uint8Array;
  /** From its SPI on. */
  readonly packet: Uint8Array;
}

/** What lies in a tunnel: 4 for IPv4, 41 for IPv6 (RFC 4303 §2.6). */
export interface Inner {
  readonly octets: Uint8Array;
  readonly nextHeader: number;
}

const inner4 = ipv4Packet
  .map((packet) => encodeIpv4({ ...packet, options: new Uint8Array(0) }))
  .map((octets) => ({ octets, nextHeader: PROTOCOL.ipip }));

const inner6 = fc
  .oneof(
    ipv6Packet.map((packet) => encodeIpv6({ ...packet, nextHeader: PROTOCOL.udp })),
    chainedIpv6.filter(({ headers }) => headers <= 8).map(({ octets }) => octets),
  )
  .map((octets) => ({ octets, nextHeader: PROTOCOL.ipv6 }));

/** A whole IP packet of either family. */
export const inner: fc.Arbitrary<Inner> = fc.oneof(inner4, inner6);

/** A packet as an honest sender makes it (RFC 4303 §3.3). */
export const keyedPacket: fc.Arbitrary<KeyedPacket> = fc
  .record({ sa: keyedSa, sequence, inner, ivSeed })
  .map(({ sa, sequence, inner, ivSeed }) => ({
    sa,
    sequence,
    inner: inner.octets,
    packet: sealed(sa, sequence, padded(sa.suite, inner.octets, inner.nextHeader), ivSeed),
  }));
