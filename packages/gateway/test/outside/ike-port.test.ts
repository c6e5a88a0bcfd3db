import {
  classifyAtIkePort,
  encodeIcmp,
  encodeIpv4,
  fragmentIpv4,
  ip,
  milliseconds,
  PROTOCOL,
  parseAddress,
  seconds,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { hostConfig, udpPacket, World } from '../host/world.ts';
import { Bed, datagramIn, gatewayAddress, type Name, packetAround, type Variation } from '../support/bed.ts';
import { Nat } from '../support/nat.ts';

const PUBLIC = '192.0.2.1';
const OUTSIDES = ['ip', 'udp'] as const;
type Outside = (typeof OUTSIDES)[number];

const drafts = (outside: Outside, variation: Variation = {}): Variation => ({
  ...variation,
  options: { outside },
  peer: { ...variation.peer, natTraversalForms: ['draft-01', 'draft-00'] },
});

/** R2 behind a NAT, as R3 knows; both speak of the drafts 01 and 00 alone. */
function natBed(outside: Outside, variation: Variation = {}): { bed: Bed; nat: Nat } {
  const bed = new Bed({ R2: drafts(outside, variation), R3: { ...drafts(outside, variation), remoteGateway: PUBLIC } });
  const nat = new Nat(bed, PUBLIC);
  bed.ping('R2', 0);
  bed.run(seconds(1));
  return { bed, nat };
}

const datagrams = (bed: Bed, from: Name) =>
  bed.sent.filter((sent) => sent.from === from).map(({ octets }) => datagramIn(octets));
const esp = (bed: Bed, from: Name) => datagrams(bed, from).filter(({ octets }) => classifyAtIkePort(octets) === 'esp');

describe.each(OUTSIDES)('NAT traversal of the drafts 00 and 01, %s outside', (outside) => {
  it('carries ESP behind its marker by port 500, both ways, and nothing goes by another port', () => {
    const { bed } = natBed(outside);
    for (let i = 1; i < 10; i++) {
      bed.ping('R2', i);
      bed.ping('R3', i);
    }
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bed.pings('R2')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(esp(bed, 'R2')).toHaveLength(10);
    expect(esp(bed, 'R3')).toHaveLength(9);
    expect(
      new Set(datagrams(bed, 'R2').map(({ source, destination }) => `${source.port} ${destination.port}`)),
    ).toEqual(new Set(['500 500']));
  });

  it('loses nothing when SAs are renewed, nor for good when the NAT forgets', () => {
    const { bed, nat } = natBed(outside, { ipsecLifetime: seconds(300) });
    for (let i = 1; i <= 100; i++) {
      if (i % 30 === 0) nat.restart(`192.0.2.${i}`);
      bed.ping('R2', i);
      bed.run(milliseconds(100));
      bed.ping('R3', i);
      bed.run(seconds(10));
    }
    expect(bed.pings('R3')).toHaveLength(101);
    expect(bed.pings('R2')).toHaveLength(100);
  });

  it('counts keepalives, which hold the way open while nobody speaks', () => {
    const { bed } = natBed(outside);
    const before = bed.site('R3').gateway.refusals;
    bed.run(seconds(600));
    expect(bed.site('R3').gateway.keepalivesReceived).toBe(30);
    expect(bed.site('R3').gateway.refusals).toEqual(before);
    bed.ping('R3', 1);
    bed.run(seconds(1));
    expect(bed.pings('R2')).toEqual([1]);
  });

  it('refuses ESP of nobody, and of an SA of ours what is not authentic', () => {
    const { bed } = natBed(outside);
    bed.link = () => [];
    bed.ping('R2', 1);
    const [sent] = esp(bed, 'R2').slice(-1);
    if (sent === undefined) return expect.unreachable('no ESP');
    const from = { ...sent, source: { address: PUBLIC, port: 40_001 } };
    const altered = (at: number) => {
      const octets = sent.octets.slice();
      octets[at] = (octets[at] ?? 0) ^ 1;
      return bed.outside('R3', packetAround({ ...from, octets }));
    };
    expect(altered(sent.octets.length - 1)).toMatchObject({ ok: false, reason: 'bad-icv' });
    expect(altered(8)).toMatchObject({ ok: false, reason: 'unknown-spi' });
    expect(bed.outside('R3', packetAround(from))).toMatchObject({ ok: true });
    expect(bed.outside('R3', packetAround(from))).toMatchObject({ ok: false, reason: 'replayed' });
  });
});

describe('NAT traversal of the drafts 00 and 01', () => {
  it('sends no packet that is longer than the outside carries, the marker included', () => {
    const { bed } = natBed('ip', { peer: { outsideMtu: 1400 } });
    const largest = [...Array(100).keys()].map((i) => bed.ping('R2', i, 1250 + i, { dontFragment: true }));
    const fitting = largest.findIndex(({ ok }) => !ok);
    expect(fitting).toBeGreaterThan(0);
    expect(largest.slice(fitting)).toMatchObject(Array(100 - fitting).fill({ reason: 'fragmentation-needed' }));
    const lengths = bed.sent.map(({ octets }) => octets.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1400);
    expect(Math.max(...lengths)).toBeGreaterThan(1392);
  });

  it('puts fragments together again', () => {
    const { bed } = natBed('ip');
    bed.link = () => [];
    bed.ping('R2', 1, 1000);
    const { source, destination, octets } = datagramIn(bed.sent.at(-1)?.octets ?? new Uint8Array(0));
    const packet = packetAround({ source: { ...source, address: PUBLIC, port: 40_001 }, destination, octets });
    for (const piece of fragmentIpv4(packet, 304) ?? []) bed.outside('R3', piece);
    expect(bed.pings('R3')).toEqual([0, 1]);
  });

  it('goes over IPv6 with a checksum', () => {
    const variation = drafts('ip', { outer: 6, peer: { natTraversal: 'force' } });
    const bed = new Bed({ R2: variation, R3: variation });
    bed.ping('R2', 0);
    bed.run(seconds(1));
    bed.ping('R3', 1);
    bed.run(seconds(1));
    expect([bed.pings('R3'), bed.pings('R2')]).toEqual([[0], [1]]);
    for (const { octets } of bed.sent) expect(ip.protocol(octets, 0, octets.length)).toBe(PROTOCOL.udp);
  });

  it.each([
    ['ip', 'ip'],
    ['udp', 'udp'],
    ['ip', 'udp'],
  ] as const)('carries transport mode as well: %s and %s outside', (one, other) => {
    const world = new World();
    const addresses = ['198.51.100.2', '203.0.113.5'] as const;
    const forced = (own: string, peer: string) => {
      const config = hostConfig(own, peer);
      const speaks = { natTraversal: 'force', natTraversalForms: ['draft-00'] } as const;
      return { ...config, peers: config.peers.map((entry) => ({ ...entry, ...speaks })) };
    };
    const [own, peer] = addresses;
    const client = world.join(own, forced(own, peer), { outside: one });
    const server = world.join(peer, forced(peer, own), { outside: other });
    const question = udpPacket([own, 5000], [peer, 53], 40);
    const answer = udpPacket([peer, 53], [own, 5000], 400);
    world.send(client, question);
    world.run(seconds(2));
    world.send(server, answer);
    world.run(seconds(1));
    expect(client.gateway.ipsecSas()[0]).toMatchObject({ mode: 'transport', inUdp: true });
    expect(datagramIn(world.lastOf(server))).toEqual(datagramIn(question));
    expect(datagramIn(world.lastOf(client))).toEqual(datagramIn(answer));
  });

  it('heeds a router that says what is too large, and quotes as much as shows whose it is', () => {
    const { bed } = natBed('ip');
    bed.ping('R3', 1);
    bed.run(seconds(1));
    const sent = bed.sent.filter(({ from }) => from === 'R3').at(-1)?.octets ?? expect.unreachable('nothing sent');
    const tells = (quotedOctets: number, nextHopMtu: number) => {
      const original = sent.subarray(0, quotedOctets);
      const payload = encodeIcmp({ kind: 'destination-unreachable', code: 4, nextHopMtu, original });
      const [source, destination] = ['192.0.2.254', gatewayAddress('R3')].map(parseAddress);
      if (source === undefined || destination === undefined) return expect.unreachable();
      return bed.outside('R3', encodeIpv4({ source, destination, protocol: PROTOCOL.icmp, payload }));
    };
    // A header, that of UDP, the marker, and of ESP its SPI and number.
    expect(tells(20 + 8 + 8 + 7, 1000).ok).toBe(false);
    expect(bed.ping('R3', 2, 1000, { dontFragment: true }).ok).toBe(true);
    expect(tells(20 + 8 + 8 + 8, 1000)).toMatchObject({ ok: true });
    expect(bed.ping('R3', 3, 1000, { dontFragment: true })).toMatchObject({ reason: 'fragmentation-needed' });
  });
});
