import { encodeIpv4, fragmentIpv4, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, gatewayAddress, hostAddress, lendPooled, plainLink, type Variation } from './support/bed.ts';

/** All that a bed has put on its link, and all that has come out of it. */
function history(variation: Variation): unknown {
  const bed = new Bed(variation);
  const inUdp = variation.options?.outside === 'udp';
  const pieces = (octets: Uint8Array) => (inUdp ? [octets] : (fragmentIpv4(octets, 900) ?? [octets]));
  bed.link = (from, octets) => pieces(octets).flatMap((piece) => plainLink(from, piece));
  for (let i = 0; i < 5; i++) bed.ping('R2', i, 50 + i);
  bed.run(seconds(1));
  for (let i = 5; i < 10; i++) {
    bed.ping('R2', i, 1200, { dontFragment: i % 2 === 0 });
    bed.ping('R3', i, 5000);
    bed.run(seconds(1));
  }
  bed.inside('R2', elsewhere);
  if (!inUdp) bed.outside('R3', elsewhere);
  bed.run(seconds(400));
  bed.ping('R3', 10);
  bed.close('R2');
  bed.run(seconds(10));
  return {
    sent: bed.sent.map(({ octets, ...rest }) => ({ ...rest, octets: Uint8Array.from(octets) })),
    received: (['R2', 'R3'] as const).map((name) => bed.site(name).received),
    events: (['R2', 'R3'] as const).map((name) => bed.site(name).events),
  };
}

const elsewhere = encodeIpv4({
  source: parseAddress('10.1.12.2'),
  destination: parseAddress('192.0.2.1'),
  protocol: 17,
  payload: new Uint8Array(8).fill(7),
});

const bypass: NonNullable<Variation['alter']> = (policies) => [
  ...policies,
  { name: 'others', action: { kind: 'bypass' } },
];

describe('octets that a caller hands in', () => {
  it.each<[string, Variation]>([
    ['whole packets', {}],
    ['payloads of UDP', { options: { outside: 'udp' } }],
    ['packets that pass in the clear', { spd: 'common', alter: bypass }],
    ['packets that lose Don’t Fragment and are cut', { protect: { clearDontFragment: true, mtu: 600 } }],
    ['packets larger than a slot', { options: { packetSlots: 1 } }],
    ['packets across a renewal', { ipsecLifetime: seconds(180) }],
  ])('may lie in memory that is used for something else after the call: %s', (_, variation) => {
    expect(history({ ...variation, memory: 'pooled' })).toEqual(history({ ...variation, memory: 'plain' }));
  });

  it('are as good in batches', () => {
    const [plain, pooled] = (['plain', 'pooled'] as const).map((memory) => {
      const bed = new Bed({ suite: 'null/hmac-sha1-96', memory });
      bed.ping('R2', 0);
      bed.run(seconds(1));
      const { gateway } = bed.site('R2');
      const packets = Array.from({ length: 40 }, (_, i) => {
        const [source, destination] = [parseAddress(hostAddress('R2')), parseAddress(hostAddress('R3'))];
        return encodeIpv4({ source, destination, protocol: 17, payload: new Uint8Array(20 + i).fill(i) });
      });
      const take = (list: readonly Uint8Array[]) => gateway.handleInsideBatch(bed.now, list);
      if (memory === 'plain') take(packets);
      else {
        const lent = packets.map((packet) => Buffer.from(packet));
        take(lent);
        for (const each of lent) each.fill(0xaa);
      }
      bed.drain();
      bed.run(seconds(1));
      return bed.site('R3').received.map(({ packet }) => packet);
    });
    expect(pooled).toHaveLength(41);
    expect(pooled).toEqual(plain);
  });

  it('stay the caller’s own: nothing of them is changed, the key not even by close', () => {
    const bed = new Bed({ protect: { clearDontFragment: true } });
    const packet = Buffer.from(elsewhere);
    bed.site('R2').gateway.handleInside(bed.now, packet);
    bed.run(seconds(1));
    expect(Uint8Array.from(packet)).toEqual(elsewhere);
    const key = Buffer.from('a key of the caller');
    const own = new Bed({ peer: { preSharedKey: key } });
    own.close('R2');
    expect(key.toString()).toBe('a key of the caller');
  });

  const NO_OCTETS = [
    ['text', 'text'],
    ['an array', [1, 2, 3]],
    ['a DataView', new DataView(new ArrayBuffer(40))],
    ['an ArrayBuffer', new ArrayBuffer(40)],
    ['another typed array', new Uint16Array(40)],
    ['nothing', undefined],
  ] as const;

  it.each(NO_OCTETS)('are refused by the name of the argument where they are %s', (_, octets) => {
    const bed = new Bed();
    const { gateway } = bed.site('R2');
    const [from, to] = ['R3', 'R2'].map((name) => ({
      address: gatewayAddress(name === 'R2' ? 'R2' : 'R3'),
      port: 500,
    }));
    const calls: readonly (readonly [string, () => unknown])[] = [
      ['packet', () => Reflect.apply(gateway.handleInside, gateway, [bed.now, octets])],
      ['packet', () => Reflect.apply(gateway.handleOutside, gateway, [bed.now, octets])],
      ['payload', () => Reflect.apply(gateway.handleDatagram, gateway, [bed.now, from, to, octets])],
      ['packet', () => Reflect.apply(gateway.handleInsideBatch, gateway, [bed.now, [octets]])],
      ['packet', () => Reflect.apply(gateway.handleOutsideBatch, gateway, [bed.now, [octets]])],
    ];
    const before = gateway.refusals;
    for (const [argument, call] of calls) {
      expect(call).toThrow(TypeError);
      expect(call).toThrow(new RegExp(`^${argument}\\b`));
    }
    expect(gateway.refusals).toEqual(before);
    bed.ping('R2', 1);
    bed.run(seconds(1));
    expect(bed.pings('R3')).toEqual([1]);
  });

  it.each([
    ['now', (bed: Bed) => Reflect.apply(bed.site('R2').gateway.handleTimeout, bed.site('R2').gateway, ['soon'])],
    ['now', (bed: Bed) => Reflect.apply(bed.site('R2').gateway.handleTimeout, bed.site('R2').gateway, [Number.NaN])],
    ['source', (bed: Bed) => Reflect.apply(bed.site('R2').gateway.handleDatagram, bed.site('R2').gateway, [bed.now])],
    [
      'source',
      (bed: Bed) => Reflect.apply(bed.site('R2').gateway.handleDatagrams, bed.site('R2').gateway, [bed.now, [1]]),
    ],
  ] as const)('come with %s, or are refused by its name', (argument, call) => {
    expect(() => call(new Bed())).toThrow(new RegExp(`^${argument}: `));
  });

  it('may be of a class of the caller’s own', () => {
    class Octets extends Uint8Array {}
    const bed = new Bed();
    bed.inside('R2', Octets.from(elsewhere));
    lendPooled(elsewhere, (octets) => bed.inside('R2', octets));
    bed.run(seconds(1));
    expect(bed.site('R3').received.map(({ packet }) => packet)).toEqual([elsewhere, elsewhere]);
  });
});
