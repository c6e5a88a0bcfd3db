import type { OuterHeaderOptions } from '@espalier/esp';
import { ip } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ipv4Packet, ipv6Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, OUTER, open, outboundSa, poolOf, seal } from '../support/sas.ts';

const OUTER6 = { source: '2001:db8:15::1', destination: '2001:db8:15::2' };

const AROUND = [
  { outside: 4, addresses: OUTER },
  { outside: 6, addresses: OUTER6 },
] as const;
const TOS = [0x00, 0x01, 0x02, 0x03, 0xb8, 0xbb];
const HOP_LIMIT = 7;
const FLOW_LABEL = 0x54321;
const INSIDE = TOS.flatMap((tos) => [
  { inside: 4, tos, inner: ipv4Packet(40, { tos, ttl: HOP_LIMIT, dontFragment: false }), df: false, label: 0 },
  { inside: 4, tos, inner: ipv4Packet(40, { tos, ttl: HOP_LIMIT, dontFragment: true }), df: true, label: 0 },
  {
    inside: 6,
    tos,
    inner: ipv6Packet(40, { trafficClass: tos, hopLimit: HOP_LIMIT, flowLabel: FLOW_LABEL }),
    df: true,
    label: FLOW_LABEL,
  },
]);

function sealed(addresses: typeof OUTER, options: Partial<OuterHeaderOptions>, inner: Uint8Array): Uint8Array {
  return seal(outboundSa(NULL_SUITE, { outer: { ...addresses, ...options } }), inner);
}

describe.each(AROUND)('the policies of an outer IPv$outside header (RFC 4301 §5.1.2)', ({ outside, addresses }) => {
  it('TTL: fixed, or that of the inner packet, which keeps its own', () => {
    for (const { inner } of INSIDE) {
      for (const [ttl, expected] of [
        [undefined, 64],
        [1, 1],
        [255, 255],
        ['copy', HOP_LIMIT],
      ] as const) {
        const packet = sealed(addresses, ttl === undefined ? {} : { ttl }, inner);
        expect(ip.hopLimit(packet, 0)).toBe(expected);
        expect(ip.headerChecksumOk(packet, 0)).toBe(true);
        expect(open(inboundSa(NULL_SUITE), packet.subarray(outside === 4 ? 20 : 40))).toEqual(inner);
      }
    }
  });

  it('DSCP: as inside or fixed; ECN: as inside, or none in compatibility mode (RFC 6040 §4.1)', () => {
    for (const { tos, inner } of INSIDE) {
      for (const dscp of ['copy', 0, 46, 63] as const) {
        for (const ecn of ['normal', 'compatibility'] as const) {
          const upper = dscp === 'copy' ? tos & 0xfc : dscp << 2;
          const lower = ecn === 'normal' ? tos & 3 : 0;
          expect(ip.tos(sealed(addresses, { dscp, ecn }, inner), 0)).toBe(upper | lower);
        }
      }
    }
  });

  it('Don’t Fragment: clear, set, or as inside, where IPv6 counts as set', () => {
    for (const { inner, df } of INSIDE) {
      for (const [policy, expected] of [
        ['clear', false],
        ['set', true],
        ['copy', df],
      ] as const) {
        const packet = sealed(addresses, { df: policy }, inner);
        expect(ip.dontFragment(packet, 0)).toBe(outside === 6 || expected);
      }
    }
  });

  it('flow label: none, fixed, or as inside', () => {
    for (const { inner, label } of INSIDE) {
      for (const [flowLabel, expected] of [
        [undefined, 0],
        [0xfffff, 0xfffff],
        ['copy', label],
      ] as const) {
        const packet = sealed(addresses, flowLabel === undefined ? {} : { flowLabel }, inner);
        expect(ip.flowLabel(packet, 0)).toBe(outside === 6 ? expected : 0);
        expect(ip.version(packet, 0)).toBe(outside);
      }
    }
  });

  it.each([
    { ttl: 0 },
    { ttl: 256 },
    { flowLabel: -1 },
    { flowLabel: 0x100000 },
    { df: 'maybe' },
    { ecn: 'full' },
    { dscp: 64 },
  ])('cannot be %o', (options) => {
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => sealed(addresses, options, ipv4Packet(1))).toThrow(RangeError);
  });
});

describe('a packet out of a tunnel', () => {
  const [NOT_ECT, ECT_1, ECT_0, CE] = [0, 1, 2, 3];
  /** RFC 6040 §4.2, figure 4: by the inner field, then the outer one. */
  const DECAPSULATION = [
    [NOT_ECT, NOT_ECT, NOT_ECT],
    [NOT_ECT, ECT_0, NOT_ECT],
    [NOT_ECT, ECT_1, NOT_ECT],
    [NOT_ECT, CE, 'congested'],
    [ECT_0, NOT_ECT, ECT_0],
    [ECT_0, ECT_0, ECT_0],
    [ECT_0, ECT_1, ECT_1],
    [ECT_0, CE, CE],
    [ECT_1, NOT_ECT, ECT_1],
    [ECT_1, ECT_0, ECT_1],
    [ECT_1, ECT_1, ECT_1],
    [ECT_1, CE, CE],
    [CE, NOT_ECT, CE],
    [CE, ECT_0, CE],
    [CE, ECT_1, CE],
    [CE, CE, CE],
  ] as const;

  it.each(['keep', 'copy'] as const)('has what RFC 6040 says for an ECN field, and its DSCP by policy: %s', (dscp) => {
    const batch = poolOf(1).createBatch(1);
    for (const [inside, outside, expected] of DECAPSULATION) {
      for (const innerDscp of [0, 0xb8, 0xfc]) {
        for (const outerDscp of [0, 0x28, 0xfc]) {
          const packets = (tos: number) => [ipv4Packet(24, { tos }), ipv6Packet(24, { trafficClass: tos })];
          const wanted = dscp === 'keep' ? innerDscp : outerDscp;
          for (const [i, inner] of packets(innerDscp | inside).entries()) {
            const esp = seal(outboundSa(NULL_SUITE), inner);
            const opened = open(inboundSa(NULL_SUITE, { dscp }), esp, outerDscp | outside);
            const become = expected === 'congested' ? expected : packets(wanted | expected)[i];
            expect(opened).toEqual(become);

            batch.add(esp, outerDscp | outside);
            inboundSa(NULL_SUITE, { dscp }).openBatch(NOW, batch);
            const { ok, octets, reason } = batch.at(0);
            expect(ok ? octets : reason).toEqual(become);
            batch.clear();
          }
        }
      }
    }
  });

  it('has a policy that is one, and in tunnel mode alone', () => {
    // @ts-expect-error what a caller in JavaScript can give
    expect(() => inboundSa(NULL_SUITE, { dscp: 'outer' })).toThrow(RangeError);
    expect(() => inboundSa(NULL_SUITE, { mode: 'transport', dscp: 'copy' })).toThrow(TypeError);
  });
});
