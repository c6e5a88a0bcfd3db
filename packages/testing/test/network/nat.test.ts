import { encodeIpv4, instant, parseAddress } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { datagramIn, Nat, type NatKind, packetAround } from '../../src/network/index.ts';

const INSIDE = { address: '192.168.1.2', port: 500 };
const PEER = { address: '203.0.113.1', port: 500 };
const OTHER_PORT = { ...PEER, port: 4500 };
const OTHER_ADDRESS = { address: '203.0.113.9', port: 500 };
const PUBLIC = '198.51.100.1';
const octets = Uint8Array.of(1, 2, 3);

function opened(kind: NatKind, options: Partial<ConstructorParameters<typeof Nat>[0]> = {}) {
  const nat = new Nat({ kind, publicAddress: PUBLIC, ...options });
  const leave = (to: typeof PEER, at = 0) =>
    nat.outwards(instant(at), packetAround({ source: INSIDE, destination: to, octets }));
  const port = (to: typeof PEER, at = 0) => datagramIn(leave(to, at) ?? new Uint8Array(0))?.source.port ?? 0;
  const enter = (from: typeof PEER, publicPort: number, at = 0, address = PUBLIC) => {
    const packet = packetAround({ source: from, destination: { address, port: publicPort }, octets });
    const inside = nat.inwards(instant(at), packet);
    return inside && datagramIn(inside);
  };
  return { nat, port, enter };
}

describe('a NAT', () => {
  it.each([
    ['full-cone', [true, true, true]],
    ['restricted', [true, true, false]],
    ['port-restricted', [true, false, false]],
    ['symmetric', [true, false, false]],
  ] as const)('that is %s lets in the peer, its other port, another address: %j (RFC 3489 §5)', (kind, expected) => {
    const { port, enter } = opened(kind);
    const publicPort = port(PEER);
    const who = [PEER, OTHER_PORT, OTHER_ADDRESS].map((from) => enter(from, publicPort));
    expect(who.map((datagram) => datagram !== undefined)).toEqual(expected);
    expect(who[0]).toEqual({ source: PEER, destination: INSIDE, octets });
  });

  it.each(['full-cone', 'restricted', 'port-restricted'] as const)('that is %s has one port for one inside', (kind) => {
    const { port } = opened(kind);
    expect(port(OTHER_ADDRESS)).toBe(port(PEER));
  });

  it('that is symmetric has one port for each destination', () => {
    const { port } = opened('symmetric');
    expect(new Set([port(PEER), port(OTHER_PORT), port(OTHER_ADDRESS), port(PEER)]).size).toBe(3);
  });

  it('forgets who is silent, and remembers who speaks', () => {
    const { port, enter } = opened('full-cone', { memory: 1000 });
    const publicPort = port(PEER);
    expect(port(PEER, 900)).toBe(publicPort);
    expect(enter(PEER, publicPort, 1800)).toBeDefined();
    expect(enter(PEER, publicPort, 1900)).toBeUndefined();
    expect(port(PEER, 2000)).not.toBe(publicPort);
  });

  it('that is switched off and on gives other ports, and another address if it has one', () => {
    const { nat, port, enter } = opened('full-cone');
    const publicPort = port(PEER);
    nat.rebind('198.51.100.2');
    expect(enter(PEER, publicPort)).toBeUndefined();
    const again = port(PEER);
    expect(again).not.toBe(publicPort);
    expect(enter(PEER, again, 0, '198.51.100.2')).toBeDefined();
  });

  it('leads to a server where it is told to, from anywhere', () => {
    const { port, enter } = opened('symmetric', { forwards: [{ port: 500, to: INSIDE }] });
    expect(enter(OTHER_ADDRESS, 500)?.destination).toEqual(INSIDE);
    expect(port(PEER)).toBe(500);
  });

  it('gives out its first port again after the last one, and none that is in use', () => {
    const { nat, port, enter } = opened('symmetric', {
      firstPort: 65_533,
      forwards: [{ port: 65_534, to: { ...INSIDE, port: 22 } }],
      memory: 1000,
    });
    expect([port(PEER), port(OTHER_PORT)]).toEqual([65_533, 65_535]);
    const packet = packetAround({ source: INSIDE, destination: OTHER_ADDRESS, octets });
    expect(nat.outwards(instant(0), packet)).toBeUndefined();
    expect(enter(PEER, 65_533)?.destination).toEqual(INSIDE);
    expect(port(OTHER_ADDRESS, 2000)).toBe(65_533);
  });

  it('lets nothing pass but UDP', () => {
    const nat = new Nat({ kind: 'full-cone', publicAddress: PUBLIC });
    const addresses = { source: parseAddress(INSIDE.address), destination: parseAddress(PEER.address) };
    expect(nat.outwards(instant(0), encodeIpv4({ ...addresses, protocol: 50, payload: octets }))).toBeUndefined();
    expect(nat.outwards(instant(0), new Uint8Array(3))).toBeUndefined();
  });
});
