import { createHmac } from 'node:crypto';
import { AH_SUITES, ahSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { type Batch, PacketPool } from '@espalier/esp';
import { ahOverhead, OutboundAhSa } from '@espalier/esp/ah';
import {
  after,
  concat,
  fragmentIpv4,
  fromHex,
  ip,
  PROTOCOL,
  parseAddress,
  readU32,
  seconds,
  spi,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { inboundAh, keyOf, openAh as open, outboundAh, SHA1, sealAh as seal } from '../support/ah.ts';
import { HEADERS, packetOf } from '../support/headers.ts';
import { ipv4Packet, ipv6Packet, octetsOf } from '../support/packets.ts';
import { ENGINE, inboundSa, NOW, NULL_SUITE, OUTER, outboundSa, SPI, seal as sealEsp } from '../support/sas.ts';

const OUTER6 = { source: '2001:db8:15::1', destination: '2001:db8:15::2' };
/** As `packet` is when it has passed all the hops of its routing header. */
function arrived(packet: Uint8Array): Uint8Array {
  const octets = packet.slice();
  if (ip.version(octets, 0) === 4) return octets;
  for (let at = 40, next = octets[6]; next === 0 || next === 43 || next === 60; ) {
    if (next === 43 && octets[at + 3] === 1) {
      const [hop, destination] = [octets.slice(at + 8, at + 24), octets.slice(24, 40)];
      octets.set(hop, 24);
      octets.set(destination, at + 8);
      octets[at + 3] = 0;
    }
    next = octets[at];
    at += ip.extensionOctets(octets, at);
  }
  return octets;
}

/** `toEqual` takes a hundred times as long. */
function sameAs(batch: Batch, packets: readonly Uint8Array[]): boolean {
  return Array.from(batch, ({ index, octets }) => Buffer.compare(octets, packets[index] ?? new Uint8Array(0))).every(
    (order) => order === 0,
  );
}

const ENGINES = [ENGINE, wasmEngine(), nodeEngine()];

describe.each(ENGINES.map((engine) => ({ engine, name: engine.name })))('AH on $name', ({ engine }) => {
  it('is opened as it was sealed, whatever the suite, mode, families, ESN and size, alone and in a batch', () => {
    for (const suite of engine === ENGINE ? AH_SUITES : AH_SUITES.slice(0, 2)) {
      for (const esn of [false, true]) {
        for (const [i, headers] of HEADERS.entries()) {
          for (const outer of [undefined, OUTER, OUTER6]) {
            const mode = outer === undefined ? 'transport' : 'tunnel';
            const shared = { engine, suite, key: keyOf(suite), mode, esn } as const;
            const around = outer === undefined ? {} : { outer };
            const [one, many] = [0, 1].map(() => outboundAh({ ...shared, ...around })) as [OutboundAhSa, OutboundAhSa];
            const sizes = [0, 1, 61 + i, 1300 + i];
            const packets = sizes.map((octets) => packetOf(headers, PROTOCOL.ospf, octetsOf(octets)));
            const pool = new PacketPool(engine, { slots: 4, headroom: 160 });
            const batch = pool.createBatch(4);
            for (const packet of packets) batch.add(packet);
            expect(many.sealBatch(NOW, batch)).toBe(4);
            const alone = packets.map((packet) => seal(one, packet));
            // Identifications are random at first, and then count up: both SAs have the same source of them.
            expect(sameAs(batch, alone)).toBe(true);
            const family = outer === undefined ? headers.family : outer === OUTER ? 4 : 6;
            const grown = alone.map(({ length }, index) => length - (packets[index]?.length ?? 0));
            expect(new Set(grown)).toEqual(new Set([ahOverhead(suite, { mode, family }).all]));

            const inbound = inboundAh(shared);
            batch.clear();
            const came = alone.map(arrived);
            for (const packet of came) batch.add(packet, 0, ip.payloadAt(packet, 0, packet.length));
            expect(inbound.openBatch(NOW, batch)).toBe(4);
            const wanted = outer === undefined ? packets.map(arrived) : packets;
            expect(sameAs(batch, wanted)).toBe(true);
            expect(inbound.counters).toEqual(many.counters);
            expect(open(inboundAh(shared), came[0] ?? expect.fail())).toEqual(wanted[0]);
            batch.clear();
            pool.release();
          }
        }
      }
    }
  });
});

describe.each(['tunnel', 'transport'] as const)('AH around ESP in %s mode (RFC 4301 §4.5)', (mode) => {
  it('is opened from the outside in, and what AH authenticates nobody changes on the way', () => {
    const outer = mode === 'tunnel' ? { outer: OUTER } : {};
    const esp = { out: outboundSa(NULL_SUITE, { mode, ...outer }), in: inboundSa(NULL_SUITE, { mode }) };
    const ah = { out: outboundAh({ mode: 'transport' }), in: inboundAh({ mode: 'transport' }) };
    const packet = ipv4Packet(100, { options: Uint8Array.of(148, 4, 0, 0) });
    const wire = seal(ah.out, sealEsp(esp.out, packet));
    expect(ip.protocol(wire, 0, wire.length)).toBe(PROTOCOL.ah);
    const changed = wire.with(16, 99);
    expect(open(ah.in, changed)).toBe('bad-icv');
    const inside = open(ah.in, wire);
    if (typeof inside === 'string') expect.fail(inside);
    const headOctets = ip.payloadAt(inside, 0, inside.length);
    const opened = esp.in.openInto(NOW, inside, inside, 0, headOctets);
    expect(opened.ok && opened.octets).toEqual(packet);
  });
});

describe('the ICV', () => {
  it('covers the packet with what is mutable zeroed, as node:crypto computes it over what the RFC says', () => {
    const packet = ipv4Packet(33, { tos: 0xff, ttl: 9, dontFragment: true, identification: 77 });
    const sealed = seal(outboundAh({ mode: 'transport', esn: true, firstSequence: 2n ** 33n + 3n }), packet);
    const covered = sealed.slice();
    covered[1] = 0;
    covered.fill(0, 6, 9);
    covered.fill(0, 10, 12);
    covered.fill(0, 32, 44);
    const mac = createHmac('sha1', keyOf(SHA1)).update(covered).update(fromHex('00000002')).digest();
    expect(sealed.subarray(32, 44)).toEqual(new Uint8Array(mac.subarray(0, 12)));
    expect(sealed.subarray(20, 32)).toEqual(fromHex('110400001234567800000003'));
  });

  it('is padded so that the header is whole units of 4 octets in IPv4 and of 8 in IPv6, or of 8 if asked for', () => {
    const octets = {
      'hmac-sha1-96': [24, 24],
      'hmac-sha2-256-128': [28, 32],
      'hmac-sha2-384-192': [36, 40],
      'hmac-sha2-512-256': [44, 48],
    };
    for (const [name, [v4 = 0, v6 = 0]] of Object.entries(octets)) {
      const suite = ahSuite(name);
      expect(ahOverhead(suite, { mode: 'transport', family: 4 })).toEqual({ outer: 0, ah: v4, all: v4 });
      expect(ahOverhead(suite, { family: 6 })).toEqual({ outer: 40, ah: v6, all: 40 + v6 });
      const wide = seal(outboundAh({ suite, mode: 'transport', alignment: 8 }), ipv4Packet(9));
      expect(wide.length).toBe(29 + v6);
      expect(open(inboundAh({ suite, mode: 'transport' }), wide)).toEqual(ipv4Packet(9));
    }
  });
});

/**
 * Which bits of a packet's headers may change on the way (RFC 4302 §3.3.3.1, Appendix A): for every octet in front of AH the
 * bits that may, as a mask.
 */
interface Mutable {
  readonly name: string;
  readonly packet: Uint8Array;
  readonly mask: readonly number[];
}

/** Type and length of an option that is zeroed as a whole: what still has its form passes, and what has not does not. */
const ANY = -1;
const IPV4_MASK = [0, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0];
const IPV6_MASK = [0x0f, 0xff, 0xff, 0xff, 0, 0, 0, 0xff, ...Array.from({ length: 32 }, () => 0)];
const all = (octets: number, mask: number) => Array.from({ length: octets }, () => mask);

/** Appendix A1: each option by its type, with four octets of data. */
const IPV4_OPTIONS = [
  ...[130, 133, 134, 148, 149].map((type) => ({ type, isMutable: false })),
  ...[7, 68, 82, 136, 11, 12, 145, 10, 205, 142, 15, 144, 147, 200].map((type) => ({ type, isMutable: true })),
];
/** RFC 8200 §4.2: the third bit of a type. */
const IPV6_OPTIONS = [0x05, 0x1e, 0xc3, 0x26, 0x3e, 0xe3].map((type) => ({ type, isMutable: (type & 0x20) !== 0 }));

const MUTABLE: readonly Mutable[] = [
  { name: 'IPv4', packet: ipv4Packet(20), mask: IPV4_MASK },
  { name: 'IPv6', packet: ipv6Packet(20), mask: IPV6_MASK },
  ...IPV4_OPTIONS.map(({ type, isMutable }) => ({
    name: `IPv4 with option ${type}`,
    packet: ipv4Packet(20, { options: Uint8Array.of(1, type, 6, 9, 9, 9, 9, 0) }),
    mask: [...IPV4_MASK, 0, ...all(2, isMutable ? ANY : 0), ...all(4, isMutable ? 0xff : 0), 0],
  })),
  ...[0, 60].flatMap((header) =>
    IPV6_OPTIONS.map(({ type, isMutable }) => ({
      name: `IPv6 with option ${type} in extension header ${header}`,
      packet: ipv6Packet(0, {
        nextHeader: header,
        // Destination options are in front of AH only where a routing header follows.
        payload: concat(
          Uint8Array.of(header === 0 ? 17 : 43, 0, type, 4, 9, 9, 9, 9),
          header === 0 ? new Uint8Array(0) : fromHex(`1102000000000000${'20010db8'.padEnd(32, '1')}`),
          octetsOf(20),
        ),
      }),
      mask: [...IPV6_MASK, ...all(4, 0), ...all(4, isMutable ? 0xff : 0), ...all(header === 0 ? 0 : 24, 0)],
    })),
  ),
];

describe('on the way a packet may change in what is mutable and in nothing else (RFC 4302 Appendix A)', () => {
  it.each(MUTABLE)('$name', ({ packet, mask }) => {
    const sealed = seal(outboundAh({ mode: 'transport' }), packet);
    const headOctets = mask.length;
    expect(ip.payloadAt(sealed, 0, sealed.length)).toBe(headOctets);
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const at = bit >> 3;
      if (mask[at] === ANY) continue;
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ (1 << (bit & 7));
      const isMutable = ((mask[at] ?? 0) & (1 << (bit & 7))) !== 0;
      const opened = open(inboundAh({ mode: 'transport' }), changed, headOctets);
      // Two bits make it look like a fragment, which is refused before its ICV is looked at.
      const isFragment = ip.version(sealed, 0) === 4 && (at === 7 || (at === 6 && (bit & 7) < 6));
      if (isMutable && !isFragment) expect(opened, `bit ${bit}`).toBeInstanceOf(Uint8Array);
      else expect(typeof opened, `bit ${bit}`).toBe('string');
    }
  });

  it('a source route of IPv4 ends at its last address, which is what is authenticated', () => {
    for (const type of [131, 137]) {
      const options = Uint8Array.of(type, 11, 4, 10, 0, 0, 1, 10, 0, 0, 2, 0);
      const sent = seal(
        outboundAh({ mode: 'transport' }),
        ipv4Packet(20, { options, destination: parseAddress('10.9.9.9') }),
      );
      const last = sent.slice();
      last.set([10, 0, 0, 2], 16);
      last.set([12, 10, 1, 1, 1, 10, 2, 2, 2], 22);
      expect(open(inboundAh({ mode: 'transport' }), last)).toBeInstanceOf(Uint8Array);
      expect(open(inboundAh({ mode: 'transport' }), sent)).toBe('bad-icv');

      const done = ipv4Packet(20, { options: options.with(2, 12) });
      expect(open(inboundAh({ mode: 'transport' }), seal(outboundAh({ mode: 'transport' }), done))).toEqual(done);
    }
  });
});

describe('what AH refuses', () => {
  const head4 = HEADERS[0] ?? expect.fail();
  const inbound = () => inboundAh({ mode: 'transport' });
  const good = () => seal(outboundAh({ mode: 'transport' }), ipv4Packet(40));
  const changed = (at: number, octet: number, packet = good()) => packet.with(at, octet);

  it.each([
    ['bad-outer', 'another protocol', changed(9, 50), 20],
    ['bad-outer', 'headers that end elsewhere', good(), 24],
    ['bad-outer', 'no headers', good(), 0],
    ['bad-outer', 'a packet cut short', good().subarray(0, -1), 20],
    ['fragment', 'a fragment', changed(6, 0x20), 20],
    ['malformed', 'a header of another length', changed(21, 5), 20],
    ['malformed', 'a header that ends behind the packet', changed(21, 255), 20],
    ['malformed', 'no header', packetOf(head4, PROTOCOL.ah, octetsOf(11)), 20],
    ['malformed', 'a header whose ICV is cut short', packetOf(head4, PROTOCOL.ah, good().subarray(20, 43)), 20],
    ['wrong-spi', 'another SPI', changed(24, 0x13), 20],
    ['sequence-zero', 'number 0', changed(31, 0), 20],
    ['bad-icv', 'a changed address', changed(12, 11), 20],
    ['bad-icv', 'a changed payload', changed(70, 1), 20],
  ] as const)('%s: %s', (reason, _, packet, headOctets) => {
    const sa = inbound();
    expect(open(sa, packet.slice(), headOctets)).toBe(reason);
    expect(sa.counters).toMatchObject({ packets: 0, octets: 0, refusals: { [reason]: 1 } });
    expect(open(sa, good())).toEqual(ipv4Packet(40));
  });

  it('in a batch what it refuses alone, for the same reason, and nothing besides', () => {
    const [out, batch] = [outboundAh({ mode: 'transport' }), new PacketPool(ENGINE, { slots: 4 }).createBatch(4)];
    const [first, second, third] = [1, 2, 3].map(() => seal(out, ipv4Packet(40)));
    if (first === undefined || second === undefined || third === undefined) expect.fail();
    for (const packet of [first, changed(21, 5, second), third, changed(31, 0)]) batch.add(packet, 0, 20);
    expect(inbound().openBatch(NOW, batch)).toBe(2);
    const reasons = () => Array.from(batch, ({ reason }) => reason);
    expect(reasons()).toEqual([undefined, 'malformed', undefined, 'sequence-zero']);
    // What has been opened, or refused, is left alone.
    expect(inbound().openBatch(NOW, batch)).toBe(0);
    expect(reasons()).toEqual([undefined, 'malformed', undefined, 'sequence-zero']);
  });

  it('nothing where extended numbers go beyond 32 bits within a batch', () => {
    const esn = { mode: 'transport', esn: true } as const;
    const [out, sa] = [outboundAh({ ...esn, firstSequence: 2n ** 32n - 100n }), inboundAh(esn)];
    const sealed = Array.from({ length: 104 }, () => seal(out, ipv4Packet(8)));
    for (const packet of [sealed[0], sealed[60], sealed[97]])
      expect(open(sa, packet ?? expect.fail())).toEqual(ipv4Packet(8));
    const batch = new PacketPool(ENGINE, { slots: 6 }).createBatch(6);
    for (const packet of sealed.slice(98)) batch.add(packet, 0, 20);
    expect(sa.openBatch(NOW, batch)).toBe(6);
    expect(sa.highestSequence).toBe(2n ** 32n + 3n);
  });

  it('what was taken before, or lies below the window', () => {
    const [out, sa] = [outboundAh({ mode: 'transport' }), inboundAh({ mode: 'transport', replayWindow: 32 })];
    const packets = Array.from({ length: 40 }, () => seal(out, ipv4Packet(8)));
    for (const packet of packets.slice(1)) expect(open(sa, packet.slice())).toEqual(ipv4Packet(8));
    expect(open(sa, packets[39]?.slice() ?? expect.fail())).toBe('replayed');
    expect(open(sa, packets[0]?.slice() ?? expect.fail())).toBe('too-old');
    expect(sa.highestSequence).toBe(40n);
    const off = inboundAh({ mode: 'transport', replayWindow: 'off' });
    for (const packet of [packets[0], packets[0]])
      expect(open(off, packet?.slice() ?? expect.fail())).toEqual(ipv4Packet(8));
    expect(off.highestSequence).toBeUndefined();
  });

  it('in tunnel mode what carries no packet, and a mark that this one cannot bear', () => {
    const tunnel = (inner: Uint8Array, change: (packet: Uint8Array) => void) => {
      const packet = seal(outboundAh({}), inner);
      change(packet);
      return open(inboundAh(), packet);
    };
    expect(tunnel(ipv4Packet(9), () => {})).toEqual(ipv4Packet(9));
    expect(tunnel(ipv4Packet(9, { tos: 1 }), (packet) => ip.setTos(packet, 0, 3))).toEqual(ipv4Packet(9, { tos: 3 }));
    expect(tunnel(ipv4Packet(9), (packet) => ip.setTos(packet, 0, 3))).toBe('congested');
    const asTransport = seal(outboundAh({ mode: 'transport' }), ipv4Packet(9));
    expect(open(inboundAh(), asTransport)).toBe('bad-next-header');
    const cut = ipv4Packet(9, { protocol: 4, payload: ipv4Packet(30).subarray(0, 40) });
    expect(open(inboundAh(), seal(outboundAh({ mode: 'transport' }), cut))).toBe('bad-inner');
  });

  it('on the way out: what is no packet, a fragment, options of no form, a route with an end that nobody knows', () => {
    const out = new Uint8Array(70_000).fill(7);
    const refusal = (packet: Uint8Array, sa = outboundAh({ mode: 'transport' })) => sa.sealInto(NOW, packet, out);
    for (const [reason, packet] of [
      ['bad-inner', octetsOf(50)],
      ['fragment', (fragmentIpv4(ipv4Packet(200), 68) ?? [])[0] ?? expect.fail()],
      ['bad-inner', ipv4Packet(9, { options: Uint8Array.of(7, 1, 0, 0) })],
      ['bad-inner', ipv4Packet(9, { options: Uint8Array.of(7, 9, 0, 0) })],
      ['bad-inner', ipv4Packet(9, { options: Uint8Array.of(1, 1, 1, 7) })],
      ['bad-inner', ipv4Packet(9, { options: Uint8Array.of(131, 7, 3, 1, 1, 1, 1, 0) })],
      ['bad-inner', ipv4Packet(9, { options: Uint8Array.of(131, 6, 4, 1, 1, 1, 0, 0) })],
      ['bad-inner', ipv6Packet(0, { nextHeader: 0, payload: fromHex('1100050900000000') })],
      ['bad-inner', ipv6Packet(0, { nextHeader: 43, payload: fromHex(`1102030100000000${'00'.repeat(16)}`) })],
      ['bad-inner', ipv6Packet(0, { nextHeader: 43, payload: fromHex(`1102000200000000${'00'.repeat(16)}`) })],
      ['too-long', ipv4Packet(65_500)],
    ] as const) {
      expect(refusal(packet)).toMatchObject({ ok: false, reason });
    }
    expect(refusal(ipv4Packet(65_480), outboundAh({}))).toMatchObject({ ok: false, reason: 'too-long' });
    expect(out.every((octet) => octet === 7)).toBe(true);
  });

  it('no number: they begin with 1, or where they are told to, and end with the last', () => {
    const numberOf = (packet: Uint8Array) => readU32(packet, 20 + 8);
    expect(numberOf(seal(outboundAh({ mode: 'transport' }), ipv4Packet(9)))).toBe(1);
    expect(numberOf(seal(outboundAh({ mode: 'transport', firstSequence: 700n }), ipv4Packet(9)))).toBe(700);
    for (const firstSequence of [0n, 2n ** 32n]) expect(() => outboundAh({ firstSequence })).toThrow(RangeError);
  });

  it('an SA that is over, in time, in packets, or in numbers', () => {
    const lifetime = { establishedAt: NOW, hard: { time: seconds(9), packets: 2 } };
    const out = outboundAh({ mode: 'transport', lifetime });
    const sealed = [seal(out, ipv4Packet(9)), seal(out, ipv4Packet(9))];
    const room = new Uint8Array(200);
    expect(out.sealInto(NOW, ipv4Packet(9), room)).toMatchObject({ ok: false, reason: 'expired' });
    expect(out.lifetimeState(NOW)).toBe('hard');
    const sa = inboundAh({ mode: 'transport', lifetime });
    expect(sa.lifetimeState(NOW)).toBe('fresh');
    expect(sa.openInto(after(NOW, seconds(9)), sealed[0] ?? room, room, 0, 20)).toMatchObject({ reason: 'expired' });
    const spent = outboundAh({ mode: 'transport', firstSequence: 0xffff_ffffn });
    seal(spent, ipv4Packet(9));
    expect(spent.sealInto(NOW, ipv4Packet(9), room)).toMatchObject({ ok: false, reason: 'sequence-exhausted' });
    expect(spent.lifetimeState(NOW)).toBe('hard');
  });

  it('any octets, and anything at random behind a good head, by a name and as they came', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(60), fc.boolean(), (octets, head, isTunnel) => {
        const sa = inboundAh({ mode: isTunnel ? 'tunnel' : 'transport' });
        expect(typeof open(sa, octets, Math.min(head, octets.length))).toBe('string');
        expect(typeof open(sa, packetOf(head4, PROTOCOL.ah, octets), 20)).toBe('string');
        expect(sa.counters.packets).toBe(0);
      }),
    );
  });

  it('what a caller gets wrong', () => {
    expect(() => outboundAh({ mode: 'transport', outer: OUTER })).toThrow(TypeError);
    expect(() => outboundAh({ outer: { ...OUTER, udp: { sourcePort: 1, destinationPort: 2 } } })).toThrow(TypeError);
    const { outer: _, ...without } = {
      engine: ENGINE,
      suite: SHA1,
      key: keyOf(SHA1),
      spi: SPI,
      rng: seededRng(1),
      outer: OUTER,
    };
    expect(() => new OutboundAhSa(without)).toThrow(TypeError);
    expect(() => outboundAh({ key: octetsOf(19) })).toThrow(RangeError);
    expect(() => inboundAh({ key: octetsOf(21) })).toThrow(RangeError);
    expect(() => inboundAh({ esn: true, replayWindow: 'off' })).toThrow(TypeError);
    expect(() => inboundAh({ mode: 'transport', dscp: 'copy' })).toThrow(TypeError);
    expect(() => inboundAh({ replayWindow: 31 })).toThrow(RangeError);
    expect(() => outboundAh({}).redirect(OUTER6)).toThrow(RangeError);
    expect(() => outboundAh({ mode: 'transport' }).redirect(OUTER)).toThrow(TypeError);
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => outboundAh({ alignment: 16 })).toThrow(RangeError);
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => inboundAh({ mode: 'beet' })).toThrow(RangeError);
    expect(() => outboundAh({}).sealInto(NOW, ipv4Packet(9), new Uint8Array(40))).toThrow(RangeError);
    expect(() => inbound().openInto(NOW, good(), new Uint8Array(40), 0, 20)).toThrow(RangeError);
    expect(() => inbound().openInto(NOW, good(), new Uint8Array(400), 0, 400)).toThrow(RangeError);
    const pool = new PacketPool(ENGINE, { slots: 1, headroom: 40 });
    expect(() => outboundAh({}).sealBatch(NOW, pool.createBatch(1))).toThrow(RangeError);
    const [out, sa] = [outboundAh({}), inboundAh()];
    const sealed = seal(out, ipv4Packet(9));
    out.wipe();
    sa.wipe();
    expect(() => seal(out, ipv4Packet(9))).toThrow(TypeError);
    expect(() => open(sa, sealed)).toThrow(TypeError);
  });

  // Regression: who asked for one of these believed to have it.
  it.each(['allowUnauthenticated', 'originalAddresses', 'trafficFlow', 'udp'])(
    'an option that ESP alone has: %s',
    (name) => {
      for (const make of [outboundAh, inboundAh]) {
        expect(() => make({ [name]: true })).toThrow(new TypeError(`${name}: AH has no such option`));
        expect(() => make({ [name]: undefined })).not.toThrow();
      }
    },
  );

  it('what is neither yes nor no, no replay window, no octets in front, and no member of an outer header', () => {
    for (const name of ['esn', 'strictConstantTime']) {
      for (const make of [outboundAh, inboundAh]) {
        expect(() => make({ [name]: 'no' })).toThrow(new TypeError(`${name} must be a boolean`));
      }
    }
    for (const value of [null, '64'].map((each) => each as never)) {
      expect(() => inboundAh({ replayWindow: value })).toThrow(/^replayWindow: /);
    }
    for (const octets of [1.5, '3', -1].map((each) => each as number)) {
      expect(() => inbound().openInto(NOW, good(), new Uint8Array(400), 0, octets)).toThrow(/^outerOctets must be /);
    }
    expect(() => outboundAh({ outer: Object.assign({ tll: 3 }, OUTER) })).toThrow(/^outer\.tll: /);
  });

  it('what an engine that throws has spoilt, a second time', () => {
    const failing = {
      ...ENGINE,
      createIcvTransform: (options: Parameters<typeof ENGINE.createIcvTransform>[0]) => {
        const own = ENGINE.createIcvTransform(options);
        const compute = () => {
          throw new Error('the MAC failed');
        };
        return { ...own, compute, verify: () => false, wipe: () => own.wipe() };
      },
    };
    const batch = new PacketPool(ENGINE, { slots: 1 }).createBatch(1);
    batch.add(ipv4Packet(40));
    expect(() => outboundAh({ engine: failing }).sealBatch(NOW, batch)).toThrow('the MAC failed');
    expect([outboundAh().sealBatch(NOW, batch), batch.at(0).ok, batch.at(0).reason]).toEqual([0, false, undefined]);
  });

  it('goes elsewhere once it is told to, with the numbers that follow', () => {
    const sa = outboundAh({});
    seal(sa, ipv4Packet(9));
    sa.redirect({ ...OUTER, destination: '10.1.15.9' });
    const moved = seal(sa, ipv4Packet(9));
    expect(ip.destinationOctets(moved, 0)).toEqual(parseAddress('10.1.15.9'));
    const inboundSa = inboundAh();
    expect(open(inboundSa, moved)).toEqual(ipv4Packet(9));
    expect(inboundSa.highestSequence).toBe(2n);
    expect(spi(SPI)).toBe(sa.spi);
  });
});
