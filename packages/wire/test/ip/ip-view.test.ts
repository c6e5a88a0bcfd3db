import {
  type ChainedPacket,
  chainedIpv6,
  ipv4Packet,
  ipv6Packet,
  mutated,
  octets,
  u8,
} from '@espalier/testing/arbitraries';
import {
  decodeIpv4,
  decodeIpv6,
  encodeIpv4,
  encodeIpv6,
  ip,
  ipv4,
  PROTOCOL,
  parseAddress,
  writeU16,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Whole packets of both families, with their octets at some place in a larger array. */
const placed = fc
  .tuple(
    fc.oneof(
      ipv4Packet.map(encodeIpv4),
      ipv6Packet.map(encodeIpv6),
      chainedIpv6.map(({ octets }) => octets),
    ),
    fc.integer({ min: 0, max: 9 }),
    fc.integer({ min: 0, max: 9 }),
  )
  .map(([packet, before, after]) => {
    const memory = new Uint8Array(before + packet.length + after).fill(0xa5);
    memory.set(packet, before);
    return { packet, memory, at: before, end: before + packet.length };
  });

const hostile = fc.oneof(
  octets(0, 120),
  mutated(ipv4Packet.map(encodeIpv4)),
  mutated(ipv6Packet.map(encodeIpv6)),
  mutated(chainedIpv6.map(({ octets }: ChainedPacket) => octets)),
);

describe('the IP view', () => {
  it('reads of both families what the decoders read', () => {
    fc.assert(
      fc.property(placed, ({ packet, memory, at, end }) => {
        expect(ip.packetOctets(memory, at, end)).toBe(packet.length);
        expect(ip.packetOctets(memory, at, memory.length)).toBe(packet.length);
        expect(ip.packetOctets(memory, at, end - 1)).toBe(-1);
        const is4 = ip.version(memory, at) === 4;
        const v4 = is4 ? decodeIpv4(packet) : undefined;
        const v6 = is4 ? undefined : decodeIpv6(packet);
        const { source, destination } = v4 ?? v6 ?? expect.fail();
        expect(ip.tos(memory, at)).toBe(v4?.tos ?? v6?.trafficClass);
        expect(ip.hopLimit(memory, at)).toBe(v4?.ttl ?? v6?.hopLimit);
        expect(ip.dontFragment(memory, at)).toBe(v4?.dontFragment ?? true);
        expect(ip.sourceOctets(memory, at)).toEqual(source);
        expect(ip.destinationOctets(memory, at)).toEqual(destination);
        expect(ip.isFrom(memory, at, source)).toBe(true);
        expect(ip.isTo(memory, at, destination)).toBe(true);
        expect(
          ip.isTo(
            memory,
            at,
            destination.map((octet) => octet ^ 1),
          ),
        ).toBe(false);
        expect(ip.isTo(memory, at, parseAddress(is4 ? '::1' : '10.1.15.1'))).toBe(false);
        expect(ip.headerChecksumOk(memory, at)).toBe(true);
        expect(ip.reservedFlag(memory, at)).toBe(false);
        if (v4 === undefined) return;
        expect(ip.protocol(memory, at, end)).toBe(v4.protocol);
        expect(ip.payloadAt(memory, at, end)).toBe(end - v4.payload.length);
        expect(ip.isFragment(memory, at, end)).toBe(v4.moreFragments || v4.fragmentOffset > 0);
        expect(ip.fragmentOffset(memory, at, end)).toBe(v4.fragmentOffset);
      }),
    );
  });

  it('changes the TOS octet or traffic class and nothing else, and the checksum stays as right as it was', () => {
    fc.assert(
      fc.property(placed, u8, fc.boolean(), ({ packet, memory, at }, tos, isDamaged) => {
        if (isDamaged && ip.version(memory, at) === 4) memory[at + 10] = (memory[at + 10] ?? 0) ^ 1;
        const before = memory.slice();
        const wasRight = ip.headerChecksumOk(memory, at);
        ip.setTos(memory, at, tos);
        expect(ip.tos(memory, at)).toBe(tos);
        expect(ip.headerChecksumOk(memory, at)).toBe(wasRight);
        ip.setTos(memory, at, ip.tos(before, at));
        expect(ip.headerChecksumOk(memory, at)).toBe(wasRight);
        const same = memory.subarray(at, at + packet.length);
        if (ip.version(memory, at) === 4) writeU16(same, 10, ipv4.headerChecksum(before, at));
        expect(memory).toEqual(before);
      }),
    );
  });

  it('lets a forwarder take one from TTL or hop limit', () => {
    fc.assert(
      fc.property(placed, ({ memory, at }) => {
        const before = ip.hopLimit(memory, at);
        fc.pre(before > 0);
        ip.decrementHopLimit(memory, at);
        expect(ip.hopLimit(memory, at)).toBe(before - 1);
        expect(ip.headerChecksumOk(memory, at)).toBe(true);
      }),
    );
  });

  it('walks over the extension headers of RFC 4301 §4.4.1.1 to the payload, and over no more than eight', () => {
    fc.assert(
      fc.property(chainedIpv6, ({ octets, headers, protocol, payloadOctets }) => {
        const end = octets.length;
        const isWalked = headers <= ip.EXTENSION_HEADERS_LIMIT;
        expect(ip.protocol(octets, 0, end)).toBe(isWalked ? protocol : -1);
        expect(ip.payloadAt(octets, 0, end)).toBe(isWalked ? end - payloadOctets : -1);
      }),
      { numRuns: 400 },
    );
  });

  it('throws for nothing, and places no payload outside of the packet', () => {
    fc.assert(
      fc.property(hostile, fc.integer({ min: 0, max: 3 }), (memory, at) => {
        const total = ip.packetOctets(memory, at, memory.length);
        expect(total).toBeGreaterThanOrEqual(-1);
        if (total < 0) return;
        const end = at + total;
        const payloadAt = ip.payloadAt(memory, at, end);
        const protocol = ip.protocol(memory, at, end);
        expect(protocol === -1).toBe(payloadAt === -1);
        if (payloadAt !== -1) expect(payloadAt).toBeGreaterThan(at);
        expect(payloadAt).toBeLessThanOrEqual(end);
        expect(ip.fragmentHeaderAt(memory, at, end)).toBeLessThan(end);
        ip.isFragment(memory, at, end);
        const head = ip.perFragmentOctets(memory, at, end);
        if (ip.version(memory, at) === 6) expect(head).toBeLessThanOrEqual(total);
        ip.setTos(memory, at, 1);
        ip.decrementHopLimit(memory, at);
      }),
      { numRuns: 2000 },
    );
  });

  const chain = (...numbers: readonly number[]): Uint8Array => {
    const payload = new Uint8Array(8 * (numbers.length - 1) + 8);
    numbers.slice(1).forEach((next, i) => {
      payload[8 * i] = next;
    });
    const address = new Uint8Array(16);
    const [nextHeader = 59] = numbers;
    return encodeIpv6({
      trafficClass: 0,
      flowLabel: 0,
      nextHeader,
      hopLimit: 64,
      source: address,
      destination: address,
      payload,
    });
  };

  it.each([
    ['ESP behind options', [60, PROTOCOL.esp], PROTOCOL.esp, 48],
    ['AH, which is payload (RFC 4301 §4.4.1.1)', [0, PROTOCOL.ah], PROTOCOL.ah, 48],
    ['no next header', [43, PROTOCOL.none], PROTOCOL.none, 48],
    ['a fragment that is all there is (RFC 6946)', [44, PROTOCOL.udp], PROTOCOL.udp, 48],
    ['hop-by-hop options that come second', [60, 0, PROTOCOL.udp], -1, -1],
    ['two fragment headers', [44, 44, PROTOCOL.udp], -1, -1],
  ] as const)('%s', (_, numbers, protocol, payloadAt) => {
    const packet = chain(...numbers);
    expect(ip.protocol(packet, 0, packet.length)).toBe(protocol);
    expect(ip.payloadAt(packet, 0, packet.length)).toBe(payloadAt);
    expect(ip.isFragment(packet, 0, packet.length)).toBe(false);
    expect(ip.fragmentOffset(packet, 0, packet.length)).toBe(0);
  });
});
