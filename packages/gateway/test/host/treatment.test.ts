import {
  checksum,
  decodeIpv4,
  decodeIpv6,
  encodeIcmp,
  encodeIpv4,
  encodeIpv6,
  ICMP_TYPE,
  ip,
  onesSum,
  PROTOCOL,
  parseAddress,
  Reassembler,
  seconds,
  writeU16,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../src/index.ts';
import { quotedAt } from '../../src/packets/icmp-error.ts';
import { clampTcpMss } from '../../src/packets/tcp-mss.ts';
import { type Action, hostConfig, udpPacket, World } from './world.ts';

type Family = 4 | 6;

const GATEWAYS = { 4: ['192.0.2.1', '198.51.100.1'], 6: ['2001:db8:1::1', '2001:db8:2::1'] } as const;
const HOSTS = { 4: ['10.1.0.7', '10.2.0.9'], 6: ['fd01::7', 'fd02::9'] } as const;
const NETS = { 4: ['10.1.0.0/16', '10.2.0.0/16'], 6: ['fd01::/32', 'fd02::/32'] } as const;
const FAMILIES: readonly Family[] = [4, 6];

/** Two gateways between two nets, with SAs in place. */
function tunnel(outer: Family, inner: Family, action: Partial<Action>) {
  const world = new World();
  const [west, east] = GATEWAYS[outer];
  const [local, remote] = NETS[inner];
  const treated = { mode: 'tunnel', ...action } as const;
  const left = world.join(west, hostConfig(west, east, { local, remote }, treated));
  const right = world.join(east, hostConfig(east, west, { local: remote, remote: local }, treated));
  const [from, to] = HOSTS[inner];
  world.send(left, udpPacket([from, 1], [to, 2]));
  world.run(seconds(2));
  if (right.received.length !== 1) throw new Error('there is no tunnel');
  return { world, left, right };
}

/** A SYN with these options, whole checksums included. */
function tcpPacket(from: string, to: string, options: Uint8Array, flags = 2, data = 0): Uint8Array {
  const addresses = { source: parseAddress(from), destination: parseAddress(to) };
  const padded = (options.length + 3) & ~3;
  const payload = new Uint8Array(20 + padded + data);
  payload.set([0, 80, 0x12, 0x34, 0, 0, 0, 1, 0, 0, 0, 0, (20 + padded) << 2, flags, 0xff, 0xff]);
  payload.set(options, 20);
  const whole =
    addresses.source.length === 4
      ? encodeIpv4({ ...addresses, protocol: PROTOCOL.tcp, payload })
      : encodeIpv6({
          ...addresses,
          trafficClass: 0,
          flowLabel: 0,
          hopLimit: 64,
          nextHeader: PROTOCOL.tcp,
          payload,
        });
  const tcpAt = whole.length - payload.length;
  writeU16(whole, tcpAt + 16, tcpChecksum(whole));
  return whole;
}

/** 0 where the one that is there is right. */
function tcpChecksum(packet: Uint8Array): number {
  const tcpAt = ip.payloadAt(packet, 0, packet.length);
  const addressesAt = ip.sourceAt(packet, 0);
  const addresses = onesSum(packet, addressesAt, addressesAt + 2 * ip.addressOctets(packet, 0));
  return checksum(packet, tcpAt, packet.length, addresses + PROTOCOL.tcp + packet.length - tcpAt);
}

/** The segment size that a SYN offers, as its receiver reads it. */
function mssOf(packet: Uint8Array): number | undefined {
  const tcpAt = ip.payloadAt(packet, 0, packet.length);
  const end = tcpAt + ((packet[tcpAt + 12] ?? 0) >> 4) * 4;
  for (let at = tcpAt + 20; at < end; ) {
    const kind = packet[at];
    if (kind === 0) return undefined;
    if (kind === 2) return ((packet[at + 2] ?? 0) << 8) | (packet[at + 3] ?? 0);
    at += kind === 1 ? 1 : (packet[at + 1] ?? 1);
  }
  return undefined;
}

const mss = (value: number) => [2, 4, value >> 8, value & 255];

describe('the maximum segment size of TCP', () => {
  const option = fc.oneof(
    fc.constant([1]),
    fc.constant([3, 3, 7]),
    fc.constant([4, 2]),
    fc.uint8Array({ minLength: 8, maxLength: 8 }).map((stamp) => [8, 10, ...stamp]),
  );
  const options = fc
    .tuple(fc.array(option, { maxLength: 2 }), fc.nat(65_535), fc.array(option, { maxLength: 1 }))
    .map(([front, value, behind]) => Uint8Array.from([...front.flat(), ...mss(value), ...behind.flat()]));

  it('is lowered wherever it lies, and the checksum stays right', () => {
    fc.assert(
      fc.property(fc.constantFrom(...FAMILIES), options, fc.integer({ min: 88, max: 65_535 }), (family, list, most) => {
        const [from, to] = HOSTS[family];
        const packet = tcpPacket(from, to, list);
        const offered = mssOf(packet) ?? 0;
        const clamped = packet.slice();
        clampTcpMss(clamped, 0, clamped.length, most);
        expect(mssOf(clamped)).toBe(Math.min(offered, most));
        expect(tcpChecksum(clamped)).toBe(0);
        if (offered <= most) expect(clamped).toEqual(packet);
      }),
    );
  });

  it('of anything else is nobody’s business: whatever the octets are, they stay', () => {
    const ack = tcpPacket(...HOSTS[4], Uint8Array.from(mss(1460)), 16);
    const noOption = tcpPacket(...HOSTS[4], new Uint8Array(0));
    const cutShort = tcpPacket(...HOSTS[4], Uint8Array.of(1, 1, 2, 40));
    const endless = tcpPacket(...HOSTS[4], Uint8Array.of(8, 0, 2, 4));
    const ended = tcpPacket(...HOSTS[4], Uint8Array.from([0, 0, 0, 0, ...mss(1460)]));
    for (const packet of [ack, noOption, cutShort, endless, ended, udpPacket([HOSTS[4][0], 1], [HOSTS[4][1], 2])]) {
      const clamped = packet.slice();
      clampTcpMss(clamped, 0, clamped.length, 100);
      expect(clamped).toEqual(packet);
    }
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 60 }), (tail) => {
        const packet = encodeIpv4({
          source: parseAddress(HOSTS[4][0]),
          destination: parseAddress(HOSTS[4][1]),
          protocol: PROTOCOL.tcp,
          payload: tail,
        });
        const guarded = Uint8Array.from([...packet, 2, 4, 0xff, 0xff]);
        clampTcpMss(guarded, 0, packet.length, 100);
        expect(guarded.subarray(packet.length)).toEqual(Uint8Array.of(2, 4, 0xff, 0xff));
        expect(guarded.subarray(0, 20)).toEqual(packet.subarray(0, 20));
      }),
    );
  });

  describe.each(FAMILIES)('through a tunnel of IPv%i', (family) => {
    it.each<readonly [NonNullable<Action['tcpMss']>, number]>([
      [1000, 1000],
      ['path', 1300 - (family === 4 ? 40 : 60)],
    ])('is held to %s both ways', (tcpMss, expected) => {
      const { world, left, right } = tunnel(4, family, { tcpMss, mtu: 1300 });
      const [from, to] = HOSTS[family];
      world.send(left, tcpPacket(from, to, Uint8Array.from(mss(1460))));
      world.run(seconds(1));
      expect(mssOf(world.lastOf(right))).toBe(expected);
      world.send(right, tcpPacket(to, from, Uint8Array.from(mss(1460)), 18));
      world.run(seconds(1));
      expect(mssOf(world.lastOf(left))).toBe(expected);
      expect(tcpChecksum(world.lastOf(left))).toBe(0);
    });

    it('is lowered at the receiving end as well, where the sending one has no such policy', () => {
      const world = new World();
      const [west, east] = GATEWAYS[4];
      const [local, remote] = NETS[family];
      const [from, to] = HOSTS[family];
      const left = world.join(west, hostConfig(west, east, { local, remote }, { mode: 'tunnel' }));
      const clamping = { mode: 'tunnel', tcpMss: 900 } as const;
      const right = world.join(east, hostConfig(east, west, { local: remote, remote: local }, clamping));
      world.send(left, tcpPacket(from, to, Uint8Array.from(mss(1460))));
      world.run(seconds(2));
      expect(mssOf(world.lastOf(right))).toBe(900);
    });
  });
});

const GRID = FAMILIES.flatMap((outer) =>
  FAMILIES.flatMap((inner) =>
    (['before', 'after', 'refuse'] as const).flatMap((fragmentation) =>
      [false, true].map((dontFragment) => ({ outer, inner, fragmentation, dontFragment })),
    ),
  ),
);

/** Whether the sender is told, or which packet is in pieces. IPv6 says Don't Fragment always. */
function expectation({ inner, fragmentation, dontFragment }: (typeof GRID)[number]): 'told' | 'inner' | 'outer' {
  if (fragmentation === 'refuse' || dontFragment || inner === 6) return 'told';
  return fragmentation === 'before' ? 'inner' : 'outer';
}

describe('a packet of 2000 octets where 1400 fit', () => {
  it.each(GRID)('IPv$inner in IPv$outer, $fragmentation, DF $dontFragment', (what) => {
    const { outer, inner, fragmentation, dontFragment } = what;
    const { world, left, right } = tunnel(outer, inner, { mtu: 1400, fragmentation });
    const [from, to] = HOSTS[inner];
    const header = inner === 4 ? 28 : 48;
    const large = udpPacket([from, 1], [to, 2], 2000 - header, dontFragment);
    const [sentBefore, receivedBefore] = [world.sent.length, right.received.length];
    const outcome = world.send(left, large);
    world.run(seconds(1));
    const sent = world.sent.slice(sentBefore);
    const isCut = sent.some((packet) => ip.isFragment(packet, 0, packet.length));
    const received = right.received.slice(receivedBefore).map(({ packet }) => packet);
    if (expectation(what) === 'told') {
      expect(outcome).toMatchObject({ ok: false, reason: 'fragmentation-needed' });
      expect(ip.protocol(world.lastOf(left), 0, 1280)).toBe(inner === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6);
      expect(received).toEqual([]);
      return;
    }
    expect(outcome).toEqual({ ok: true, action: 'protected' });
    expect(isCut).toBe(expectation(what) === 'outer');
    const reassembler = new Reassembler();
    const results = received.map((packet) => reassembler.accept(world.now, packet));
    expect(results.at(-1)).toEqual({ kind: 'whole', packet: large });
  });

  it.each(FAMILIES)('is cut after it is sealed although it says Don’t Fragment, where df is clear: IPv%i', (outer) => {
    const { world, left, right } = tunnel(outer, 6, { mtu: 1400, fragmentation: 'after', outer: { df: 'clear' } });
    const large = udpPacket([HOSTS[6][0], 1], [HOSTS[6][1], 2], 1952);
    world.send(left, large);
    world.run(seconds(1));
    expect(world.lastOf(right)).toEqual(large);
  });
});

describe('the outer header (RFC 4301 §5.1.2)', () => {
  it('is what the policy says: of IPv4', () => {
    const outer = { ttl: 9, dscp: 10, df: 'set', ecn: 'compatibility' } as const;
    const { world } = tunnel(4, 4, { outer });
    const sent = world.sent.map((packet) => decodeIpv4(packet)).findLast(({ protocol }) => protocol === PROTOCOL.esp);
    expect(sent).toMatchObject({ ttl: 9, tos: 40, dontFragment: true });
  });

  it('is what the policy says: of IPv6', () => {
    const { world } = tunnel(6, 6, { outer: { ttl: 'copy', dscp: 46, flowLabel: 0x12345 } });
    const sent = world.sent
      .map((packet) => decodeIpv6(packet))
      .findLast((packet) => packet.nextHeader === PROTOCOL.esp);
    expect(sent).toMatchObject({ hopLimit: 64, trafficClass: 184, flowLabel: 0x12345 });
  });

  it('may give its DSCP to what comes out of it', () => {
    const { world, right } = tunnel(4, 4, { outer: { dscp: 46 }, dscpInside: 'copy' });
    expect(decodeIpv4(world.lastOf(right)).tos).toBe(184);
  });
});

function altered(octets: Uint8Array, at: number, octet: number): Uint8Array {
  const copy = octets.slice();
  copy[at] = octet;
  return copy;
}

describe('an ICMP error from a router between the host and its gateway (RFC 4301 §6)', () => {
  const ROUTER = '172.16.0.1';
  const [west, east] = HOSTS[4];
  /** What a router on the western side says of a packet from the east. */
  const errorAbout = (packet: Uint8Array, to: string = east) =>
    encodeIpv4({
      source: parseAddress(ROUTER),
      destination: parseAddress(to),
      protocol: PROTOCOL.icmp,
      payload: encodeIcmp({ kind: 'time-exceeded', code: 0, original: packet.subarray(0, 28) }),
    });
  const passes = (icmpErrors: NonNullable<Action['icmpErrors']>, packet: Uint8Array): readonly [Outcome, boolean] => {
    const { world, left, right } = tunnel(4, 4, { icmpErrors });
    const before = right.received.length;
    const outcome = world.send(left, packet);
    world.run(seconds(1));
    return [outcome, right.received.length > before];
  };
  const fromEast = udpPacket([east, 1], [west, 2]);

  it('goes through the SAs that carry what it quotes, where the policies say so', () => {
    expect(passes('by-payload', errorAbout(fromEast))).toEqual([{ ok: true, action: 'protected' }, true]);
  });

  it('does not go through them else: here the other policy passes it on in the clear', () => {
    expect(passes('by-selectors', errorAbout(fromEast))).toEqual([{ ok: true, action: 'bypassed' }, false]);
  });

  const error = errorAbout(fromEast);
  it.each([
    ['an error', error, 28],
    ['its later fragment', altered(error, 7, 8), -1],
    ['one that is cut within what it quotes', error.subarray(0, 47), -1],
    ['one that quotes another family', altered(error, 28, 0x65), -1],
    ['an echo request', altered(error, 20, ICMP_TYPE.echoRequest), -1],
    ['what is not ICMP', altered(error, 9, PROTOCOL.udp), -1],
  ])('quotes a packet: %s', (_, octets, expected) => {
    expect(quotedAt(octets, 0, octets.length)).toBe(expected);
  });

  it('does not where what it quotes went the same way, or is of others', () => {
    const [outcome] = passes('by-payload', errorAbout(udpPacket([west, 1], [east, 2])));
    expect(outcome).toEqual({ ok: true, action: 'bypassed' });
    const [other] = passes('by-payload', errorAbout(udpPacket(['10.9.9.9', 1], [west, 2])));
    expect(other).toEqual({ ok: true, action: 'bypassed' });
  });

  it('is looked at by whoever receives it: one end alone cannot let it in', () => {
    const world = new World();
    const [own, other] = GATEWAYS[4];
    const [local, remote] = NETS[4];
    const lax = { mode: 'tunnel', icmpErrors: 'by-payload' } as const;
    const left = world.join(own, hostConfig(own, other, { local, remote }, lax));
    const right = world.join(other, hostConfig(other, own, { local: remote, remote: local }, { mode: 'tunnel' }));
    world.send(left, udpPacket([west, 1], [east, 2]));
    world.run(seconds(2));
    world.send(left, errorAbout(fromEast));
    world.run(seconds(1));
    expect(right.received).toHaveLength(1);
    expect(right.gateway.refusals.gateway['selector-mismatch']).toBe(1);
  });
});
