import { encodeIpv4, encodeIpv6, type Ipv4Fields, type Ipv6Packet, parseAddress } from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';

export function octetsOf(length: number, seed = 1): Uint8Array {
  const octets = new Uint8Array(length);
  seededRng(seed).fill(octets);
  return octets;
}

export function ipv4Packet(payloadOctets: number, fields: Partial<Ipv4Fields> = {}): Uint8Array {
  return encodeIpv4({
    protocol: 17,
    source: parseAddress('10.1.12.2'),
    destination: parseAddress('10.1.56.1'),
    payload: octetsOf(payloadOctets, payloadOctets),
    ...fields,
  });
}

export function ipv6Packet(payloadOctets: number, fields: Partial<Ipv6Packet> = {}): Uint8Array {
  return encodeIpv6({
    trafficClass: 0,
    flowLabel: 0x12345,
    nextHeader: 17,
    hopLimit: 64,
    source: parseAddress('2001:db8::1'),
    destination: parseAddress('2001:db8::2'),
    payload: octetsOf(payloadOctets, payloadOctets),
    ...fields,
  });
}
