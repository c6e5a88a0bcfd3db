import { nobleEngine } from '@espalier/crypto';
import { type EspRefusal, InboundSa } from '@espalier/esp';
import {
  almostValidPacket,
  breakingPacket,
  type KeyedSa,
  keyedPacket,
  PACKET_RULES,
  type PacketRuleName,
} from '@espalier/testing/packets';
import { instant } from '@espalier/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NOW = instant(0);
const ENGINE = nobleEngine();

/** What `InboundSa` says of each; of a packet cut short in its inner one, what its form then is. */
const REASONS: Readonly<Record<PacketRuleName, EspRefusal>> = {
  'esp-truncated': 'malformed',
  'esp-blocks': 'malformed',
  'esp-spi': 'wrong-spi',
  'esp-sequence-zero': 'sequence-zero',
  'esp-replayed': 'replayed',
  'esp-below-window': 'too-old',
  'esp-icv': 'bad-icv',
  'esp-padding-octets': 'bad-padding',
  'esp-pad-length': 'bad-padding',
  'esp-next-header': 'bad-next-header',
  'esp-no-dummy': 'dummy',
  'esp-inner-truncated': 'bad-inner',
  'esp-inner-version': 'bad-inner',
};

function inbound({ suite, keys, spi }: KeyedSa): InboundSa {
  return new InboundSa({ engine: ENGINE, suite, keys, spi });
}

/** The inner packet, or the reason. */
function open(sa: InboundSa, packet: Uint8Array): Uint8Array | EspRefusal {
  const result = sa.openInto(NOW, packet, new Uint8Array(packet.length), 0);
  return result.ok ? result.octets : result.reason;
}

describe('a keyed packet', () => {
  it('is opened by who has the key, and is what was put into it', () => {
    fc.assert(
      fc.property(keyedPacket, ({ sa, packet, inner }) => {
        expect(open(inbound(sa), packet)).toEqual(inner);
      }),
      { numRuns: 40 },
    );
  });
});

describe('an almost valid packet', () => {
  it.each(PACKET_RULES)('is refused for the reason that fits: $name', ({ name }) => {
    fc.assert(
      fc.property(breakingPacket(name), ({ sa, before, packet }) => {
        const receiver = inbound(sa);
        for (const good of before) expect(open(receiver, good)).toBeInstanceOf(Uint8Array);
        expect(open(receiver, packet)).toBe(REASONS[name]);
      }),
      { numRuns: 15 },
    );
  });

  it('breaks in a while each of the rules', () => {
    const seen = new Set(fc.sample(almostValidPacket, { seed: 1, numRuns: 200 }).map(({ rule }) => rule.name));
    expect([...seen].sort()).toEqual(PACKET_RULES.map(({ name }) => name).sort());
    expect(() => Reflect.apply(breakingPacket, undefined, ['esp'])).toThrow(
      /name must be that of one of PACKET_RULES: esp/,
    );
  });
});
