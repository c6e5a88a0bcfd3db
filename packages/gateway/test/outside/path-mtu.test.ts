import { ESP_SUITES, nobleEngine } from '@espalier/crypto';
import { innerMtu, OutboundSa } from '@espalier/esp';
import { decodeIpv4, encodeIpv4, instant, ipv4, parseAddress, Reassembler, spi } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { fitToMtu } from '../../src/outbound/path-mtu.ts';

const source = parseAddress('10.1.12.2');
const destination = parseAddress('10.1.56.2');

function packet(octets: number, fields: { readonly dontFragment?: boolean; readonly identification?: number } = {}) {
  const payload = new Uint8Array(octets - 20).map((_, i) => i);
  return encodeIpv4({ source, destination, protocol: 17, payload, ...fields });
}

function piecesOf(...args: Parameters<typeof fitToMtu>): readonly Uint8Array[] {
  const pieces = fitToMtu(...args);
  if (typeof pieces === 'string') throw new Error(pieces);
  return pieces;
}

describe('the inner MTU', () => {
  const engine = nobleEngine();
  const suites = ESP_SUITES.filter((suite) => engine.supports(suite));

  it.each(
    suites.flatMap((suite) =>
      ([4, 6] as const).flatMap((family) => [false, true].map((inUdp) => [suite.name, family, inUdp, suite] as const)),
    ),
  )('is the most that %s over IPv%s (in UDP: %s) seals within the outer MTU', (_, family, inUdp, suite) => {
    const sa = new OutboundSa({
      engine,
      suite,
      keys: {
        encryption: new Uint8Array(suite.encryptionKeyOctets).map((_, i) => i * 31 + 7),
        salt: new Uint8Array(suite.saltOctets),
        integrity: new Uint8Array(suite.integrityKeyOctets),
      },
      spi: spi(256),
      rng: seededRng(1),
      outer: {
        source: family === 4 ? '10.1.15.1' : '2001:db8::1',
        destination: family === 4 ? '10.1.15.2' : '2001:db8::2',
        ...(inUdp ? { udp: { sourcePort: 4500, destinationPort: 4500 } } : {}),
      },
    });
    for (let outside = 576; outside < 640; outside++) {
      const mtu = innerMtu(suite, { family, udp: inUdp }, outside);
      expect(sa.sealedOctets(mtu)).toBeLessThanOrEqual(outside);
      expect(sa.sealedOctets(mtu + 1)).toBeGreaterThan(outside);
    }
  });
});

describe('a packet that enters a tunnel', () => {
  it('is cut into pieces that fit and make the same packet again', () => {
    fc.assert(
      fc.property(fc.integer({ min: 68, max: 1500 }), fc.integer({ min: 256, max: 1500 }), (octets, mtu) => {
        const whole = packet(octets, { identification: 7 });
        const pieces = piecesOf(whole, mtu, false);
        const reassembler = new Reassembler();
        const results = pieces.map((piece) => {
          expect(piece.length).toBeLessThanOrEqual(mtu);
          return reassembler.accept(instant(0), piece);
        });
        expect(results.at(-1)).toEqual({ kind: 'whole', packet: whole });
      }),
    );
  });

  it('stays whole when it says Don’t Fragment, unless that bit is cleared on entry', () => {
    expect(fitToMtu(packet(1000, { dontFragment: true }), 999, false)).toBe('fragmentation-needed');
    const whole = packet(1000, { dontFragment: true });
    const pieces = piecesOf(whole, 999, true);
    expect(whole).toEqual(packet(1000, { dontFragment: true }));
    expect(pieces).toHaveLength(2);
    for (const piece of pieces)
      expect(decodeIpv4(piece)).toMatchObject({ dontFragment: false, headerChecksumOk: true });
  });

  it('is refused when it is itself a fragment that reaches beyond the longest packet', () => {
    const beyond = packet(1000);
    ipv4.setFragmentation(beyond, 0, false, false, 65_528);
    expect(fitToMtu(beyond, 999, false)).toBe('malformed-packet');
  });
});
