import { randomFillSync } from 'node:crypto';
import { type EspSuite, nobleEngine } from '@espalier/crypto';
import { InboundSa, OutboundSa } from '@espalier/esp';
import { equalOctets, instant } from '@espalier/wire';
import type { Contender } from './contender.ts';
import { innerPacket, keysFor, SIZES, SPI } from './suites.ts';

const NOW = instant(0);
/** Sizes that need all kinds of padding, beside those that are measured. */
const CHECKED_SIZES: readonly number[] = [...SIZES, 61, 62, 63, 65, 77];

/**
 * Makes sure that a contender does the work that it is timed for: our portable engine opens what it seals, it opens what
 * our engine seals, and refuses a packet in which one bit is wrong.
 * @throws Error where they disagree.
 */
export async function checkAgreement(contender: Contender, suite: EspSuite): Promise<void> {
  const shared = { engine: nobleEngine(), suite, keys: keysFor(suite), spi: SPI };
  const outbound = new OutboundSa({ ...shared, rng: { fill: randomFillSync } });
  const inbound = new InboundSa(shared);
  const expect = (holds: boolean, what: string): void => {
    if (!holds) throw new Error(`${contender.name} and espalier disagree on ${suite.name}: ${what}`);
  };
  for (const size of CHECKED_SIZES) {
    const inner = innerPacket(size);

    const sealed = await contender.seal(inner);
    const opened = inbound.openInto(NOW, sealed, new Uint8Array(sealed.length));
    expect(opened.ok && equalOctets(opened.octets, inner), `what it seals, ${size} octets`);

    const packet = new Uint8Array(outbound.sealedOctets(size));
    expect(outbound.sealInto(NOW, inner, packet).ok, `what is sealed for it, ${size} octets`);
    const forged = packet.map((octet, i) => (i === packet.length - 20 ? octet ^ 1 : octet));
    expect((await contender.open(forged)) === undefined, `a forged packet of ${size} octets`);
    const result = await contender.open(packet);
    expect(result !== undefined && equalOctets(result, inner), `what it opens, ${size} octets`);
  }
}
