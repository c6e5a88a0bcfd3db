import { encodeIcmp, encodeIpv4, instant, ip, PROTOCOL, parseAddress } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import type { ManualProtection, ManualSa } from '../../src/index.ts';
import {
  ahSa,
  bundle,
  datagram,
  datagram6,
  delivered,
  EAST,
  espSa,
  gateway,
  keyOf,
  manual,
  mirrored,
  Pair,
  policyOf,
  transmitted,
  WEST,
} from './hosts.ts';

const ESP = 50;
const AH = 51;

/** What is in a packet on the wire: protocols one behind the other, as far as they can be read. */
function chain(packet: Uint8Array): number[] {
  const protocol = ip.protocol(packet, 0, packet.length);
  const at = ip.payloadAt(packet, 0, packet.length);
  return protocol === AH ? [AH, packet[at] ?? 0] : [protocol];
}

const ENDS = {
  4: { local: WEST, remote: EAST },
  6: { local: '2001:db8:15::1', remote: '2001:db8:15::2' },
} as const;

const SAS: readonly (readonly [string, (spi: number) => ManualSa, readonly ('esp' | 'ah')[]])[] = [
  ['ESP', (spi) => espSa(spi), ['esp']],
  ['AH', (spi) => ahSa(spi), ['ah']],
  ['AH around ESP', (spi) => bundle(spi, spi + 1), ['esp', 'ah']],
  ['AH around ESP without integrity', (spi) => bundle(spi, spi + 1, '3des-cbc/none'), ['esp', 'ah']],
];

const GRID = SAS.flatMap(([name, sa, protocols]) =>
  (['tunnel', 'transport'] as const).flatMap((mode) =>
    ([4, 6] as const).map((family) => ({ name, sa, protocols, mode, family })),
  ),
);

describe('protocols by hand', () => {
  it.each(GRID)('$name in $mode mode over IPv$family brings packets through, and each protocol counts them', (one) => {
    const { sa, protocols, mode, family } = one;
    const ends = ENDS[family];
    const pair = new Pair(manual({ ...ends, mode, inbound: sa(300), outbound: sa(400) }));
    const make = family === 4 ? datagram : datagram6;
    const packet = mode === 'transport' ? make(100, ends.local, ends.remote) : make(100);
    const { outcomes, out, sent } = pair.send(packet);
    expect(outcomes).toEqual([{ ok: true, action: 'accepted' }]);
    expect(out).toEqual([packet]);
    const inner = mode === 'transport' ? PROTOCOL.udp : family === 4 ? 4 : 41;
    const hasAh = protocols.includes('ah');
    const hasEsp = protocols.includes('esp');
    expect(sent.map(chain)).toEqual([hasAh ? [AH, hasEsp ? ESP : inner] : [ESP]]);
    const octets = packet.length;
    expect(pair.west.statistics('by hand')).toMatchObject({
      espEncryptedPackets: hasEsp ? 1 : 0,
      espEncryptedBytes: hasEsp ? octets : 0,
      ahOutputPackets: hasAh ? 1 : 0,
      ahOutputBytes: hasAh ? octets : 0,
    });
    expect(pair.east.statistics('by hand')).toMatchObject({
      espDecryptedPackets: hasEsp ? 1 : 0,
      espDecryptedBytes: hasEsp ? octets : 0,
      ahInputPackets: hasAh ? 1 : 0,
      ahInputBytes: hasAh ? octets : 0,
    });
  });

  it('may be ESP without integrity alone, where that is asked for', () => {
    const sa = (spi: number) => espSa(spi, 'aes-128-cbc/none');
    const pair = new Pair(manual({ inbound: sa(300), outbound: sa(301), unauthenticated: true }));
    expect(pair.send(datagram(100)).out).toEqual([datagram(100)]);
  });

  it('are told by the view, what is outside last', () => {
    const pair = new Pair(manual({ inbound: bundle(300, 301), outbound: espSa(400) }));
    expect(pair.west.ipsecSas()[0]?.sas).toMatchObject({
      inbound: [
        { protocol: 'esp', spi: 301, suite: { name: 'aes-128-cbc/hmac-sha1-96' } },
        { protocol: 'ah', spi: 300, suite: { name: 'hmac-sha1-96' } },
      ],
      outbound: [{ protocol: 'esp', spi: 400 }],
    });
    expect(pair.send(datagram()).out).toEqual([datagram()]);
  });

  it('keep the order of packets, whatever they go through', () => {
    const pair = new Pair(manual({ inbound: ahSa(300), outbound: bundle(300, 301) }));
    const packets = [1, 2, 3].map((octets) => datagram(octets));
    pair.west.handleInsideBatch(pair.now, packets);
    pair.east.handleOutsideBatch(pair.now, transmitted(pair.west));
    expect(delivered(pair.east)).toEqual(packets);
  });

  it('may have the same SPI: those of AH are others than those of ESP', () => {
    const hub = gateway([
      { ...policyOf(mirrored(manual({ outbound: ahSa(300) })), 'ah'), selectors: { remote: '10.1.12.0/24' } },
      { ...policyOf(mirrored(manual({ outbound: espSa(300) })), 'esp'), selectors: { remote: '10.1.13.0/24' } },
    ]);
    for (const [outbound, source] of [
      [ahSa(300), '10.1.12.2'],
      [espSa(300), '10.1.13.2'],
    ] as const) {
      const west = gateway([policyOf(manual({ outbound }))]);
      west.handleInside(instant(0), datagram(8, source));
      const [sealed = new Uint8Array()] = transmitted(west);
      expect(hub.handleOutside(instant(0), sealed)).toMatchObject({ ok: true });
    }
    expect(delivered(hub)).toHaveLength(2);
  });
});

describe('what comes by AH', () => {
  const sealedBy = (protection: ManualProtection, packet = datagram()): Uint8Array => {
    const west = gateway([policyOf(protection)]);
    west.handleInside(instant(0), packet);
    return transmitted(west)[0] ?? new Uint8Array(0);
  };
  const east = (protection: ManualProtection) => gateway([policyOf(mirrored(protection))]);

  it('is refused where its ICV is wrong, and counted as what AH has refused', () => {
    const here = east(manual({ outbound: ahSa(400) }));
    const sealed = sealedBy(manual({ outbound: { ah: { ...ahSa(400).ah, key: keyOf(9, 20) } } }));
    expect(here.handleOutside(instant(0), sealed)).toEqual({ ok: false, by: 'ah', reason: 'bad-icv' });
    expect(here.statistics('by hand')).toMatchObject({
      ahAuthenticationFailures: 1,
      espAuthenticationFailures: 0,
      ahInputPackets: 0,
    });
    expect(here.refusals.ah['bad-icv']).toBe(1);
    expect(here.refusals.esp['bad-icv']).toBe(0);
  });

  it('is refused where the ESP in it is wrong, and counted as what ESP has refused', () => {
    const right = bundle(400, 401);
    const here = east(manual({ outbound: right }));
    const sealed = sealedBy(manual({ outbound: { ...right, ...espSa(401, 'null/hmac-sha1-96') } }));
    expect(here.handleOutside(instant(0), sealed)).toMatchObject({ ok: false, by: 'esp' });
    expect(here.statistics('by hand')).toMatchObject({ ahAuthenticationFailures: 0, ahInputPackets: 0 });
  });

  it.each([
    ['no ESP is in it and there should be', ahSa(400), bundle(400, 401), 'unprotected'],
    ['ESP is there without it', espSa(401, 'aes-128-cbc/hmac-sha1-96'), bundle(400, 401), 'unknown-spi'],
    ['nobody knows its SPI', ahSa(402), ahSa(400), 'unknown-spi'],
  ] as const)('is refused where %s', (_, sent, expected, reason) => {
    const here = east(manual({ outbound: expected }));
    expect(here.handleOutside(instant(0), sealedBy(manual({ outbound: sent })))).toEqual({
      ok: false,
      by: 'gateway',
      reason,
    });
    expect(delivered(here)).toEqual([]);
  });

  it('is refused where any octet of it was changed that no router changes', () => {
    const protection = manual({ outbound: ahSa(400) });
    const here = east(protection);
    const sealed = sealedBy(protection);
    for (let at = 20; at < sealed.length; at++) {
      const changed = sealed.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(here.handleOutside(instant(0), changed), `octet ${at}`).toMatchObject({ ok: false });
    }
    expect(delivered(here)).toEqual([]);
  });

  it('is held to the path that a router tells of', () => {
    const protection = manual({ inbound: ahSa(300), outbound: ahSa(400) });
    const west = gateway([policyOf(protection)]);
    west.handleInside(instant(0), datagram(1000));
    const [sealed = new Uint8Array()] = transmitted(west);
    const tooBig = encodeIpv4({
      source: parseAddress('192.0.2.1'),
      destination: parseAddress(WEST),
      protocol: PROTOCOL.icmp,
      payload: encodeIcmp({
        kind: 'destination-unreachable',
        code: 4,
        nextHopMtu: 900,
        original: sealed.subarray(0, 28),
      }),
    });
    expect(west.handleOutside(instant(0), tooBig)).toMatchObject({ ok: true, action: 'accepted' });
    west.handleInside(instant(0), datagram(1000));
    const pieces = transmitted(west);
    expect(pieces.length).toBe(2);
    for (const piece of pieces) expect(piece.length).toBeLessThanOrEqual(900);
  });

  it('fits into what the path carries, to the octet', () => {
    for (const sa of [ahSa(400), bundle(400, 401)]) {
      const west = gateway([policyOf(manual({ outbound: sa, outsideMtu: 600 }))]);
      const lengths = [];
      for (let octets = 400; octets < 600; octets++) {
        west.handleInside(instant(0), datagram(octets));
        const sent = transmitted(west);
        if (sent.length === 1) lengths.push(sent[0]?.length ?? 0);
        for (const packet of sent) expect(packet.length).toBeLessThanOrEqual(600);
      }
      expect(Math.max(...lengths)).toBeGreaterThan(600 - 16);
    }
  });
});

describe('AH that cannot be given by hand', () => {
  const ah = (change: object): Partial<ManualProtection> => ({ inbound: { ah: { ...ahSa(300).ah, ...change } } });
  it.each([
    ['inbound: must have esp, ah or both', { inbound: {} }],
    ['inbound.ah.spi: ', ah({ spi: 255 })],
    ['inbound.ah.suite: ', ah({ suite: { name: 'aes-128-cbc' } })],
    ['inbound.ah.suite: ', ah({ suite: undefined })],
    ['inbound.ah.key: ', ah({ key: keyOf(1, 19) })],
    ['inbound.ah.key', ah({ key: 'key' })],
    ['inbound.ah.suite: MD5', { inbound: ahSa(300, 'hmac-md5-96') }],
    ['inbound.esp.suite: encrypts and authenticates nothing', { inbound: espSa(300, '3des-cbc/none') }],
    ['unauthenticated: ', { unauthenticated: 1 }],
  ])('is refused by the name of its argument: %s', (argument, change) => {
    const make = () => gateway([policyOf({ ...manual(), ...change } as ManualProtection)]);
    expect(make).toThrow(`config.policies[0].action.${argument}`);
  });

  it('is what another has: its SPI, between the same addresses', () => {
    const twice = () =>
      gateway([
        policyOf(manual({ inbound: ahSa(300) }), 'one'),
        policyOf(manual({ inbound: bundle(300, 301) }), 'two'),
      ]);
    expect(twice).toThrow('config.policies[1].action.inbound.ah.spi: 300 is that of one, between the same addresses');
  });
});
