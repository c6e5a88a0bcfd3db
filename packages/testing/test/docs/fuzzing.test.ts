import assert from 'node:assert';
import { type EspKeys, espSuite, nobleEngine } from '@espalier/crypto';
import { InboundSa } from '@espalier/esp';
import { decoderLaws } from '@espalier/testing/laws';
import { almostValidPacket } from '@espalier/testing/packets';
import { instant, type Spi } from '@espalier/wire';
import fc from 'fast-check';
import { it } from 'vitest';

class BadText extends Error {}

const options = {
  name: 'a text of one octet of length',
  decode: (octets: Uint8Array) => {
    if (octets.length === 0 || octets.length - 1 !== octets[0]) throw new BadText('of another length');
    return octets.slice(1);
  },
  encode: (text: Uint8Array) => Uint8Array.of(text.length, ...text),
  values: fc.uint8Array({ maxLength: 255 }),
  errors: [BadText],
  runs: 20,
} as const;

function myReceiver(suite: string, keys: EspKeys, spi: Spi) {
  const sa = new InboundSa({ engine: nobleEngine(), suite: espSuite(suite), keys, spi });
  return { open: (packet: Uint8Array) => sa.openInto(instant(0), packet, new Uint8Array(65_536)) };
}

it.each(decoderLaws(options))('$law', ({ check }) => {
  check();
});

it('docs/how-to/test/fuzzing.md shows a property that our own receiver has', () => {
  fc.assert(
    fc.property(almostValidPacket, ({ sa, before, packet, rule }) => {
      const receiver = myReceiver(sa.suite.name, sa.keys, sa.spi);
      for (const good of before) receiver.open(good);
      assert(!receiver.open(packet).ok, `${rule.name}: ${rule.says} (${rule.clause})`);
    }),
  );
});
