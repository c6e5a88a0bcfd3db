import {
  encodeIpv4,
  encodeIpv6,
  fragmentIpv4,
  fragmentIpv6,
  type Instant,
  instant,
  PROTOCOL,
  parseAddress,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { FragmentMemory } from '../../src/selectors/fragments.ts';
import { PacketFields } from '../../src/selectors/packet-fields.ts';

const NOW = instant(1000);
const HERE = {};
const PAYLOAD = Uint8Array.from({ length: 3000 }, (_, i) => [17, 0x5c, 0, 53][i] ?? i & 255);

/** UDP from port 4444 to port 53, in pieces. */
const pieces: Readonly<Record<'IPv4' | 'IPv6', (identification: number) => readonly Uint8Array[]>> = {
  IPv4: (identification) =>
    fragmentIpv4(
      encodeIpv4({
        source: parseAddress('10.1.0.1'),
        destination: parseAddress('10.2.0.1'),
        protocol: PROTOCOL.udp,
        identification,
        payload: PAYLOAD,
      }),
      1280,
    ) ?? [],
  IPv6: (identification) =>
    fragmentIpv6(
      encodeIpv6({
        source: parseAddress('fd01::1'),
        destination: parseAddress('fd02::1'),
        trafficClass: 0,
        flowLabel: 0,
        nextHeader: PROTOCOL.udp,
        hopLimit: 64,
        payload: PAYLOAD,
      }),
      1280,
      identification,
    ),
};

function portsOf(memory: FragmentMemory, packet: Uint8Array, now: Instant = NOW, origin: object = HERE) {
  const fields = new PacketFields().outbound(packet, 0, packet.length);
  memory.apply(now, fields, origin);
  return [fields.protocol, fields.localPort, fields.remotePort];
}

const SHOWN = [PROTOCOL.udp, 4444, 53];
const HIDDEN = [PROTOCOL.udp, -1, -1];

describe.each(['IPv4', 'IPv6'] as const)('stateful fragment checking of %s (RFC 4301 §7.3)', (family) => {
  it('shows in later fragments what the first has shown', () => {
    const memory = new FragmentMemory();
    for (const piece of pieces[family](1)) expect(portsOf(memory, piece)).toEqual(SHOWN);
  });

  it('knows nothing of one that overtakes the first, of another datagram, or from elsewhere', () => {
    const memory = new FragmentMemory();
    const [first = PAYLOAD, second = PAYLOAD] = pieces[family](1);
    const [, ofAnother = PAYLOAD] = pieces[family](2);
    expect(portsOf(memory, second)).toEqual(HIDDEN);
    expect(portsOf(memory, first)).toEqual(SHOWN);
    expect(portsOf(memory, ofAnother)).toEqual(HIDDEN);
    expect(portsOf(memory, second, NOW, {})).toEqual(HIDDEN);
    expect(portsOf(memory, second)).toEqual(SHOWN);
  });

  it('forgets after as long as reassembly waits', () => {
    const memory = new FragmentMemory();
    const [first = PAYLOAD, second = PAYLOAD] = pieces[family](1);
    portsOf(memory, first);
    expect(portsOf(memory, second, instant(60_999))).toEqual(SHOWN);
    expect(portsOf(memory, second, instant(61_000))).toEqual(HIDDEN);
    expect(memory.size).toBe(0);
  });

  it('relies on no first fragment that comes again with other ports', () => {
    const memory = new FragmentMemory();
    const [first = PAYLOAD, second = PAYLOAD] = pieces[family](1);
    const other = first.slice();
    const ports = family === 'IPv4' ? 20 : 48;
    other[ports + 3] = 99;
    portsOf(memory, first);
    portsOf(memory, other);
    expect(portsOf(memory, second)).toEqual(HIDDEN);
  });

  it('remembers a bounded number of datagrams', () => {
    const memory = new FragmentMemory();
    for (let i = 0; i < 3000; i++) portsOf(memory, pieces[family](i)[0] ?? PAYLOAD);
    expect(memory.size).toBe(1024);
  });
});

describe('what a fragment shows', () => {
  it('is nothing in a later fragment that could write over the ports of the first (RFC 3128)', () => {
    const memory = new FragmentMemory();
    const [first = PAYLOAD] = pieces.IPv4(1);
    portsOf(memory, first);
    const overlapping = first.slice();
    overlapping[6] = 0x20;
    overlapping[7] = 1;
    expect(portsOf(memory, overlapping)).toEqual(HIDDEN);
  });

  it('is no port where the first fragment ends before them', () => {
    const memory = new FragmentMemory();
    const tiny = encodeIpv4({
      source: parseAddress('10.1.0.1'),
      destination: parseAddress('10.2.0.1'),
      protocol: PROTOCOL.udp,
      payload: new Uint8Array(3),
    });
    tiny[6] = 0x20;
    expect(portsOf(memory, tiny)).toEqual(HIDDEN);
    expect(memory.size).toBe(0);
  });
});
