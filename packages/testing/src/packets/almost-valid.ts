import { concat } from '@espalier/wire';
import fc from 'fast-check';
import { octets, u8 } from '../arbitraries/octets.ts';
import { type Inner, inner } from './packets.ts';
import { ivSeed, type KeyedSa, keyedSa, type Plaintext, padded, sealed } from './sealed.ts';

/** What is to be true of a packet of ESP in tunnel mode, by name. */
const NAMES = [
  'esp-truncated',
  'esp-blocks',
  'esp-spi',
  'esp-sequence-zero',
  'esp-replayed',
  'esp-below-window',
  'esp-icv',
  'esp-padding-octets',
  'esp-pad-length',
  'esp-next-header',
  'esp-no-dummy',
  'esp-inner-truncated',
  'esp-inner-version',
] as const;

/** The name of one of `PACKET_RULES`. */
export type PacketRuleName = (typeof NAMES)[number];

/** One thing that one clause asks for. */
export interface PacketRule {
  readonly name: PacketRuleName;
  readonly clause: string;
  /** What the clause asks for, in words. */
  readonly says: string;
}

/** A packet that is good but for one rule; who does not have the key cannot make most of them. */
export interface AlmostValidPacket {
  readonly sa: KeyedSa;
  /** Good packets that came first, in order. */
  readonly before: readonly Uint8Array[];
  readonly packet: Uint8Array;
  readonly rule: PacketRule;
}

/** The width of an anti-replay window that every receiver has at least (RFC 4303 §3.4.3). */
const WINDOW = 64;
const NO_NEXT_HEADER = 59;

/** What is drawn for each packet, whatever is broken in it. */
interface Drawn {
  readonly sa: KeyedSa;
  readonly sequence: number;
  readonly inner: Inner;
  readonly ivSeed: number;
  /** Any number: what it means is for each rule to say. */
  readonly pick: number;
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  sa: keyedSa,
  sequence: fc.integer({ min: 1, max: 0x7fff_ffff }),
  inner,
  ivSeed,
  pick: fc.nat(),
});

interface Broken {
  readonly clause: string;
  readonly says: string;
  readonly packet: fc.Arbitrary<Omit<AlmostValidPacket, 'rule'>>;
}

const BROKEN: Readonly<Record<PacketRuleName, Broken>> = {
  'esp-truncated': {
    clause: 'RFC 4303 §2',
    says: 'a packet has a header, an IV, a trailer that fills a block, and an ICV',
    packet: drawn.map((one) => {
      const { suite } = one.sa;
      const least = 8 + suite.ivOctets + suite.alignmentOctets + suite.icvOctets;
      return alone(one.sa, good(one).slice(0, one.pick % least));
    }),
  },
  'esp-blocks': {
    clause: 'RFC 4303 §2.4',
    says: 'what is encrypted, its trailer included, fills blocks and words',
    packet: fc
      .tuple(drawn, octets(1, 15))
      .map(([one, more]) => ({ one, more: more.slice(0, 1 + (more.length % (one.sa.suite.alignmentOctets - 1))) }))
      .map(({ one, more }) => alone(one.sa, concat(good(one), more))),
  },
  'esp-spi': {
    clause: 'RFC 4303 §2.1',
    says: 'the SPI is that of the SA',
    packet: drawn.map((one) => alone(one.sa, flipped(good(one), one.pick % 32))),
  },
  'esp-sequence-zero': {
    clause: 'RFC 4303 §3.3.3',
    says: 'the first packet has sequence number 1',
    packet: drawn.map((one) => alone(one.sa, good({ ...one, sequence: 0 }))),
  },
  'esp-replayed': {
    clause: 'RFC 4303 §3.4.3',
    says: 'no sequence number comes twice',
    packet: fc.tuple(drawn, inner, ivSeed).map(([one, inner, ivSeed]) => ({
      sa: one.sa,
      before: [good(one)],
      packet: good({ ...one, inner, ivSeed }),
    })),
  },
  'esp-below-window': {
    clause: 'RFC 4303 §3.4.3',
    says: 'what lies below a window of 64 has come too late',
    packet: drawn.map((one) => ({
      sa: one.sa,
      before: [good({ ...one, sequence: one.sequence + WINDOW + (one.pick % 0x1000_0000) })],
      packet: good(one),
    })),
  },
  'esp-icv': {
    clause: 'RFC 4303 §3.4.4',
    says: 'the ICV is right',
    packet: drawn.map((one) => {
      const packet = good(one);
      return alone(one.sa, flipped(packet, 64 + (one.pick % (8 * (packet.length - 8)))));
    }),
  },
  'esp-padding-octets': {
    clause: 'RFC 4303 §2.4',
    says: 'padding is 1, 2, 3, …',
    packet: fc.tuple(drawn, fc.integer({ min: 1, max: 0xff })).map(([one, bits]) => {
      const { payload, padding, padLength, nextHeader } = atLeastOnePad(one);
      const at = one.pick % padding.length;
      const wrong = padding.map((octet, i) => (i === at ? octet ^ bits : octet));
      return alone(one.sa, seal(one, { payload, padding: wrong, padLength, nextHeader }));
    }),
  },
  'esp-pad-length': {
    clause: 'RFC 4303 §2.4',
    says: 'there are as many octets of padding as the pad length says',
    packet: fc.tuple(drawn, octets(0, 20)).map(([one, payload]) => {
      const plaintext = padded(one.sa.suite, payload, one.inner.nextHeader);
      const there = payload.length + plaintext.padding.length;
      return alone(one.sa, seal(one, { ...plaintext, padLength: there + 1 + (one.pick % (0xff - there)) }));
    }),
  },
  'esp-next-header': {
    clause: 'RFC 4303 §2.6',
    says: 'in a tunnel the next header is IPv4 or IPv6',
    packet: fc
      .tuple(
        drawn,
        u8.filter((protocol) => ![4, 41, NO_NEXT_HEADER].includes(protocol)),
      )
      .map(([one, nextHeader]) => alone(one.sa, good({ ...one, inner: { ...one.inner, nextHeader } }))),
  },
  'esp-no-dummy': {
    clause: 'RFC 4303 §2.6',
    says: 'a packet with next header 59 is a dummy, to be discarded in silence',
    packet: drawn.map((one) => alone(one.sa, good({ ...one, inner: { ...one.inner, nextHeader: NO_NEXT_HEADER } }))),
  },
  'esp-inner-truncated': {
    clause: 'RFC 4303 §3.1.2',
    says: 'a tunnel carries whole IP packets',
    packet: drawn.map((one) => {
      const { octets, nextHeader } = one.inner;
      return alone(one.sa, good({ ...one, inner: { octets: octets.slice(0, one.pick % octets.length), nextHeader } }));
    }),
  },
  'esp-inner-version': {
    clause: 'RFC 4303 §2.6',
    says: 'a packet in a tunnel is of the family that the next header tells',
    packet: drawn.map((one) => {
      const nextHeader = one.inner.nextHeader === 4 ? 41 : 4;
      return alone(one.sa, good({ ...one, inner: { ...one.inner, nextHeader } }));
    }),
  },
};

/** Every rule that can be broken. */
export const PACKET_RULES: readonly PacketRule[] = NAMES.map((name) => {
  const { clause, says } = BROKEN[name];
  return { name, clause, says };
});

/** A packet that breaks that rule and no other. @throws RangeError for a name that no rule has. */
export function breakingPacket(name: PacketRuleName): fc.Arbitrary<AlmostValidPacket> {
  if (!Object.hasOwn(BROKEN, name)) throw new RangeError(`name must be that of one of PACKET_RULES: ${String(name)}`);
  const { clause, says, packet } = BROKEN[name];
  return packet.map((made) => ({ ...made, rule: { name, clause, says } }));
}

/** A packet, good but for one rule of one clause, which is told. */
export const almostValidPacket: fc.Arbitrary<AlmostValidPacket> = fc.oneof(...NAMES.map(breakingPacket));

function alone(sa: KeyedSa, packet: Uint8Array): Omit<AlmostValidPacket, 'rule'> {
  return { sa, before: [], packet };
}

function good(one: Drawn): Uint8Array {
  return seal(one, padded(one.sa.suite, one.inner.octets, one.inner.nextHeader));
}

function seal({ sa, sequence, ivSeed }: Drawn, plaintext: Plaintext): Uint8Array {
  return sealed(sa, sequence, plaintext, ivSeed);
}

/** A payload that leaves room for padding: the inner packet, with a block of padding more if there is none. */
function atLeastOnePad({ sa, inner }: Drawn): Plaintext {
  const plaintext = padded(sa.suite, inner.octets, inner.nextHeader);
  const padLength = plaintext.padLength === 0 ? sa.suite.alignmentOctets : plaintext.padLength;
  return { ...plaintext, padding: Uint8Array.from({ length: padLength }, (_, i) => i + 1), padLength };
}

function flipped(packet: Uint8Array, bit: number): Uint8Array {
  const copy = packet.slice();
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
