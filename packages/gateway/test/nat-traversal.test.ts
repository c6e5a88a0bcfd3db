import type { KeyLogEntry } from '@espalier/ike';
import {
  classifyUdpEncapsulated,
  concat,
  decodeIpv4,
  decodeUdp,
  encodeIpv4,
  fragmentIpv4,
  ipv4,
  milliseconds,
  PROTOCOL,
  parseAddress,
  seconds,
  toHex,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Datagram, GatewayEvent, Outcome } from '../src/index.ts';
import {
  Bed,
  cutLink,
  datagramIn,
  gatewayAddress,
  hostAddress,
  INSIDE,
  type Name,
  POLICY,
  packetAround,
  plainLink,
  STATISTICS,
  type Variation,
} from './support/bed.ts';
import { Nat } from './support/nat.ts';

const PUBLIC = '192.0.2.1';
const UDP: Variation = { options: { outside: 'udp' } };

/** R2 behind a NAT, as R3 knows. */
function natBed(variation: Variation = {}): { bed: Bed; nat: Nat } {
  const bed = new Bed({ R2: variation, R3: { ...variation, remoteGateway: PUBLIC } });
  const nat = new Nat(bed, PUBLIC);
  bed.ping('R2', 0);
  bed.run(seconds(1));
  return { bed, nat };
}

/** Two gateways without a NAT between them, on sockets or not. */
function upBed(variation: Variation | Readonly<Record<Name, Variation>> = UDP): Bed {
  const bed = new Bed(variation);
  bed.ping('R2', 0);
  bed.run(seconds(1));
  return bed;
}

const datagrams = (bed: Bed, from: Name) =>
  bed.sent.filter((sent) => sent.from === from).map(({ octets }) => datagramIn(octets));
const esp = (bed: Bed, from: Name) =>
  datagrams(bed, from).filter(
    ({ source, octets }) => source.port === 4500 && classifyUdpEncapsulated(octets) === 'esp',
  );
const kinds = (bed: Bed, name: Name) => bed.site(name).events.map(({ kind }) => kind);
const moves = (bed: Bed, name: Name) =>
  bed
    .site(name)
    .events.filter((event): event is Extract<GatewayEvent, { kind: 'peer-moved' }> => event.kind === 'peer-moved');
const decrypted = (bed: Bed, name: Name) => bed.site(name).gateway.statistics(STATISTICS)?.espDecryptedPackets;

describe('through a NAT', () => {
  it('ESP goes in UDP on port 4500 without a checksum, both ways', () => {
    const { bed } = natBed();
    for (let i = 1; i < 10; i++) {
      bed.ping('R2', i);
      bed.ping('R3', i);
    }
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bed.pings('R2')).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(bed.sent.every(({ octets }) => ipv4.protocol(octets, 0) === PROTOCOL.udp)).toBe(true);
    expect(esp(bed, 'R2')).toHaveLength(10);
    const [packet] = bed.sent.filter(({ from }) => from === 'R3').slice(-1);
    const outer = decodeIpv4(packet?.octets ?? new Uint8Array(0));
    expect(outer.destination).toEqual(parseAddress(PUBLIC));
    expect(decodeUdp(outer.payload)).toMatchObject({ sourcePort: 4500, destinationPort: 40_002, checksum: 'absent' });
  });

  it('SAs are renewed, and no packet is lost for it', () => {
    const { bed } = natBed({ ipsecLifetime: seconds(300) });
    for (let i = 1; i <= 200; i++) {
      bed.ping('R2', i);
      bed.ping('R3', i);
      bed.run(seconds(10));
    }
    expect(bed.pings('R3')).toHaveLength(201);
    expect(bed.pings('R2')).toHaveLength(200);
    expect(kinds(bed, 'R2').filter((kind) => kind === 'ipsec-established').length).toBeGreaterThan(5);
  });

  it('keepalives hold the way open while nobody speaks, and are counted and nothing else', () => {
    const { bed } = natBed();
    const before = bed.site('R3').gateway.refusals;
    bed.run(seconds(600));
    const { gateway } = bed.site('R3');
    expect(gateway.keepalivesReceived).toBe(30);
    expect(gateway.refusals).toEqual(before);
    bed.ping('R3', 1);
    bed.run(seconds(1));
    expect(bed.pings('R2')).toEqual([1]);
  });

  it.each([
    ['another port', 'ip', PUBLIC],
    ['another address', 'ip', '192.0.2.77'],
    ['another port', 'udp', PUBLIC],
    ['another address', 'udp', '192.0.2.77'],
  ] as const)(
    'a peer that comes from %s (%s) of a sudden is followed with its first good packet',
    (_, outside, address) => {
      const { bed, nat } = natBed({ options: { outside } });
      nat.restart(address);
      bed.ping('R3', 1);
      bed.run(seconds(1));
      expect(bed.pings('R2')).toEqual([]);
      bed.ping('R2', 1);
      bed.run(seconds(1));
      expect(bed.pings('R3')).toEqual([0, 1]);
      expect(moves(bed, 'R3').map(({ remote }) => remote.address)).toContain(address);
      bed.ping('R3', 2);
      bed.run(seconds(1));
      expect(bed.pings('R2')).toEqual([2]);
      expect(esp(bed, 'R3').at(-1)?.destination).toEqual({ address, port: 40_003 });
    },
  );

  it('a peer that has moved is followed through later renewals', () => {
    const { bed, nat } = natBed({ ipsecLifetime: seconds(300) });
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

  it('a move needs a packet that is good and newer than all before it', () => {
    const { bed, nat } = natBed();
    for (let i = 1; i < 5; i++) bed.ping('R2', i);
    bed.run(seconds(1));
    const elsewhere = (octets: Uint8Array) =>
      packetAround({ ...datagramIn(octets), source: { address: '198.51.100.9', port: 666 } });
    const mark = bed.sent.length;
    // What R2 sends now is held up on its way.
    bed.link = cutLink;
    bed.ping('R2', 5);
    const [held] = bed.sent.slice(mark);
    bed.link = nat.link;
    bed.ping('R2', 6);
    bed.run(seconds(1));

    const [first] = esp(bed, 'R2').map(packetAround);
    const forged = held?.octets.slice() ?? new Uint8Array(0);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    const before = moves(bed, 'R3').length;
    expect(bed.outside('R3', elsewhere(first ?? forged))).toMatchObject({ ok: false, reason: 'replayed' });
    expect(bed.outside('R3', elsewhere(forged))).toMatchObject({ ok: false, reason: 'bad-icv' });
    expect(bed.outside('R3', elsewhere(held?.octets ?? forged))).toMatchObject({ ok: true });
    expect(moves(bed, 'R3')).toHaveLength(before);
    bed.ping('R3', 1);
    bed.run(seconds(1));
    expect(bed.pings('R2')).toEqual([1]);
  });

  it('no packet makes a peer follow it to where nothing can be sent', () => {
    const { bed } = natBed();
    bed.link = cutLink;
    bed.ping('R2', 1);
    bed.ping('R3', 1);
    const [last] = bed.sent.filter(({ from }) => from === 'R2').slice(-1);
    const fromPort0 = packetAround({
      ...datagramIn(last?.octets ?? new Uint8Array(0)),
      source: { address: PUBLIC, port: 0 },
    });
    expect(bed.outside('R3', fromPort0)).toMatchObject({ ok: false, reason: 'unexpected-datagram' });
  });

  it('no packet is longer than the outside carries, and what is too large is told so', () => {
    const { bed } = natBed({ peer: { outsideMtu: 1400 } });
    const largest = [...Array(100).keys()].map((i) => bed.ping('R2', i, 1250 + i, { dontFragment: true }));
    const fitting = largest.findIndex(({ ok }) => !ok);
    expect(fitting).toBeGreaterThan(0);
    expect(largest.slice(fitting).every((outcome) => !outcome.ok && outcome.reason === 'fragmentation-needed')).toBe(
      true,
    );
    const lengths = bed.sent.map(({ octets }) => octets.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(1400);
    expect(Math.max(...lengths)).toBeGreaterThan(1392);
  });

  it('fragments of a datagram are put together again', () => {
    const { bed } = natBed();
    bed.link = cutLink;
    bed.ping('R2', 1, 1000);
    const [packet] = bed.sent.slice(-1);
    const { source, destination, octets } = datagramIn(packet?.octets ?? new Uint8Array(0));
    const outside = packetAround({ source: { ...source, address: PUBLIC, port: 40_002 }, destination, octets });
    for (const piece of fragmentIpv4(outside, 300) ?? []) bed.outside('R3', piece);
    expect(bed.pings('R3')).toEqual([0, 1]);
  });
});

describe('on UDP sockets', () => {
  it.each([
    ['both', UDP, UDP],
    ['one', UDP, {}],
    ['the other', {}, UDP],
  ])('%s of the gateways: ESP goes in UDP although there is no NAT', (_, R2, R3) => {
    const bed = upBed({ R2, R3 });
    for (let i = 1; i < 5; i++) {
      bed.ping('R2', i);
      bed.ping('R3', i);
    }
    bed.run(seconds(60));
    expect(bed.pings('R3')).toEqual([0, 1, 2, 3, 4]);
    expect(bed.pings('R2')).toEqual([1, 2, 3, 4]);
    for (const name of ['R2', 'R3'] as const) {
      expect(esp(bed, name).length).toBeGreaterThan(3);
      expect(moves(bed, name)).toEqual([]);
    }
    bed.close('R2');
    bed.run(seconds(1));
    expect(kinds(bed, 'R3')).toContain('ipsec-deleted');
  });

  it.each(['R2', 'R3'] as const)(
    'a gateway says so at once when its peer does not speak of NAT traversal, whoever begins: %s',
    (from) => {
      const bed = new Bed({ R2: UDP, R3: { peer: { natTraversal: 'off' } } });
      bed.link = (name, octets) => (ipv4.protocol(octets, 0) === PROTOCOL.udp ? plainLink(name, octets) : []);
      bed.ping(from, 1);
      bed.run(milliseconds(500));
      const failed = bed.site('R2').events.filter(({ kind }) => kind === 'ipsec-failed');
      expect(failed[0]).toMatchObject({ policy: POLICY, reason: 'no-nat-traversal' });
      expect(kinds(bed, 'R2')).not.toContain('ipsec-established');
      expect(bed.site('R2').gateway.ipsecSas()).toEqual([]);
      expect(bed.ping('R2', 2).ok).toBe(false);
      expect(esp(bed, 'R2')).toEqual([]);
    },
  );

  it('a gateway sends and takes payloads between end points, in batches that may hold anything', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    const inner = Array.from({ length: 20 }, (_, i) =>
      encodeIpv4({
        source: parseAddress(hostAddress('R2')),
        destination: parseAddress(hostAddress('R3')),
        protocol: 17,
        identification: i,
        payload: new Uint8Array(100),
      }),
    );
    gateway.handleInsideBatch(bed.now, inner, INSIDE);
    const sent: Datagram[] = [];
    gateway.drainTransmit((out) => {
      if (out.kind === 'packet') expect.fail('a whole packet');
      sent.push({ source: out.source, destination: out.destination, octets: out.octets.slice() });
    });
    const [source, destination] = [sent[0]?.source, sent[0]?.destination];
    expect(source).toEqual({ address: gatewayAddress('R2'), port: 4500 });
    expect(destination).toEqual({ address: gatewayAddress('R3'), port: 4500 });
    if (source === undefined || destination === undefined) return;
    sent[3]?.octets.fill(0, 30, 31);
    const again = sent[7]?.octets.slice() ?? new Uint8Array(0);
    const at = (octets: Uint8Array, port = 4500) => ({ source, destination: { ...destination, port }, octets });
    const input = [
      ...sent,
      at(Uint8Array.of(0xff)),
      at(Uint8Array.of(1, 2)),
      at(new Uint8Array(32)),
      at(new Uint8Array(40).fill(9)),
      at(again, 4501),
      at(again),
      { source, destination: { address: '192.0.2.200', port: 4500 }, octets: new Uint8Array(40).fill(9) },
    ];
    const outcomes: Outcome[] = [];
    const receiver = bed.site('R3');
    receiver.received.length = 0;
    receiver.gateway.handleDatagrams(bed.now, input, outcomes);
    bed.drain();
    expect(outcomes.map((outcome) => (outcome.ok ? outcome.action : outcome.reason))).toEqual([
      ...inner.map((_, i) => (i === 3 ? 'bad-icv' : 'accepted')),
      'held',
      'unexpected-datagram',
      'malformed',
      'unknown-spi',
      'unexpected-datagram',
      'replayed',
      'no-policy',
    ]);
    expect(receiver.received.map(({ packet }) => packet)).toEqual(inner.filter((_, i) => i !== 3));
  });

  it('garbage on ports 500 and 4500 throws nothing, changes nothing, and stops nothing', () => {
    const bed = upBed();
    const { gateway } = bed.site('R3');
    const garbage = fc.record({
      address: fc.constantFrom(gatewayAddress('R2'), '198.51.100.7'),
      from: fc.constantFrom(0, 500, 4500, 40_000),
      to: fc.constantFrom(500, 4500),
      octets: fc.oneof(
        fc.uint8Array({ maxLength: 100 }),
        fc.uint8Array({ maxLength: 100 }).map((octets) => concat(new Uint8Array(4), octets)),
        fc
          .uint8Array({ maxLength: 100 })
          .map((octets) => concat(esp(bed, 'R2').at(-1)?.octets.slice(0, 4) ?? octets, octets)),
      ),
    });
    let sequence = 0;
    fc.assert(
      fc.property(fc.array(garbage, { maxLength: 30 }), (list) => {
        const before = [decrypted(bed, 'R3'), gateway.ipsecSas()];
        gateway.handleDatagrams(
          bed.now,
          list.map(({ address, from, to, octets }) => ({
            source: { address, port: from },
            destination: { address: gatewayAddress('R3'), port: to },
            octets,
          })),
        );
        expect([decrypted(bed, 'R3'), gateway.ipsecSas()]).toEqual(before);
        expect(moves(bed, 'R3')).toEqual([]);
        bed.ping('R2', ++sequence);
        bed.run(milliseconds(10));
        expect(bed.pings('R3').at(-1)).toBe(sequence);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a peer that falls silent', () => {
  const deadPeerDetection = { idle: seconds(10), interval: seconds(10), retries: 4 };

  it('is dead after its probes, its SAs are gone, and it is found again when it comes back', () => {
    const bed = upBed({ ...UDP, peer: { deadPeerDetection }, establish: 'immediately' });
    bed.run(seconds(30));
    bed.link = cutLink;
    const buried = (name: Name) =>
      bed.site(name).events.flatMap((event) => ('reason' in event && event.reason === 'peer-dead' ? [event.kind] : []));
    bed.run(seconds(40));
    expect([buried('R2'), buried('R3')]).toEqual([[], []]);
    bed.run(seconds(40));
    for (const name of ['R2', 'R3'] as const) {
      expect(new Set(buried(name))).toEqual(new Set(['ipsec-deleted', 'ike-deleted']));
      expect(bed.site(name).gateway.ipsecSas()).toEqual([]);
    }
    bed.link = plainLink;
    bed.run(seconds(120));
    bed.ping('R2', 7);
    bed.run(seconds(1));
    expect(bed.pings('R3').at(-1)).toBe(7);
  });

  it('is not probed while it speaks, be it only in ESP', () => {
    const bed = upBed({ ...UDP, peer: { deadPeerDetection } });
    const messages = () => (['R2', 'R3'] as const).map((name) => datagrams(bed, name).length - esp(bed, name).length);
    const before = messages();
    for (let i = 0; i < 100; i++) {
      bed.ping('R2', i);
      bed.ping('R3', i);
      bed.run(seconds(5));
    }
    expect(messages()).toEqual(before);
    bed.run(seconds(30));
    expect(messages()).not.toEqual(before);
  });
});

describe('the key log', () => {
  it('has the same keys at both ends: of the ISAKMP SA, and of each direction of ESP', () => {
    const logs: Record<Name, string[]> = { R2: [], R3: [] };
    const logging = (name: Name): Variation => ({
      options: { outside: 'udp', keyLog: (entry) => logs[name].push(lineOf(entry)) },
    });
    upBed({ R2: logging('R2'), R3: logging('R3') });
    expect(logs.R2).toHaveLength(3);
    expect(logs.R2.toSorted()).toEqual(logs.R3.toSorted());
    expect(logs.R2.join()).toContain('10.1.15.1 10.1.15.2');
  });
});

function lineOf(entry: KeyLogEntry): string {
  if (entry.kind === 'ike') return `${entry.initiatorCookie} ${entry.responderCookie} ${toHex(entry.encryption)}`;
  if (entry.kind === 'ah') throw new Error('there is no AH');
  const { source, destination, spi, suite, keys } = entry;
  return `${source} ${destination} ${spi} ${suite.name} ${toHex(keys.encryption)} ${toHex(keys.integrity)}`;
}
