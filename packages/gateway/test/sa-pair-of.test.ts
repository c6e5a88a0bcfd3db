import { ahSuite, espSuite, nobleEngine } from '@espalier/crypto';
import { type ChildPolicy, IkeEndpoint, type NegotiatedChild, type PeerConfig } from '@espalier/ike';
import { encodeIpv4, fromAscii, instant, ip, ipv4SubnetId, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { type EspSaPair, saPairOf, wipeChild } from '../src/index.ts';

const NOW = instant(0);
const ENDS = {
  west: { address: '192.0.2.1', net: '10.1.0.0/16' },
  east: { address: '198.51.100.1', net: '10.2.0.0/16' },
} as const;
type Side = keyof typeof ENDS;

const engine = nobleEngine();
const rng = seededRng(1);

function endpoint(side: Side, child: Partial<ChildPolicy>, peer: Partial<PeerConfig>): IkeEndpoint {
  const other = side === 'west' ? 'east' : 'west';
  const at = (end: Side) => ({ address: ENDS[end].address, port: 500 });
  const policy: ChildPolicy = {
    ...{ name: 'net', suites: [espSuite('aes-128-gcm-16')], lifetime: seconds(3600) },
    ...{ localIdentity: ipv4SubnetId(ENDS[side].net), remoteIdentity: ipv4SubnetId(ENDS[other].net) },
    ...child,
  };
  const config: PeerConfig = {
    ...{ name: other, local: at(side), remote: at(other), preSharedKey: fromAscii('secret'), lifetime: seconds(3600) },
    proposals: [
      { encryption: 'aes-cbc', keyOctets: 16, hash: 'sha2-256', group: 31, authentication: 'pre-shared-key' },
    ],
    children: [policy],
    ...peer,
  };
  return new IkeEndpoint({ engine, rng, peers: [config] });
}

/** What both ends agree on, as each has it at the end. */
function agreed(child: Partial<ChildPolicy> = {}, peer: Partial<PeerConfig> = {}): Record<Side, NegotiatedChild> {
  const ends = { west: endpoint('west', child, peer), east: endpoint('east', child, peer) };
  const children: Partial<Record<Side, NegotiatedChild>> = {};
  ends.west.initiate(NOW, 'east');
  for (let isBusy = true; isBusy; ) {
    isBusy = false;
    for (const side of ['west', 'east'] as const) {
      for (let event = ends[side].pollEvent(); event; event = ends[side].pollEvent()) {
        if (event.kind === 'child-established') children[side] = event.child;
      }
      for (let out = ends[side].pollTransmit(); out; out = ends[side].pollTransmit()) {
        ends[side === 'west' ? 'east' : 'west'].handleDatagram(NOW, out.source, out.destination, out.octets);
        isBusy = true;
      }
    }
  }
  const { west = expect.fail('no child'), east = expect.fail('no child') } = children;
  return { west, east };
}

const packet = encodeIpv4({
  source: parseAddress('10.1.0.7'),
  destination: parseAddress('10.2.0.9'),
  protocol: 17,
  payload: Uint8Array.from({ length: 100 }, (_, i) => i),
});

function sealed({ outbound }: EspSaPair): Uint8Array {
  const out = new Uint8Array(2048);
  const result = outbound.sealInto(NOW, packet, out);
  return result.ok ? Uint8Array.from(result.octets) : expect.fail(result.reason);
}

function opened({ inbound }: EspSaPair, octets: Uint8Array): Uint8Array {
  const out = new Uint8Array(2048);
  const result = inbound.openInto(NOW, octets, out);
  return result.ok ? Uint8Array.from(result.octets) : expect.fail(result.reason);
}

describe('the SAs of a child', () => {
  it('carry packets between both ends, as the payload of UDP', () => {
    const { west, east } = agreed({}, { natTraversal: 'force' });
    const of = (child: NegotiatedChild) => saPairOf(child, { engine, rng, outside: 'udp' });
    expect(opened(of(east), sealed(of(west)))).toEqual(packet);
  });

  it.each([
    ['in UDP', { natTraversal: 'force' }, 17, 28],
    ['without UDP', {}, 50, 20],
  ] as const)('carry packets between both ends, %s, as whole IP packets', (_, peer, protocol, head) => {
    const { west, east } = agreed({}, peer);
    const outer = sealed(saPairOf(west, { engine, rng, outer: { df: 'set' } }));
    expect([ip.protocol(outer, 0, outer.length), ip.dontFragment(outer, 0)]).toEqual([protocol, true]);
    expect(opened(saPairOf(east, { engine, rng }), outer.subarray(head))).toEqual(packet);
  });

  it('are of what both have agreed on: SPIs, lifetime', () => {
    const { west } = agreed({ esn: true });
    const { inbound, outbound } = saPairOf(west, { engine, rng, antiReplayWindow: 128 });
    expect(inbound.spi).toBe(west.inbound);
    expect(outbound.spi).toBe(west.outbound);
    expect(outbound.lifetimeState(instant(3_600_000))).toBe('hard');
  });

  it('have no key of a child that was wiped, and keep theirs when it is', () => {
    const { west, east } = agreed({}, { natTraversal: 'force' });
    const [from, to] = [west, east].map((child) => saPairOf(child, { engine, rng, outside: 'udp' })) as [
      EspSaPair,
      EspSaPair,
    ];
    wipeChild(west);
    wipeChild(east);
    expect(opened(to, sealed(from))).toEqual(packet);
    expect(west.protections.every(({ inbound }) => inbound.encryption.every((octet) => octet === 0))).toBe(true);
  });
});

describe('a child of which there is no such pair', () => {
  it('is refused where it is not of ESP alone', () => {
    const { west } = agreed({
      suites: [],
      bundles: [{ esp: [espSuite('aes-128-gcm-16')], ah: [ahSuite('hmac-sha2-256-128')] }],
    });
    expect(() => saPairOf(west, { engine, rng })).toThrow(/^child.protections: must be ESP alone/);
  });

  it('is refused where sockets could not carry it', () => {
    const { west } = agreed();
    expect(() => saPairOf(west, { engine, rng, outside: 'udp' })).toThrow(/^options.outside: /);
  });

  it.each([
    ['child', [undefined, { engine, rng }]],
    ['options', [{}, undefined]],
    ['options.engine', [{}, { rng }]],
    ['options.rng.fill', [{}, { engine }]],
  ])('is refused where %s is none', (name, args) => {
    expect(() => Reflect.apply(saPairOf, undefined, args)).toThrow(
      new TypeError(`${name}: must be a${name === 'options.rng.fill' ? ' function' : 'n object'}`),
    );
  });
});
