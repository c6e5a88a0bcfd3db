import {
  decodeIpv6,
  encodeIcmp,
  encodeIcmpv6,
  encodeIpv4,
  encodeIpv6,
  fragmentIpv4,
  fragmentIpv6,
  ip,
  milliseconds,
  PROTOCOL,
  parseAddress,
  seconds,
  writeU16,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  Bed,
  gatewayAddress,
  icmpIn,
  packet6,
  packetAround,
  pingPacket,
  plainLink,
  type Variation,
} from '../support/bed.ts';

const PAIRS = ([4, 6] as const).flatMap((outer) => ([4, 6] as const).map((inner) => ({ outer, inner })));
const FORMS = [
  { form: 'plain', peer: { natTraversal: 'off' }, options: {} },
  { form: 'in UDP', peer: { natTraversal: 'force' }, options: {} },
  { form: 'on UDP sockets', peer: {}, options: { outside: 'udp' } },
] as const satisfies readonly ({ readonly form: string } & Variation)[];

/** R2 and R3 with a tunnel that is up, and has carried ping 0. */
function upBed(variation: Variation): Bed {
  const bed = new Bed(variation);
  bed.ping('R2', 0);
  bed.run(seconds(1));
  expect(bed.pings('R3')).toEqual([0]);
  return bed;
}

/** The packets that carried ESP or IKE, by what they are. */
function shapes(bed: Bed): ReadonlySet<string> {
  return new Set(
    bed.sent.map(({ octets }) => {
      const { length } = octets;
      expect(ip.packetOctets(octets, 0, length)).toBe(length);
      expect(ip.headerChecksumOk(octets, 0)).toBe(true);
      return `${ip.version(octets, 0)} ${ip.protocol(octets, 0, length)}`;
    }),
  );
}

describe.each(PAIRS)('IPv$inner in a tunnel through IPv$outer', ({ outer, inner }) => {
  it.each(FORMS)('is negotiated over it and carried both ways, $form', ({ form, ...variation }) => {
    const bed = upBed({ ...variation, outer, inner });
    for (let i = 1; i < 5; i++) {
      bed.ping('R2', i, 100 * i);
      bed.ping('R3', i, 300 * i);
    }
    bed.run(seconds(60));
    expect(bed.pings('R3')).toEqual([0, 1, 2, 3, 4]);
    expect(bed.pings('R2')).toEqual([1, 2, 3, 4]);
    expect([...shapes(bed)].sort()).toEqual(
      form === 'plain' ? [`${outer} ${PROTOCOL.udp}`, `${outer} ${PROTOCOL.esp}`].sort() : [`${outer} ${PROTOCOL.udp}`],
    );
    for (const name of ['R2', 'R3'] as const) {
      const [sa] = bed.site(name).gateway.ipsecSas();
      expect(sa).toMatchObject({ local: gatewayAddress(name, outer), inUdp: form !== 'plain' });
      const { gateway, esp } = bed.site(name).gateway.refusals;
      expect([...Object.values(gateway), ...Object.values(esp)].every((count) => count === 0)).toBe(true);
    }
  });

  it('is rekeyed, and ends at both ends when one closes', () => {
    const bed = upBed({ outer, inner, ipsecLifetime: seconds(300) });
    for (let i = 1; i < 20; i++) {
      bed.ping('R2', i);
      bed.run(seconds(60));
    }
    expect(bed.pings('R3')).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(bed.site('R2').events.filter(({ kind }) => kind === 'ipsec-established').length).toBeGreaterThan(3);
    bed.close('R2');
    bed.run(seconds(1));
    expect(bed.site('R3').gateway.ipsecSas()).toEqual([]);
  });

  it.each(FORMS.slice(0, 2))('never makes a packet larger than the outer MTU, $form', ({ form: _, ...variation }) => {
    const outsideMtu = 1400;
    const bed = upBed({ ...variation, outer, inner, peer: { ...variation.peer, outsideMtu } });
    for (let octets = 1200; octets < 1500; octets += 7) bed.ping('R2', octets, octets);
    bed.run(seconds(1));
    const lengths = bed.sent.map(({ octets }) => octets.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(outsideMtu);
    expect(Math.max(...lengths)).toBeGreaterThan(outsideMtu - 16);
    if (inner === 4) {
      // Larger ones went in pieces, which are for the host to put together.
      expect(bed.site('R3').received.length).toBeGreaterThan(44);
    } else {
      const told = bed.site('R2').received.map(({ packet }) => icmpIn(packet));
      expect(told.length).toBeGreaterThan(5);
      for (const message of told) expect(message.kind).toBe('packet-too-big');
    }
  });

  it('tells the sender of a packet that is too large the MTU, which is then right to the octet', () => {
    const bed = upBed({ outer, inner, peer: { outsideMtu: 1400 } });
    bed.inside('R2', pingPacket('R2', inner, 1, 1400, { dontFragment: true }));
    const [{ packet } = expect.fail('nothing said')] = bed.site('R2').received;
    const message = icmpIn(packet);
    const mtu =
      message.kind === 'packet-too-big'
        ? message.mtu
        : message.kind === 'destination-unreachable'
          ? message.nextHopMtu
          : expect.fail(message.kind);
    const header = inner === 4 ? 28 : 48;
    const exactly = bed.inside('R2', pingPacket('R2', inner, 2, mtu - header, { dontFragment: true }));
    expect(exactly).toEqual({ ok: true, action: 'protected' });
    const more = bed.inside('R2', pingPacket('R2', inner, 3, mtu - header + 1, { dontFragment: true }));
    expect(more).toMatchObject({ ok: false, reason: 'fragmentation-needed' });
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 2]);
  });

  it('is put together again when a router or the sender has fragmented what is outside', () => {
    const bed = upBed({ outer, inner, protect: { clearDontFragment: true } });
    const pieces = (octets: Uint8Array) =>
      outer === 4 ? (fragmentIpv4(octets, 576) ?? []) : fragmentIpv6(octets, 1280, octets.length);
    bed.link = (from, octets) =>
      pieces(octets)
        .toReversed()
        .flatMap((piece) => plainLink(from, piece));
    bed.ping('R2', 1, 3000);
    bed.ping('R3', 1, 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1]);
    expect(bed.pings('R2')).toEqual([1]);
  });
});

describe.each(PAIRS.flatMap(({ outer, inner }) => FORMS.slice(0, 2).map((form) => ({ outer, inner, ...form }))))(
  'news of the path of IPv$inner through IPv$outer, $form',
  ({ form: _, ...variation }) => {
    const { outer, inner } = variation;
    const least = outer === 4 ? 576 : 1280;

    /** A bed whose link carries 1500 octets from R2, and the sealed packet of a large ping. */
    function sentLarge(): { bed: Bed; large: Uint8Array } {
      const bed = upBed({ ...variation, peer: { ...variation.peer, outsideMtu: 1500 } });
      bed.inside('R2', pingPacket('R2', inner, 1, 1300, { dontFragment: true }));
      return { bed, large: bed.sent.at(-1)?.octets ?? expect.fail('nothing sent') };
    }

    const say = (bed: Bed, news: Uint8Array) => bed.outside('R2', news);
    const mtuTold = (bed: Bed): number | undefined => {
      const before = bed.site('R2').received.length;
      bed.inside('R2', pingPacket('R2', inner, 9, 1420, { dontFragment: true }));
      const [answer] = bed.site('R2').received.slice(before);
      const message = answer && icmpIn(answer.packet);
      if (message?.kind === 'packet-too-big') return message.mtu;
      return message?.kind === 'destination-unreachable' ? message.nextHopMtu : undefined;
    };

    it('lowers the MTU that senders are told, for ten minutes (RFC 4301 §8.2.1, RFC 8201 §4)', () => {
      const { bed, large } = sentLarge();
      const before = mtuTold(bed) ?? 1500;
      expect(say(bed, tooBig(large, 1400))).toEqual({ ok: true, action: 'accepted' });
      const told = mtuTold(bed) ?? expect.fail('nothing told');
      expect(before - told).toBeGreaterThan(90);
      const header = inner === 4 ? 28 : 48;
      bed.inside('R2', pingPacket('R2', inner, 2, told - header, { dontFragment: true }));
      expect(bed.sent.at(-1)?.octets.length).toBeLessThanOrEqual(1400);
      expect(say(bed, tooBig(large, 1450))).toMatchObject({ ok: true });
      expect(mtuTold(bed)).toBe(told);
      bed.run(seconds(599));
      expect(mtuTold(bed)).toBe(told);
      bed.run(seconds(1));
      expect(mtuTold(bed) ?? 1500).toBe(before);
    });

    it.each([0, 1, 68, 575])('believes in no less than what every link carries, when told %i', (mtu) => {
      const { bed, large } = sentLarge();
      expect(say(bed, tooBig(large, mtu))).toMatchObject({ ok: true });
      const told = mtuTold(bed) ?? expect.fail('nothing told');
      expect(told).toBeGreaterThan(inner === 6 ? 1279 : least - 120);
      // IPv6 inside is never held to less than 1280: what is outside goes in pieces (RFC 2473 §7.1).
      const largest = pingPacket('R2', inner, 5, told - (inner === 4 ? 28 : 48), { dontFragment: true });
      expect(largest.length).toBe(told);
      const before = bed.sent.length;
      expect(bed.inside('R2', largest)).toMatchObject({ ok: true });
      const pieces = bed.sent.slice(before).map(({ octets }) => octets);
      expect(pieces.length).toBe(inner === 6 ? (outer === 4 ? 3 : 2) : 1);
      for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(least);
      bed.run(seconds(1));
      expect(bed.pings('R3')).toContain(5);
    });

    it('is refused unless it quotes the SPI, the addresses and the ports of an SA, or is damaged', () => {
      const { bed, large } = sentLarge();
      const before = mtuTold(bed);
      const inUdp = ip.protocol(large, 0, large.length) === PROTOCOL.udp;
      const espAt = ip.payloadAt(large, 0, large.length) + (inUdp ? 8 : 0);
      const changed = (at: number) =>
        tooBig(
          large.map((octet, i) => (i === at ? octet ^ 1 : octet)),
          1300,
          64,
          large,
        );
      const damaged = tooBig(large, 1300);
      damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
      const ports = inUdp ? [changed(espAt - 8), changed(espAt - 6)] : [];
      for (const news of [
        changed(espAt),
        changed(espAt + 3),
        changed(ip.sourceAt(large, 0) + 3),
        changed(ip.destinationAt(large, 0) + 3),
        ...ports,
        damaged,
        tooBig(large, 1300, espAt + 7),
        tooBig(large, 1300, 10),
      ]) {
        expect(say(bed, news)).toEqual({ ok: false, by: 'gateway', reason: 'unexpected-protocol' });
      }
      expect(mtuTold(bed)).toBe(before);
    });
  },
);

describe('UDP over IPv6', () => {
  const inUdp = { outer: 6, peer: { natTraversal: 'force' } } as const;
  const zeroed = (packet: Uint8Array): Uint8Array => {
    const copy = packet.slice();
    writeU16(copy, 46, 0);
    return copy;
  };

  it('has a right checksum around ESP, and is taken with none: the ICV covers what it carries (RFC 6935 §5)', () => {
    const bed = upBed(inUdp);
    // `datagramIn` and the shapes test look at checksums on the way out; this link takes them away.
    bed.link = (from, octets) => plainLink(from, zeroed(octets));
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1]);
  });

  it('that was spoilt on its way is no news of where the peer is, though what it carries is good', () => {
    const bed = upBed(inUdp);
    const moves = (mended: boolean): number => {
      bed.link = (from, octets) => {
        const spoilt = octets.slice();
        spoilt[41] = (spoilt[41] ?? 0) ^ 2;
        return plainLink(from, from === 'R2' ? (mended ? zeroed(spoilt) : spoilt) : octets);
      };
      bed.ping('R2', 1);
      bed.run(seconds(1));
      return bed.site('R3').events.filter(({ kind }) => kind === 'peer-moved').length;
    };
    expect(moves(false)).toBe(0);
    expect(bed.pings('R3')).toEqual([0, 1]);
    expect(moves(true)).toBe(1);
  });

  it('is refused with none around IKE on port 500 (RFC 8200 §8.1), and with a wrong one', () => {
    const bed = new Bed({ outer: 6 });
    const ike = packetAround({
      source: { address: gatewayAddress('R2', 6), port: 500 },
      destination: { address: gatewayAddress('R3', 6), port: 500 },
      octets: new Uint8Array(28),
    });
    const wrong = ike.slice();
    writeU16(wrong, 46, 0x1234);
    for (const packet of [zeroed(ike), wrong]) {
      expect(bed.outside('R3', packet)).toEqual({ ok: false, by: 'gateway', reason: 'malformed-packet' });
    }
    expect(bed.outside('R3', ike)).toMatchObject({ ok: false, by: 'ike' });
  });
});

describe('packets of IPv6 from the outside', () => {
  it('are found behind extension headers', () => {
    const bed = upBed({ outer: 6, inner: 6 });
    bed.link = (from, octets) => {
      const { payload, nextHeader, ...fields } = decodeIpv6(octets);
      const header = Uint8Array.of(nextHeader, 0, 1, 4, 0, 0, 0, 0);
      return plainLink(from, encodeIpv6({ ...fields, nextHeader: 60, payload: Uint8Array.of(...header, ...payload) }));
    };
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([0, 1]);
  });

  it('are refused, whatever is wrong with them, and nothing throws', () => {
    const bed = upBed({ outer: 6, inner: 6 });
    bed.ping('R2', 1, 40);
    const sealed = bed.sent.at(-1)?.octets ?? expect.fail('nothing sent');
    const ike = bed.sent[0]?.octets ?? expect.fail('nothing sent');
    const seeds = [sealed, ike, tooBig(sealed, 1300), ...fragmentIpv6(packetOf(3000), 1280, 1)];
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { minLength: 1, maxLength: 6 }),
        fc.nat(),
        (packet, changes, cut) => {
          const octets = packet.slice();
          for (const [at, value] of changes) octets[at % Math.min(octets.length, 80)] = value;
          bed.outside('R3', octets);
          bed.outside('R3', octets.subarray(0, cut % octets.length));
        },
      ),
      { numRuns: 500 },
    );
    bed.ping('R2', 2);
    bed.run(milliseconds(100));
    expect(bed.pings('R3')).toContain(2);
  });

  function packetOf(octets: number): Uint8Array {
    const addresses = {
      source: parseAddress(gatewayAddress('R2', 6)),
      destination: parseAddress(gatewayAddress('R3', 6)),
    };
    return packet6({ ...addresses, nextHeader: PROTOCOL.esp, payload: new Uint8Array(octets).fill(7) });
  }
});

describe('IKE over IPv6', () => {
  it('goes in fragments of what every link carries when it is long', () => {
    const proposals = ([16, 24, 32] as const).flatMap((keyOctets) =>
      (['sha1', 'sha2-256', 'sha2-384', 'sha2-512'] as const).flatMap((hash) =>
        ([2, 5, 14] as const).map(
          (group) => ({ encryption: 'aes-cbc', keyOctets, hash, group, authentication: 'pre-shared-key' }) as const,
        ),
      ),
    );
    const bed = upBed({ outer: 6, peer: { proposals } });
    const fragments = bed.sent.filter(({ octets }) => ip.isFragment(octets, 0, octets.length));
    expect(fragments.length).toBeGreaterThan(1);
    for (const { octets } of bed.sent) expect(octets.length).toBeLessThanOrEqual(1280);
  });
});

/** What a router says about a packet of ours. */
function tooBig(octets: Uint8Array, mtu: number, quoted = 64, sent = octets): Uint8Array {
  const destination = ip.sourceOctets(sent, 0);
  const original = octets.subarray(0, quoted);
  if (ip.version(octets, 0) === 4) {
    return encodeIpv4({
      source: parseAddress('10.1.15.254'),
      destination,
      protocol: PROTOCOL.icmp,
      payload: encodeIcmp({ kind: 'destination-unreachable', code: 4, nextHopMtu: mtu, original }),
    });
  }
  const source = parseAddress('2001:db8:15::fe');
  return packet6({
    source,
    destination,
    nextHeader: PROTOCOL.icmpv6,
    payload: encodeIcmpv6({ kind: 'packet-too-big', mtu, original }, { source, destination }),
  });
}
