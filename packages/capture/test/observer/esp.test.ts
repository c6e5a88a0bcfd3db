import { nobleEngine } from '@espalier/crypto';
import { OutboundSa } from '@espalier/esp';
import {
  concat,
  encodeIcmp,
  encodeIpv4,
  encodeTcpFrame,
  instant,
  parseAddress,
  spi,
  TCP_STREAM_PREFIX,
  toHex,
  writeAhHeader,
} from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { type EspObservation, type EspSaKeys, type KeyRing, type Observation, readKeys } from '../../src/index.ts';
import { u16, u32 } from '../support/files.ts';
import { innerPacket, ipv4, observed, openedIn, type Sent, testSession } from '../support/session.ts';

const KEY = '000102030405060708090a0b0c0d0e0f';
const MAC = '11'.repeat(20);
const table = (spiText = '0x1000', key = KEY, more = '', ends = '"*","*"') =>
  `"IPv4",${ends},"${spiText}","AES-CBC [RFC3602]","0x${key}","HMAC-SHA-1-96 [RFC2404]","0x${MAC}"${more}`;
const ring = (...lines: readonly string[]): KeyRing => readKeys([{ name: 'esp_sa', text: lines.join('\n') }]);

function keysOf({ suites: [first] }: EspSaKeys): NonNullable<typeof first> {
  return first ?? expect.unreachable();
}

/** Each packet in the tunnel of an SA that is around all of it. */
function inOuterEsp(packets: readonly Uint8Array[]): readonly Uint8Array[] {
  const [entry] = ring(table()).esp;
  if (entry === undefined) return expect.unreachable();
  const { suite, keys } = keysOf(entry);
  const rng = { fill: (out: Uint8Array) => void out.fill(9) };
  const outer = new OutboundSa({ engine: nobleEngine(), suite, keys, spi: spi(0x1000), rng });
  return packets.map((packet) => {
    const sealed = outer.sealInto(instant(0), packet, new Uint8Array(outer.sealedOctets(packet.length)));
    if (!sealed.ok) return expect.unreachable(sealed.reason);
    const octets = sealed.octets.slice();
    return ipv4({ from: '203.0.113.1', to: '203.0.113.2', ports: undefined, octets, isEsp: true });
  });
}

interface Form {
  readonly key?: string;
  readonly esn?: boolean;
  readonly first?: bigint;
  readonly from?: string;
  readonly to?: string;
}

/** Packets of one SA, in the order of their numbers. */
function packets(
  count: number,
  { key = KEY, esn = false, first = 1n, from = '192.0.2.1', to = '198.51.100.1' }: Form = {},
): readonly Sent[] {
  const [entry] = ring(table('0x1000', key)).esp;
  if (entry === undefined) return expect.unreachable();
  const { suite, keys } = keysOf(entry);
  const sa = new OutboundSa({
    engine: nobleEngine(),
    suite,
    keys,
    spi: spi(0x1000),
    esn,
    firstSequence: first,
    rng: { fill: (out) => out.fill(7) },
  });
  return Array.from({ length: count }, (_, n) => {
    const packet = innerPacket(0, n);
    const sealed = sa.sealInto(instant(0), packet, new Uint8Array(sa.sealedOctets(packet.length)));
    if (!sealed.ok) return expect.unreachable(sealed.reason);
    return { from, to, ports: undefined, octets: sealed.octets.slice(), isEsp: true };
  });
}

const espOf = (all: readonly Observation[]): readonly EspObservation[] => all.filter((one) => one.kind === 'esp');
const see = (sent: readonly Sent[], keys?: KeyRing) => observed(sent.map(ipv4), keys === undefined ? {} : { keys });

describe('sequence numbers of 64 bits', () => {
  it.each([
    ['from their beginning, which the table does not say', 1n, ''],
    ['from their beginning, as the table says', 1n, ',"64-bit"'],
    ['over the end of a half', 2n ** 32n - 2n, ''],
    ['in a later half, as the table says', 5n * 2n ** 32n + 9n, ',"64-bit","5"'],
    ['in a later half, which nobody says', 3n * 2n ** 32n + 9n, ''],
  ])('are found out %s', (_, first, more) => {
    const seen = espOf(see(packets(6, { esn: true, first }), ring(table('0x1000', KEY, more))).observations);
    expect(seen.map(({ icv, replay }) => `${icv} ${replay}`)).toEqual(Array.from({ length: 6 }, () => 'ok new'));
    expect(seen.map(({ sequence, sequenceHigh = 0 }) => BigInt(sequenceHigh) * 2n ** 32n + BigInt(sequence))).toEqual(
      Array.from({ length: 6 }, (_, i) => first + BigInt(i)),
    );
  });

  it('of 32 bits are none', () => {
    const seen = espOf(see(packets(2), ring(table())).observations);
    expect(seen.map(({ sequenceHigh }) => sequenceHigh)).toEqual([undefined, undefined]);
    expect(
      espOf(see(packets(2, { esn: true }), ring(table('0x1000', KEY, ',"32-bit"'))).observations).map(({ icv }) => icv),
    ).toEqual(['bad', 'bad']);
  });
});

describe('keys of SAs', () => {
  const other = KEY.replaceAll('0', 'f');

  it('belong to the gateway whose ICVs they make, where two have one SPI', () => {
    const one = packets(3);
    const two = packets(3, { key: other, from: '203.0.113.1' });
    const mixed = [0, 1, 2].flatMap((i) => [one[i], two[i]].flatMap((sent) => sent ?? []));
    for (const lines of [
      [table(), table('0x1000', other)],
      [table('0x1000', other, '', '"203.0.113.1","*"'), table('0x1000', KEY, '', '"192.0.2.0/24","198.51.100.1"')],
    ]) {
      const { observations, observer } = see(mixed, ring(...lines));
      expect(openedIn(observations)).toBe(6);
      expect(observer.report().sas.map(({ source, opened }) => [source, opened])).toEqual([
        ['192.0.2.1', 3],
        ['203.0.113.1', 3],
      ]);
    }
  });

  it('are tried for any SPI where the table says *, and between other addresses than it says', () => {
    expect(openedIn(see(packets(2), ring(table('*'))).observations)).toBe(2);
    expect(openedIn(see(packets(2), ring(table('0x1000', KEY, '', '"10.9.9.9","10.8.8.8"'))).observations)).toBe(2);
  });

  it('that are wrong show nothing, that of the MAC or that of the cipher', () => {
    for (const one of espOf(see(packets(3), ring(table('0x1000', other))).observations)) {
      expect(one).toMatchObject({
        icv: 'ok',
        inner: undefined,
        replay: undefined,
        notes: [expect.stringContaining('no form')],
      });
    }
    const wrong = ring(table().replace(MAC, '12'.repeat(20)));
    for (const one of espOf(see(packets(3), wrong).observations)) {
      expect(one).toMatchObject({ icv: 'bad', inner: undefined, replay: undefined, notes: ['the ICV is wrong'] });
    }
  });

  it('without a way to check the ICV show what has the form of a packet, and say so', () => {
    const any = (key: string) =>
      `"IPv4","*","*","0x1000","AES-CBC [RFC3602]","0x${key}","ANY 96 bit authentication [no checking]",""`;
    const [right] = espOf(see(packets(1), ring(any(KEY))).observations);
    expect(right).toMatchObject({ icv: 'unknown', replay: undefined, notes: [expect.stringContaining('not checked')] });
    expect(right?.inner && toHex(right.inner)).toBe(toHex(innerPacket(0, 0)));
    const [wrong] = espOf(see(packets(1), ring(any(other))).observations);
    expect(wrong).toMatchObject({ icv: 'unknown', inner: undefined });
  });
});

describe('the order of packets', () => {
  it('is told without keys, and a replay with them', () => {
    const [a, b, c, d, e] = packets(5);
    const sent = [a, c, b, c, e, d].flatMap((one) => one ?? []);
    const closed = espOf(see(sent).observations);
    expect(closed.map(({ order, distance }) => `${order} ${distance}`)).toEqual([
      'first 0',
      'gap 1',
      'late 1',
      'repeated 0',
      'gap 1',
      'late 1',
    ]);
    const { observations, observer } = see(sent, ring(table()));
    expect(espOf(observations).map(({ replay }) => replay)).toEqual(['new', 'new', 'new', 'replayed', 'new', 'new']);
    expect(observer.report().sas[0]).toMatchObject({
      packets: 6,
      opened: 6,
      replayed: 1,
      late: 2,
      lost: 0,
      lowestSequence: 1,
      highestSequence: 5,
    });
  });

  it('counts what was not captured from the first packet on', () => {
    const sent = packets(60).filter((_, i) => i >= 10 && i % 5 !== 0);
    expect(see(sent).observer.report().sas[0]).toMatchObject({
      packets: 40,
      lost: 9,
      lowestSequence: 12,
      highestSequence: 60,
    });
  });
});

describe('what a gateway would drop', () => {
  const sealed = (change: (plain: Uint8Array) => Uint8Array) => {
    const [entry] = ring(`"IPv4","*","*","0x1000","NULL","","HMAC-SHA-1-96 [RFC2404]","0x${MAC}"`).esp;
    if (entry === undefined) return expect.unreachable();
    const { suite, keys } = keysOf(entry);
    const transform = nobleEngine().createEspTransform({ suite, keys, direction: 'seal', esn: false });
    const packet = concat(u32(0x1000), u32(1), change(innerPacket(0, 0)), new Uint8Array(12));
    transform.seal(packet, { words: Int32Array.of(0, packet.length, 0, 0), count: 1 }, 'fresh');
    return packet;
  };
  const nullRing = ring(`"IPv4","*","*","0x1000","NULL","","HMAC-SHA-1-96 [RFC2404]","0x${MAC}"`);
  const shown = (change: (plain: Uint8Array) => Uint8Array) =>
    espOf(
      see([{ from: '192.0.2.1', to: '192.0.2.2', ports: undefined, octets: sealed(change), isEsp: true }], nullRing)
        .observations,
    )[0];

  it.each<readonly [string, string, (plain: Uint8Array) => Uint8Array]>([
    ['padding that is not 1, 2, 3', 'the padding is wrong', (plain) => concat(plain, Uint8Array.of(9, 9, 2, 4))],
    [
      'another family than the next header says',
      'its next header says IPv6',
      (plain) => concat(plain, Uint8Array.of(1, 2, 2, 41)),
    ],
    [
      'padding longer than the packet',
      'has no form',
      (plain) => concat(plain.subarray(0, 20), Uint8Array.of(1, 2, 200, 4)),
    ],
  ])('is shown with a note: %s', (_, note, change) => {
    const one = shown(change);
    expect(one).toMatchObject({ icv: 'ok', notes: [expect.stringContaining(note)] });
  });

  it('is not a dummy packet', () => {
    expect(shown((plain) => concat(plain, Uint8Array.of(1, 2, 2, 59)))).toMatchObject({
      icv: 'ok',
      notes: [],
      summary: expect.stringContaining('dummy'),
    });
  });
});

describe('around ESP', () => {
  const session = testSession();
  const keys = readKeys([
    { name: 'keys.json', text: session.json },
    { name: 'esp_sa', text: table() },
  ]);

  it('AH is read through', () => {
    const wrapped = packets(2).map((sent, i) => {
      const packet = ipv4(sent);
      const ah = new Uint8Array(24);
      writeAhHeader(ah, 0, 50, 24, 0x77, i + 1);
      return encodeIpv4({
        source: packet.subarray(12, 16),
        destination: packet.subarray(16, 20),
        protocol: 51,
        payload: concat(ah, packet.subarray(20)),
      });
    });
    const { observations, observer } = observed(wrapped, { keys });
    expect(observations.map(({ kind }) => kind)).toEqual(['ah', 'esp', 'ah', 'esp']);
    expect(observations[2]).toMatchObject({ spi: 0x77, sequence: 2, order: 'next', nextHeader: 50 });
    expect(openedIn(observations)).toBe(2);
    expect(observer.report().sas.map(({ protocol, packets: n }) => [protocol, n])).toEqual([
      ['ah', 2],
      ['esp', 2],
    ]);
  });

  it('is ESP again, and what is in that', () => {
    const nested = inOuterEsp(session.sent.map(ipv4));
    const { observations, observer } = observed(nested, { keys });
    expect(openedIn(observations)).toBe(session.sent.length + session.encrypted);
    expect(observer.report().conversations.length).toBe(2);
    const inside = observations.find((one) => one.kind === 'isakmp');
    expect(inside?.layers.map(({ name }) => name)).toContain('ESP');
    expect(inside?.at).toBeUndefined();
  });

  it.each([
    ['of a port that is asked for', 4321, (packet: Uint8Array) => packet.subarray(20 + 8)],
    ['that carries GTP-U', 2152, (packet: Uint8Array) => concat(u16(0x30ff), u16(packet.length), u32(7), packet)],
    ['that carries Geneve', 6081, (packet: Uint8Array) => concat(u16(0), u16(0x0800), u32(0), packet)],
    ['that carries L2TP', 1701, (packet: Uint8Array) => concat(u16(2), u32(0x10002), u16(0xff03), u16(0x21), packet)],
  ] as const)('is UDP within ESP, %s', (_, port, carried) => {
    const ike = session.sent.filter(({ isEsp }) => !isEsp);
    const nested = ike.map((sent) =>
      ipv4({ ...sent, ports: [49152, port], octets: carried(ipv4({ ...sent, ports: [500, 500] })) }),
    );
    const { observations } = observed(inOuterEsp(nested), { keys, ports: [4321] });
    expect(observations.filter(({ kind }) => kind === 'isakmp').length).toBe(ike.length);
  });

  it('TCP is put together, however it was cut, in whichever order (RFC 9329)', () => {
    const sent = session.sent.map(({ octets, isEsp }, i) => ({
      octets: encodeTcpFrame(isEsp ? 'esp' : 'ike', octets),
      isLeft: session.sent[i]?.from === '192.0.2.1',
    }));
    for (const size of [1, 30, 100, 5000]) {
      const next = { left: 1000, right: 0xffff_fff0 };
      const frames = sent.flatMap(({ octets, isLeft }, i) => {
        const side = isLeft ? 'left' : 'right';
        const stream = i === 0 ? concat(TCP_STREAM_PREFIX, octets) : octets;
        const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, k) =>
          stream.subarray(k * size, (k + 1) * size),
        );
        const segments = pieces.map((piece) => {
          const segment = tcp(isLeft, next[side], piece);
          next[side] = (next[side] + piece.length) >>> 0;
          return segment;
        });
        // The first must be first, or nobody knows where the stream begins.
        const [first, ...others] = segments;
        return size === 1 || first === undefined ? segments : [first, ...others.reverse(), first];
      });
      const { observations, observer } = observed(frames, { keys });
      expect(openedIn(observations)).toBe(session.encrypted);
      expect(
        observations.filter((one) => one.kind === 'esp').every(({ encapsulation }) => encapsulation === 'tcp'),
      ).toBe(true);
      expect(observer.report().unread).toEqual([]);
    }
  });

  it('TCP that lost a segment goes on where a message begins, and says so', () => {
    const [one, two] = [
      encodeTcpFrame('esp', packets(2)[0]?.octets ?? u16(0)),
      encodeTcpFrame('esp', packets(2)[1]?.octets ?? u16(0)),
    ];
    const early = Array.from({ length: 40 }, (_, i) => tcp(true, 50_000 + i * two.length, two));
    const { observations } = observed([tcp(true, 1, one), ...early], { keys });
    expect(observations.length).toBeGreaterThan(2);
    expect(observations.flatMap(({ notes }) => notes).join()).toContain('segments in front of it were not captured');
  });

  it('routers say of packets that they do not pass on, which, and why', () => {
    const [packet] = packets(1).map(ipv4);
    if (packet === undefined) return expect.unreachable();
    const source = parseAddress('203.0.113.99');
    const error = encodeIcmp({
      kind: 'destination-unreachable',
      code: 4,
      nextHopMtu: 1400,
      original: packet.subarray(0, 28),
    });
    const { observations } = observed([
      encodeIpv4({ source, destination: packet.subarray(12, 16), protocol: 1, payload: error }),
    ]);
    expect(observations).toMatchObject([
      {
        kind: 'icmp',
        source: '203.0.113.99',
        error: {
          text: 'destination unreachable: fragmentation needed, MTU 1400',
          mtu: 1400,
          quoted: 'esp',
          spi: 0x1000,
          source: '192.0.2.1',
          destination: '198.51.100.1',
        },
      },
    ]);
    const [first] = session.sent.map(ipv4);
    const refused = encodeIcmp({
      kind: 'destination-unreachable',
      code: 3,
      nextHopMtu: 0,
      original: first?.subarray(0, 28) ?? u16(0),
    });
    const about = observed([
      encodeIpv4({ source, destination: packet.subarray(12, 16), protocol: 1, payload: refused }),
    ]).observations;
    expect(about).toMatchObject([
      { error: { text: 'destination unreachable: port', quoted: 'isakmp', source: '192.0.2.1:500' } },
    ]);
  });

  it('group keys are looked for at their port', () => {
    const moved = session.sent.filter(({ isEsp }) => !isEsp).map((one) => ({ ...one, ports: [848, 848] as const }));
    expect(see(moved, keys).observations.length).toBe(moved.length);
  });
});

function tcp(isLeft: boolean, sequence: number, payload: Uint8Array): Uint8Array {
  const [from, to] = isLeft ? ['192.0.2.1', '198.51.100.1'] : ['198.51.100.1', '192.0.2.1'];
  const [a, b] = isLeft ? [40_000, 4500] : [4500, 40_000];
  const segment = concat(
    u16(a),
    u16(b),
    u32(sequence),
    u32(1),
    Uint8Array.of(0x50, 0x18),
    u16(0xffff),
    u16(0),
    u16(0),
    payload,
  );
  return encodeIpv4({ source: parseAddress(from), destination: parseAddress(to), protocol: 6, payload: segment });
}
