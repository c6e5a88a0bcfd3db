import { nobleEngine } from '@espalier/crypto';
import { InboundSa, type OpenResult, OutboundSa } from '@espalier/esp';
import {
  type AlmostValidPacket,
  breakingPacket,
  type KeyedPacket,
  type KeyedSa,
  keyedPacket,
  PACKET_RULES,
} from '@espalier/testing/packets';
import { encodeIpv4, fromHex, instant, ipv4, PROTOCOL, spi as spiOf, toHex } from '@espalier/wire';
import fc from 'fast-check';
import { type EspVector, fileOf, type VectorFile } from './format.ts';

const SEED = 4303;
const WINDOW = 64;
const NOW = instant(0);
const NONE = new Uint8Array(0);
/** Where the IPv4 header says what follows it. */
const PROTOCOL_AT = 9;
const PLAIN = encodeIpv4({
  protocol: PROTOCOL.udp,
  source: Uint8Array.of(10, 1, 12, 2),
  destination: Uint8Array.of(10, 1, 56, 1),
  payload: new Uint8Array(20),
});

/** Good packets of a few suites, and packets that break each rule. */
export function espVectors(): VectorFile<EspVector> {
  const good = fc.sample(keyedPacket, { seed: SEED, numRuns: 6 }).map(goodVector);
  const broken = PACKET_RULES.flatMap(({ name }) =>
    fc.sample(breakingPacket(name), { seed: SEED, numRuns: 2 }).map((packet, i) => brokenVector(packet, i)),
  );
  const [first] = fc.sample(keyedPacket, { seed: SEED, numRuns: 1 });
  if (first === undefined) throw new Error('there is no packet');
  return fileOf('One packet each through an SA that has taken those in `before`.', [
    ...good,
    ...broken,
    congested(first.sa),
    overdue(first.sa),
    ...inTransport(first.sa),
  ]);
}

/** What becomes of the packet of a vector. */
export function opened({
  suite,
  keys,
  spi,
  mode,
  window,
  packets,
  outerTos,
  outerOctets,
  before,
  packet,
}: EspVector): OpenResult {
  const sa = new InboundSa({
    engine: nobleEngine(),
    suite,
    keys: {
      encryption: fromHex(keys.encryption),
      salt: fromHex(keys.salt),
      integrity: fromHex(keys.integrity),
    },
    spi: spiOf(spi),
    mode,
    replayWindow: window,
    ...(packets === undefined ? {} : { lifetime: { establishedAt: NOW, hard: { packets } } }),
  });
  const open = (octets: Uint8Array) => sa.openInto(NOW, octets, new Uint8Array(octets.length), outerTos, outerOctets);
  for (const earlier of before) if (!open(fromHex(earlier)).ok) throw new Error('one before it is not taken');
  return open(fromHex(packet));
}

function goodVector({ sa, packet, inner }: KeyedPacket, i: number): EspVector {
  return {
    name: `esp-${i + 1}`,
    clause: 'RFC 4303 §3.3',
    ...ofSa(sa),
    outerTos: 0,
    before: [],
    packet: toHex(packet),
    inner: toHex(inner),
    expect: { verdict: 'take' },
  };
}

function brokenVector({ sa, before, packet, rule }: AlmostValidPacket, i: number): EspVector {
  return withReason({
    name: `${rule.name}-${i + 1}`,
    clause: rule.clause,
    says: rule.says,
    ...ofSa(sa),
    outerTos: 0,
    before: before.map(toHex),
    packet: toHex(packet),
    expect: { verdict: 'take' },
  });
}

/** Congestion was met outside, and inside nobody would understand it. */
function congested(sa: KeyedSa): EspVector {
  return withReason({
    name: 'esp-congestion-1',
    clause: 'RFC 6040 §4.2',
    says: 'a packet marked as congested outside carries the mark inside, or is dropped',
    ...ofSa(sa),
    outerTos: 3,
    before: [],
    packet: toHex(sealed(sa, 'tunnel')),
    expect: { verdict: 'take' },
  });
}

/** One packet more than the SA was to carry. */
function overdue(sa: KeyedSa): EspVector {
  const [first = NONE, second = NONE] = sealedMany(sa, 'tunnel', 2);
  return withReason({
    name: 'esp-lifetime-1',
    clause: 'RFC 4301 §4.4.2.1',
    says: 'an SA carries no more than it was made for',
    ...ofSa(sa),
    packets: 1,
    outerTos: 0,
    before: [toHex(first)],
    packet: toHex(second),
    expect: { verdict: 'take' },
  });
}

/** A packet in transport mode behind its IPv4 header, a fragment of one, and a header that leads elsewhere. */
function inTransport(sa: KeyedSa): readonly EspVector[] {
  const whole = sealed(sa, 'transport');
  const behind = { ...ofSa(sa), mode: 'transport', outerOctets: ipv4.HEADER_OCTETS, outerTos: 0, before: [] } as const;
  return [
    {
      name: 'esp-transport-1',
      clause: 'RFC 4303 §3.1.1',
      ...behind,
      packet: toHex(whole),
      inner: toHex(PLAIN),
      expect: { verdict: 'take' },
    },
    withReason({
      name: 'esp-transport-fragment-1',
      clause: 'RFC 4303 §3.4.1',
      says: 'a fragment is put together before it is opened',
      ...behind,
      packet: toHex(withHeader(whole, (packet) => ipv4.setFragmentation(packet, 0, false, true, 0))),
      expect: { verdict: 'take' },
    }),
    withReason({
      name: 'esp-transport-header-1',
      clause: 'RFC 4303 §3.1.1',
      says: 'the header in front leads to ESP',
      ...behind,
      packet: toHex(withHeader(whole, (packet) => packet.fill(PROTOCOL.tcp, PROTOCOL_AT, PROTOCOL_AT + 1))),
      expect: { verdict: 'take' },
    }),
  ];
}

function sealed(sa: KeyedSa, mode: 'tunnel' | 'transport'): Uint8Array {
  return sealedMany(sa, mode, 1)[0] ?? NONE;
}

/** Packets that one SA sends one after the other. */
function sealedMany(sa: KeyedSa, mode: 'tunnel' | 'transport', count: number): readonly Uint8Array[] {
  const outbound = new OutboundSa({ engine: nobleEngine(), ...sa, mode, rng: { fill: (out) => out.fill(7) } });
  return Array.from({ length: count }, () => {
    const result = outbound.sealInto(NOW, PLAIN, new Uint8Array(outbound.sealedOctets(PLAIN.length)));
    if (!result.ok) throw new Error(result.reason);
    return result.octets.slice();
  });
}

/** Another header, with a checksum that is right. */
function withHeader(packet: Uint8Array, change: (packet: Uint8Array) => void): Uint8Array {
  const changed = packet.slice();
  change(changed);
  ipv4.setHeaderChecksum(changed, 0);
  return changed;
}

function withReason(vector: EspVector): EspVector {
  const result = opened(vector);
  if (result.ok) throw new Error(`${vector.name} is taken`);
  return { ...vector, expect: { verdict: 'refuse', reason: result.reason } };
}

function ofSa({
  suite,
  keys,
  spi,
}: KeyedSa): Pick<EspVector, 'suite' | 'keys' | 'spi' | 'mode' | 'outerOctets' | 'window'> {
  const { encryption, salt, integrity } = keys;
  return {
    suite: suite.name,
    keys: { encryption: toHex(encryption), salt: toHex(salt), integrity: toHex(integrity) },
    spi,
    mode: 'tunnel',
    outerOctets: 0,
    window: WINDOW,
  };
}
