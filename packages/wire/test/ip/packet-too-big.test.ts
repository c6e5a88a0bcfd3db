import { describe, expect, it } from 'vitest';
import {
  decodeIcmp,
  decodeIpv4,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv6,
  packetTooBig,
  parseAddress,
} from '../../src/index.ts';

const source = parseAddress('10.1.12.2');
const destination = parseAddress('10.1.56.2');
const router = parseAddress('10.1.15.1');

function packet(octets: number) {
  const payload = new Uint8Array(octets - 20).map((_, i) => i);
  return encodeIpv4({ source, destination, protocol: 17, payload, dontFragment: true });
}

describe('ICMP fragmentation needed', () => {
  it('tells the sender the MTU and shows it the packet (RFC 1191 §4)', () => {
    const large = packet(1500);
    const answer = decodeIpv4(packetTooBig(large, 1400, router) ?? new Uint8Array(0));
    expect(answer).toMatchObject({ source: destination, destination: source, protocol: 1 });
    const message = decodeIcmp(answer.payload);
    expect(message).toMatchObject({ kind: 'destination-unreachable', code: 4, nextHopMtu: 1400 });
    expect(message).toHaveProperty('original', large.subarray(0, 548));
  });

  it('never comes from the router’s own address, which its host would not take in', () => {
    const answer = packetTooBig(packet(1500), 1400, router) ?? new Uint8Array(0);
    expect(decodeIpv4(answer).source).not.toEqual(router);
  });

  it('is never sent about an ICMP error, a later fragment, or what is not from one host to one host', () => {
    const error = encodeIcmp({ kind: 'time-exceeded', code: 0, original: new Uint8Array(28) });
    const question = encodeIcmp({ kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(0) });
    const about = (fields: Partial<Parameters<typeof encodeIpv4>[0]>) =>
      packetTooBig(encodeIpv4({ source, destination, protocol: 1, payload: question, ...fields }), 1400, router);
    expect(about({})).toBeDefined();
    expect(about({ payload: error })).toBeUndefined();
    expect(about({ fragmentOffset: 8 })).toBeUndefined();
    expect(about({ destination: parseAddress('224.0.0.5') })).toBeUndefined();
    expect(about({ source: parseAddress('0.0.0.0') })).toBeUndefined();
  });

  it('is never sent about an ICMPv6 error, however narrow the line is that it does not fit', () => {
    const addresses = { source: parseAddress('2001:db8::1'), destination: parseAddress('2001:db8::2') };
    const header = { ...addresses, trafficClass: 0, flowLabel: 0, nextHeader: 58, hopLimit: 64 };
    const original = encodeIpv6({ ...header, nextHeader: 17, payload: new Uint8Array(1400) });
    const told = packetTooBig(original, 600, addresses.source) ?? new Uint8Array(0);
    expect(told.length).toBeGreaterThan(600);
    expect(packetTooBig(told, 600, addresses.source)).toBeUndefined();
    const question = encodeIcmpv6(
      { kind: 'echo-request', identifier: 1, sequence: 1, data: new Uint8Array(1400) },
      addresses,
    );
    expect(packetTooBig(encodeIpv6({ ...header, payload: question }), 600, addresses.source)).toBeDefined();
  });

  it('is never sent about what is no packet', () => {
    const large = packet(1500);
    for (const octets of [0, 1, 19, 20, 1499])
      expect(packetTooBig(large.subarray(0, octets), 600, router)).toBeUndefined();
  });
});
