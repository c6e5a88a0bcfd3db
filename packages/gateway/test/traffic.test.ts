import { decodeIcmp, decodeIpv4, encodeIpv4, espSpi, fragmentIpv4, ipv4, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import type { PolicyConfig } from '../src/index.ts';
import {
  Bed,
  gatewayAddress,
  hostAddress,
  INSIDE,
  type Name,
  POLICY,
  peerOf,
  plainLink,
  STATISTICS,
  type Variation,
} from './support/bed.ts';

const statistics = (bed: Bed, name: Name) => bed.site(name).gateway.statistics(STATISTICS);

function upBed(variation: Variation = {}): Bed {
  const bed = new Bed(variation);
  bed.ping('R2', 0);
  bed.run(seconds(1));
  return bed;
}

const esp = (bed: Bed, from: Name) =>
  bed.sent
    .filter((packet) => packet.from === from && ipv4.protocol(packet.octets, 0) === 50)
    .map(({ octets }) => octets);

describe('the statistics', () => {
  it('count octets of inner packets, and one end’s sent are the other end’s received', () => {
    const bed = upBed();
    for (let i = 0; i < 20; i++) bed.ping('R2', i, 56 + i);
    for (let i = 0; i < 7; i++) bed.ping('R3', i, 56);
    bed.run(seconds(1));
    expect(statistics(bed, 'R3')).toMatchObject({ espEncryptedPackets: 7, espEncryptedBytes: 7 * 84 });
    expect(statistics(bed, 'R2')).toMatchObject({
      espEncryptedPackets: 21,
      espEncryptedBytes: 84 + 20 * 84 + 190,
      espDecryptedPackets: statistics(bed, 'R3')?.espEncryptedPackets,
      espDecryptedBytes: statistics(bed, 'R3')?.espEncryptedBytes,
    });
    expect(statistics(bed, 'R3')).toMatchObject({
      espDecryptedPackets: statistics(bed, 'R2')?.espEncryptedPackets,
      espDecryptedBytes: statistics(bed, 'R2')?.espEncryptedBytes,
    });
  });

  it('count each fault of ESP under Junos’ name for it, and nothing else moves', () => {
    const bed = upBed();
    bed.ping('R2', 1);
    bed.run(seconds(1));
    const [, packet] = esp(bed, 'R2');
    const before = statistics(bed, 'R3');
    const tampered = packet?.slice() ?? new Uint8Array(0);
    tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
    // A sequence number that is new, so that the replay check does not come first.
    tampered[27] = 99;
    expect(bed.outside('R3', tampered)).toEqual({ ok: false, by: 'esp', reason: 'bad-icv' });
    expect(bed.outside('R3', packet ?? tampered)).toEqual({ ok: false, by: 'esp', reason: 'replayed' });
    expect(bed.outside('R3', shortened(tampered))).toEqual({ ok: false, by: 'esp', reason: 'malformed' });
    expect(statistics(bed, 'R3')).toEqual({
      ...before,
      espAuthenticationFailures: 1,
      replayErrors: 1,
      badHeaders: 1,
    });
  });
});

describe('an SPD of an interface of its own', () => {
  it('carries whatever is routed into the inside interface: OSPF, and the answer of 10.0.0.2 to a traceroute', () => {
    const bed = upBed();
    const hello = encodeIpv4({
      source: parseAddress('10.1.15.1'),
      destination: parseAddress('224.0.0.5'),
      protocol: 89,
      ttl: 1,
      payload: new Uint8Array(44),
    });
    const answer = encodeIpv4({
      source: parseAddress('10.0.0.2'),
      destination: parseAddress('10.1.56.2'),
      protocol: 1,
      payload: new Uint8Array(36),
    });
    for (const packet of [hello, answer]) {
      expect(bed.inside('R2', packet)).toEqual({ ok: true, action: 'protected' });
      bed.run(seconds(1));
      expect(bed.site('R3').received.at(-1)).toEqual({ packet, insideInterface: INSIDE });
    }
  });

  it('takes nothing from an interface that has none', () => {
    const bed = upBed();
    const packet = encodeIpv4({
      source: parseAddress('10.1.12.2'),
      destination: parseAddress('10.1.56.2'),
      protocol: 17,
      payload: new Uint8Array(8),
    });
    const { gateway } = bed.site('R2');
    expect(gateway.handleInside(bed.now, packet, 'so-0/0/0.0')).toMatchObject({ ok: false, reason: 'no-policy' });
    expect(gateway.handleInside(bed.now, packet)).toMatchObject({ ok: true });
  });

  it('has no use for a packet from the outside that is for someone else', () => {
    const bed = upBed();
    expect(bed.outside('R2', clear('R3', 'R2'))).toMatchObject({ ok: false, reason: 'no-policy' });
  });
});

describe('the SPD of all interfaces', () => {
  const style = (unmatched: 'bypass' | 'discard'): Variation => ({
    spd: 'common',
    alter: (policies) => [...policies, { name: 'others', action: { kind: unmatched } }],
  });
  const elsewhere = encodeIpv4({
    source: parseAddress('10.1.12.2'),
    destination: parseAddress('192.0.2.1'),
    protocol: 17,
    payload: new Uint8Array(8),
  });

  it('protects what a policy takes', () => {
    const bed = upBed(style('discard'));
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1]);
    expect(bed.site('R3').received.at(-1)?.insideInterface).toBeUndefined();
  });

  it('passes on, or discards, what no policy takes', () => {
    const passing = upBed(style('bypass'));
    expect(passing.inside('R2', elsewhere)).toEqual({ ok: true, action: 'bypassed' });
    expect(passing.sent.at(-1)?.octets).toEqual(elsewhere);
    const discarding = upBed(style('discard'));
    expect(discarding.inside('R2', elsewhere)).toMatchObject({ ok: false, reason: 'discarded-by-policy' });
  });

  it('refuses in the clear what should have come protected, and judges the rest (RFC 4301 §5.2)', () => {
    const stranger = encodeIpv4({
      source: parseAddress('192.0.2.1'),
      destination: parseAddress('10.1.12.2'),
      protocol: 17,
      payload: new Uint8Array(8),
    });
    const passing = upBed(style('bypass'));
    expect(passing.outside('R2', clear('R3', 'R2'))).toMatchObject({ ok: false, reason: 'unprotected' });
    expect(passing.outside('R2', stranger)).toEqual({ ok: true, action: 'bypassed' });
    expect(passing.site('R2').received.at(-1)?.packet).toEqual(stranger);
    const discarding = upBed(style('discard'));
    expect(discarding.outside('R2', stranger)).toMatchObject({ ok: false, reason: 'discarded-by-policy' });
  });

  it('refuses from a tunnel what the tunnel is not for (RFC 4301 §5.2)', () => {
    const bed = new Bed({ R2: {}, R3: style('discard') });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    // R2 is routed into the tunnel, and sends it all the same.
    bed.inside('R2', elsewhere);
    bed.run(seconds(1));
    expect(bed.site('R3').gateway.refusals.gateway['selector-mismatch']).toBe(1);
    expect(bed.site('R3').received).toHaveLength(1);
  });
});

describe('an SPD of several policies', () => {
  /** Both routers with a second pair of networks, 172.16.2.0/24 at R2 and 172.16.3.0/24 at R3, that come first. */
  const second = (local: string, remote: string) => (policies: readonly PolicyConfig[]) => {
    const tunnels = policies.filter(({ action }) => action.kind === 'protect');
    return [...tunnels.map((policy) => ({ ...policy, name: 'second', selectors: { local, remote } })), ...policies];
  };
  const bed = new Bed({
    R2: { alter: second('172.16.2.0/24', '172.16.3.0/24') },
    R3: { alter: second('172.16.3.0/24', '172.16.2.0/24') },
  });
  const toSecond = encodeIpv4({
    source: parseAddress('172.16.2.9'),
    destination: parseAddress('172.16.3.9'),
    protocol: 17,
    payload: new Uint8Array(8),
  });
  const used = () => bed.site('R2').gateway.ipsecSas();

  it('sends each packet by the SA of the first that takes it, under one IKE SA', () => {
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(used().map(({ policy }) => policy)).toEqual([POLICY]);
    bed.inside('R2', toSecond);
    bed.run(seconds(1));
    expect(used().map(({ policy }) => policy)).toEqual(['second', POLICY]);
    expect(bed.site('R3').received.at(-1)?.packet).toEqual(toSecond);
    expect(bed.site('R2').gateway.ikeSas()).toHaveLength(1);
  });

  it('may have the SAs of one take what no other does', () => {
    const spi = used().find(({ policy }) => policy === POLICY)?.outbound;
    const packet = encodeIpv4({
      source: parseAddress('10.0.0.2'),
      destination: parseAddress('10.0.0.3'),
      protocol: 17,
      payload: new Uint8Array(8),
    });
    bed.inside('R2', packet);
    expect(espSpi(esp(bed, 'R2').at(-1) ?? packet, 20)).toBe(spi);
  });
});

describe('a gateway on UDP sockets', () => {
  it('takes and gives IKE as datagrams', () => {
    const bed = new Bed({ R2: { options: { outside: 'udp' } }, R3: {} });
    const { gateway } = bed.site('R2');
    gateway.handleInside(bed.now, clear('R2', 'R3'));
    const first = gateway.pollTransmit();
    expect(first).toMatchObject({
      kind: 'datagram',
      source: { address: gatewayAddress('R2'), port: 500 },
      destination: { address: gatewayAddress('R3'), port: 500 },
    });
    if (first?.kind !== 'datagram') return;
    const { gateway: peer } = bed.site('R3');
    expect(peer.handleDatagram(bed.now, first.source, first.destination, first.octets)).toEqual({
      ok: true,
      action: 'accepted',
    });
    expect(peer.handleDatagram(bed.now, first.source, { ...first.destination, port: 9 }, first.octets)).toMatchObject({
      reason: 'unexpected-datagram',
    });
  });
});

describe('a packet larger than the tunnel', () => {
  it('that says Don’t Fragment is answered with the MTU', () => {
    const bed = upBed({ protect: { mtu: 1400 } });
    const outcome = bed.ping('R2', 1, 1400, { dontFragment: true });
    expect(outcome).toEqual({ ok: false, by: 'gateway', reason: 'fragmentation-needed' });
    const answer = decodeIpv4(bed.site('R2').received.at(-1)?.packet ?? new Uint8Array(0));
    expect(answer.destination).toEqual(parseAddress(hostAddress('R2')));
    expect(decodeIcmp(answer.payload)).toMatchObject({ kind: 'destination-unreachable', code: 4, nextHopMtu: 1400 });
  });

  it.each([
    ['that does not is cut before it is sealed', {}, false],
    ['loses Don’t Fragment where that is to be cleared', { clearDontFragment: true }, true],
  ] as const)('%s, and every outer packet fits the outside', (_, protect, dontFragment) => {
    const bed = upBed({ protect, peer: { outsideMtu: 1000 } });
    expect(bed.ping('R2', 1, 3000, { dontFragment })).toEqual({ ok: true, action: 'protected' });
    bed.run(seconds(1));
    expect(esp(bed, 'R2').length).toBe(5);
    for (const packet of esp(bed, 'R2')) expect(packet.length).toBeLessThanOrEqual(1000);
    expect(
      bed
        .site('R3')
        .received.slice(1)
        .every(({ packet }) => ipv4.isFragment(packet, 0)),
    ).toBe(true);
  });

  it('goes through whole where nothing limits the outside, and is put together when the link cuts it', () => {
    const bed = upBed();
    bed.link = (from, octets) =>
      (fragmentIpv4(octets, 576) ?? []).toReversed().flatMap((fragment) => plainLink(from, fragment));
    bed.ping('R2', 1, 3000);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1]);
  });
});

describe('a packet from the outside', () => {
  it.each([
    ['unknown-spi', 50, 40],
    ['malformed-packet', 50, 7],
    ['unknown-spi', 51, 40],
    ['malformed-packet', 51, 11],
    ['unexpected-protocol', 47, 40],
    ['unexpected-protocol', 1, 8],
    ['malformed-packet', 17, 7],
  ] as const)('is refused as %s (protocol %i)', (reason, protocol, octets) => {
    const bed = upBed();
    const packet = encodeIpv4({
      source: parseAddress(gatewayAddress('R2')),
      destination: parseAddress(gatewayAddress('R3')),
      protocol,
      payload: new Uint8Array(octets).fill(9),
    });
    expect(bed.outside('R3', packet)).toEqual({ ok: false, by: 'gateway', reason });
    expect(bed.site('R3').gateway.refusals.gateway[reason]).toBe(1);
  });
});

function shortened(packet: Uint8Array): Uint8Array {
  const { payload, ...fields } = decodeIpv4(packet);
  return encodeIpv4({ ...fields, payload: payload.subarray(0, -1) });
}

/** What a host behind `from` would send to one behind `to`, without any gateway. */
function clear(from: Name, to: Name): Uint8Array {
  expect(to).toBe(peerOf(from));
  return encodeIpv4({
    source: parseAddress(hostAddress(from)),
    destination: parseAddress(hostAddress(to)),
    protocol: 17,
    payload: new Uint8Array(8),
  });
}
