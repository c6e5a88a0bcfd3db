import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { InboundSa, OutboundSa } from '@espalier/esp';
import {
  Compressor,
  type CompressorOptions,
  Decompressor,
  type DecompressorOptions,
  IPCOMP_REFUSALS,
} from '@espalier/esp/ipcomp';
import {
  concat,
  decodeIpv4,
  encodeIpv4,
  fragmentIpv4,
  fromHex,
  IPCOMP_DEFLATE,
  ip,
  ipcompCpi,
  ipcompNextHeader,
  PROTOCOL,
} from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { ADDRESSES_4, HEADERS, packetOf } from '../support/headers.ts';
import { ipv4Packet, ipv6Packet, octetsOf } from '../support/packets.ts';
import { ENGINE, keysFor, NOW, NULL_SUITE, OUTER, SPI, seal } from '../support/sas.ts';

const OUTER6 = { source: '2001:db8:15::1', destination: '2001:db8:15::2' };
const compressor = (options: Partial<CompressorOptions> = {}) =>
  new Compressor({ cpi: IPCOMP_DEFLATE, rng: seededRng(3), ...options });
const tunnel = (options: Partial<CompressorOptions> = {}) => compressor({ outer: OUTER, ...options });
const transport = (options: Partial<CompressorOptions> = {}) => compressor({ mode: 'transport', ...options });
const decompressor = (options: Partial<DecompressorOptions> = {}) =>
  new Decompressor({ cpi: IPCOMP_DEFLATE, ...options });

const TEXT = new TextEncoder().encode('What comes again and again becomes small. '.repeat(20));

function octetsFrom(result: ReturnType<Compressor['compress']>): Uint8Array {
  if (!result.ok) throw new Error(result.reason);
  return result.octets;
}

describe('what is compressed', () => {
  it('comes back whole, in both modes, for every shape of headers, whatever the payload', () => {
    const payloads = fc.oneof(
      fc.uint8Array({ maxLength: 400 }),
      fc.integer({ min: 0, max: 3000 }).map((octets) => TEXT.subarray(0, octets % (TEXT.length + 1))),
      fc.integer({ min: 0, max: 3000 }).map((octets) => new Uint8Array(octets)),
    );
    const [out, back] = [transport({ adaptive: false }), decompressor({ mode: 'transport' })];
    const [outTunnel, backTunnel] = [OUTER, OUTER6].map((outer) => tunnel({ adaptive: false, outer })).concat();
    fc.assert(
      fc.property(payloads, fc.constantFrom(...HEADERS), (payload, headers) => {
        const packet = packetOf(headers, PROTOCOL.ospf, payload);
        expect(octetsFrom(back.decompress(octetsFrom(out.compress(packet))))).toEqual(packet);
        for (const one of [outTunnel, backTunnel]) {
          if (one === undefined) expect.fail();
          const sent = octetsFrom(one.compress(packet));
          expect(ip.packetOctets(sent, 0, sent.length)).toBe(sent.length);
          expect(ip.headerChecksumOk(sent, 0)).toBe(true);
          expect(octetsFrom(decompressor().decompress(sent))).toEqual(packet);
        }
      }),
    );
  });

  it('is raw DEFLATE behind a header with its protocol and its CPI (RFC 3173 §3.3, RFC 2394 §2)', () => {
    const packet = encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload: TEXT });
    const sent = decodeIpv4(octetsFrom(transport({ cpi: 0xabcd }).compress(packet)));
    expect(sent).toMatchObject({ protocol: PROTOCOL.ipcomp, headerChecksumOk: true });
    expect([ipcompNextHeader(sent.payload, 0), ipcompCpi(sent.payload, 0)]).toEqual([PROTOCOL.tcp, 0xabcd]);
    expect(sent.payload[1]).toBe(0);
    expect(new Uint8Array(inflateRawSync(sent.payload.subarray(4)))).toEqual(TEXT);

    const theirs = concat(Uint8Array.of(PROTOCOL.tcp, 0, 0, 2), new Uint8Array(deflateRawSync(TEXT)));
    const received = packetOf(HEADERS[0] ?? expect.fail(), PROTOCOL.ipcomp, theirs);
    const wanted = packetOf(HEADERS[0] ?? expect.fail(), PROTOCOL.tcp, TEXT);
    expect(octetsFrom(decompressor({ mode: 'transport' }).decompress(received))).toEqual(wanted);
  });

  it('never grows: what does not become smaller goes without a header (RFC 3173 §2.2)', () => {
    for (const octets of [0, 50, 89, 90, 300, 1400]) {
      const packet = ipv4Packet(octets);
      const out = transport({ adaptive: false });
      expect(out.compress(packet)).toEqual({ ok: true, octets: packet, wasCompressed: false });
      expect(out.counters).toMatchObject({ packets: 0, octetsBefore: 0, octetsAfter: 0, uncompressed: 1 });
      const inTunnel = decodeIpv4(octetsFrom(tunnel().compress(packet)));
      expect(inTunnel).toMatchObject({ protocol: PROTOCOL.ipip, headerChecksumOk: true, payload: packet });
    }
    const inTunnel = octetsFrom(tunnel({ outer: OUTER6 }).compress(ipv6Packet(30)));
    expect(ip.protocol(inTunnel, 0, inTunnel.length)).toBe(PROTOCOL.ipv6);
  });

  it('says whether it was compressed, on the way out and on the way in', () => {
    const packet = (payload: Uint8Array) => encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload });
    for (const wasCompressed of [true, false]) {
      const sent = packet(wasCompressed ? TEXT : octetsOf(300));
      for (const [out, back] of [
        [transport(), decompressor({ mode: 'transport' })],
        [tunnel(), decompressor()],
      ] as const) {
        const result = out.compress(sent);
        expect(result).toMatchObject({ wasCompressed });
        expect(back.decompress(octetsFrom(result))).toEqual({ ok: true, octets: sent, wasCompressed });
      }
    }
  });

  it('is at most so long as it may be: the packet, in either mode', () => {
    const packet = encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload: TEXT });
    for (const mode of ['tunnel', 'transport'] as const) {
      const sent = octetsFrom((mode === 'tunnel' ? tunnel() : transport()).compress(packet));
      const back = (mostOctets: number) => decompressor({ mode, mostOctets }).decompress(sent.slice());
      expect(back(packet.length)).toMatchObject({ ok: true });
      expect(back(packet.length - 1)).toEqual({ ok: false, reason: 'too-long' });
    }
  });

  it('is counted, and what is below the threshold is not tried', () => {
    const packet = encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload: TEXT });
    const out = transport({ threshold: TEXT.length });
    const { length } = octetsFrom(out.compress(packet));
    const after = length - 20;
    out.compress(packet.slice());
    expect(out.counters).toMatchObject({ packets: 2, octetsBefore: 2 * TEXT.length, octetsAfter: 2 * after });
    expect(transport({ threshold: TEXT.length + 1 }).compress(packet)).toMatchObject({ wasCompressed: false });
  });

  it('is left off for a while after packets in vain, ever longer, and tried again (RFC 3173 §2.2)', () => {
    const out = transport();
    const good = encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload: TEXT });
    const isCompressed = (result: ReturnType<Compressor['compress']>) => result.ok && result.wasCompressed;
    const rest = () => {
      let packets = 0;
      while (!isCompressed(out.compress(good))) packets += 1;
      return packets;
    };
    for (let i = 0; i < 4; i++) out.compress(ipv4Packet(300));
    expect(rest()).toBe(8);
    for (let i = 0; i < 4; i++) out.compress(ipv4Packet(300));
    for (let i = 0; i < 9; i++) out.compress(ipv4Packet(300));
    expect(rest()).toBe(16);
  });

  it('has the DSCP of its own header, or that of the tunnel’s where that is wanted (RFC 2983 §3)', () => {
    const inner = (tos: number) => encodeIpv4({ ...ADDRESSES_4, tos, protocol: 6, payload: TEXT });
    for (const threshold of [0, 0xffff]) {
      const sent = octetsFrom(tunnel({ threshold, outer: { ...OUTER, dscp: 46 } }).compress(inner(0x2a)));
      expect(octetsFrom(decompressor({ dscp: 'keep' }).decompress(sent.slice()))).toEqual(inner(0x2a));
      expect(octetsFrom(decompressor({ dscp: 'copy' }).decompress(sent.slice()))).toEqual(inner((46 << 2) | 2));
    }
    expect(() => decompressor({ mode: 'transport', dscp: 'copy' })).toThrow(/^dscp: /);
    expect(() => decompressor({ dscp: 'ef' as never })).toThrow(new RangeError('dscp must be one of keep, copy'));
  });

  it('goes into ESP in transport mode, as Linux and strongSwan do it, and out of it', () => {
    const shared = {
      engine: ENGINE,
      suite: NULL_SUITE,
      keys: keysFor(NULL_SUITE),
      spi: SPI,
      mode: 'transport' as const,
    };
    const esp = { out: new OutboundSa({ ...shared, rng: seededRng(4) }), in: new InboundSa(shared) };
    for (const payload of [TEXT, octetsOf(200)]) {
      const packet = encodeIpv4({ ...ADDRESSES_4, protocol: PROTOCOL.tcp, payload });
      const sealed = seal(esp.out, octetsFrom(tunnel().compress(packet)));
      const opened = esp.in.openInto(NOW, sealed, sealed.slice(), 0, 20);
      if (!opened.ok) expect.fail(opened.reason);
      expect(opened.nextHeader).toBe(payload === TEXT ? PROTOCOL.ipcomp : PROTOCOL.ipip);
      expect(octetsFrom(decompressor().decompress(opened.octets))).toEqual(packet);
    }
  });
});

describe('what is refused', () => {
  const head = HEADERS[0] ?? expect.fail();
  const ipcomp = (nextHeader: number, cpi: number, data: Uint8Array) =>
    packetOf(head, PROTOCOL.ipcomp, concat(Uint8Array.of(nextHeader, 0, cpi >> 8, cpi & 0xff), data));
  const deflated = (octets: Uint8Array) => new Uint8Array(deflateRawSync(octets));
  const pieces = fragmentIpv4(encodeIpv4({ ...ADDRESSES_4, protocol: 108, payload: octetsOf(200) }), 68) ?? [];

  it.each([
    ['bad-outer', octetsOf(40)],
    ['bad-outer', new Uint8Array(0)],
    ['fragment', pieces[0] ?? new Uint8Array(0)],
    ['malformed', packetOf(head, PROTOCOL.ipcomp, fromHex('060000'))],
    ['wrong-cpi', ipcomp(6, 3, deflated(TEXT))],
    ['bad-data', ipcomp(6, 2, new Uint8Array(0))],
    ['bad-data', ipcomp(6, 2, fromHex('ffffffff'))],
    ['bad-data', ipcomp(6, 2, deflated(TEXT).subarray(0, -2))],
    ['bad-next-header', ipcomp(108, 2, deflated(TEXT))],
    ['too-long', ipcomp(6, 2, deflated(new Uint8Array(65_516)))],
  ] as const)('%s, by name and counted, in transport mode', (reason, packet) => {
    const sa = decompressor({ mode: 'transport' });
    expect(sa.decompress(packet)).toEqual({ ok: false, reason });
    expect(sa.counters).toMatchObject({ packets: 0, uncompressed: 0, refusals: { [reason]: 1 } });
    expect(sa.decompress(ipcomp(6, 2, deflated(new Uint8Array(65_515))))).toMatchObject({ ok: true });
  });

  // Regression: what was refused on its way out was counted nowhere.
  it.each([
    ['bad-inner', transport, octetsOf(40)],
    ['fragment', transport, pieces[0] ?? new Uint8Array(0)],
    ['bad-inner', tunnel, octetsOf(40)],
    ['too-long', tunnel, ipv4Packet(65_515)],
  ] as const)('%s, by name and counted, on its way out (%#)', (reason, make, packet) => {
    const sa = make();
    expect(sa.compress(packet)).toEqual({ ok: false, reason });
    expect(sa.counters).toMatchObject({ packets: 0, uncompressed: 0, refusals: { [reason]: 1 } });
  });

  it.each([
    ['bad-outer', ipv4Packet(40)],
    ['bad-next-header', ipcomp(6, 2, deflated(TEXT))],
    ['bad-inner', ipcomp(4, 2, deflated(TEXT))],
    ['bad-inner', ipcomp(41, 2, deflated(ipv4Packet(200)))],
    ['too-long', ipcomp(4, 2, deflated(new Uint8Array(65_536)))],
  ] as const)('%s, by name and counted, in tunnel mode', (reason, packet) => {
    const sa = decompressor();
    expect(sa.decompress(packet)).toEqual({ ok: false, reason });
    expect(sa.counters.refusals).toEqual({
      ...Object.fromEntries(IPCOMP_REFUSALS.map((name) => [name, 0])),
      [reason]: 1,
    });
  });

  it('a congestion mark that the inner packet cannot carry, and others arrive (RFC 6040 §4.2)', () => {
    const inner = (tos: number) => encodeIpv4({ ...ADDRESSES_4, tos, protocol: 6, payload: TEXT });
    for (const [before, expected] of [
      [0, 'congested'],
      [2, 3],
    ] as const) {
      const sent = octetsFrom(tunnel().compress(inner(before)));
      ip.setTos(sent, 0, 3);
      const result = decompressor().decompress(sent);
      expect(result.ok ? result.octets : result.reason).toEqual(expected === 3 ? inner(3) : expected);
    }
  });

  it('what is to be compressed and is no whole packet, a fragment, or too long for the tunnel', () => {
    expect(transport().compress(octetsOf(30))).toEqual({ ok: false, reason: 'bad-inner' });
    expect(tunnel().compress(ipv4Packet(9).subarray(1))).toEqual({ ok: false, reason: 'bad-inner' });
    expect(transport().compress(pieces[1] ?? expect.fail())).toEqual({ ok: false, reason: 'fragment' });
    expect(tunnel().compress(ipv4Packet(65_515))).toEqual({ ok: false, reason: 'too-long' });
  });

  it('what is IPComp already, in transport mode, at the other end', () => {
    const [headers = expect.fail()] = HEADERS;
    for (const [payload, reason] of [
      [Uint8Array.of(17, 0, 0, 9, 1, 2), 'wrong-cpi'],
      [TEXT, 'bad-next-header'],
    ] as const) {
      const sent = octetsFrom(transport().compress(packetOf(headers, PROTOCOL.ipcomp, payload)));
      expect(decompressor({ mode: 'transport' }).decompress(sent)).toEqual({ ok: false, reason });
    }
  });

  it('headers that have no form, in transport mode', () => {
    const packet = ipv6Packet(0, { nextHeader: 60, payload: fromHex('0000050200000000') });
    expect(decompressor({ mode: 'transport' }).decompress(packet)).toEqual({ ok: false, reason: 'bad-outer' });
  });

  it('a choice to adapt that is neither yes nor no', () => {
    expect(() => tunnel({ adaptive: 'no' as never })).toThrow(new TypeError('adaptive must be a boolean'));
  });

  it('a bomb, before it has gone off', () => {
    const bomb = deflated(new Uint8Array(60_000_000));
    expect(bomb.length).toBeGreaterThan(50_000);
    const least = (work: () => void) =>
      Math.min(
        ...[0, 1, 2].map(() => {
          const before = performance.now();
          work();
          return performance.now() - before;
        }),
      );
    const ours = least(() =>
      expect(decompressor().decompress(ipcomp(4, 2, bomb))).toMatchObject({ reason: 'too-long' }),
    );
    expect(ours).toBeLessThan(least(() => inflateRawSync(bomb)));
  });

  it('any octets at all, by a name', () => {
    const names: readonly string[] = IPCOMP_REFUSALS;
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (octets, isTunnel) => {
        const sa = decompressor({ mode: isTunnel ? 'tunnel' : 'transport' });
        for (const packet of [octets, ipcomp(4, 2, octets)]) {
          const result = sa.decompress(packet);
          if (!result.ok) expect(names).toContain(result.reason);
        }
      }),
    );
  });

  it('options outside their bounds', () => {
    expect(() => compressor()).toThrow(TypeError);
    expect(() => transport({ outer: OUTER })).toThrow(TypeError);
    expect(() => tunnel({ outer: { ...OUTER, udp: { sourcePort: 1, destinationPort: 2 } } })).toThrow(TypeError);
    expect(() => transport({ cpi: 65_536 })).toThrow(RangeError);
    expect(() => transport({ threshold: -1 })).toThrow(RangeError);
    expect(() => decompressor({ cpi: -1 })).toThrow(RangeError);
    expect(() => decompressor({ mostOctets: 67 })).toThrow(RangeError);
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => decompressor({ mode: 'beet' })).toThrow(RangeError);
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => transport().compress('octets')).toThrow(TypeError);
  });
});
