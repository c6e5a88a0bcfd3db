import { type Engine, ESP_SUITES, type EspKeys, type EspSuite, espSuite, nobleEngine } from '@espalier/crypto';
import {
  type EspRefusal,
  InboundSa,
  type InboundSaOptions,
  OutboundSa,
  type OutboundSaOptions,
  PacketPool,
} from '@espalier/esp';
import { type Instant, instant, type Spi, spi } from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';

export const ENGINE: Engine = nobleEngine();
export const SUITES: readonly EspSuite[] = ESP_SUITES.filter((suite) => ENGINE.supports(suite));
/** One suite of each shape: lengths of IV, alignment and ICV are all that differs outside of cryptography. */
export const SHAPES: readonly EspSuite[] = [
  ...new Map(
    SUITES.map((suite) => [`${suite.ivOctets}/${suite.alignmentOctets}/${suite.icvOctets}`, suite] as const).reverse(),
  ).values(),
];
/** The cheapest suite, for tests that are not about cryptography. */
export const NULL_SUITE: EspSuite = espSuite('null/hmac-sha1-96');
export const SPI: Spi = spi(0x1234_5678);
export const NOW: Instant = instant(1_000_000);
export const OUTER = { source: '10.1.15.1', destination: '10.1.15.2' };

export function keysFor(suite: EspSuite, seed = 1): EspKeys {
  const rng = seededRng(seed);
  const take = (length: number) => {
    const octets = new Uint8Array(length);
    rng.fill(octets);
    return octets;
  };
  return {
    encryption: take(suite.encryptionKeyOctets),
    salt: take(suite.saltOctets),
    integrity: take(suite.integrityKeyOctets),
  };
}

export function outboundSa(suite: EspSuite, options: Partial<OutboundSaOptions> = {}): OutboundSa {
  return new OutboundSa({ engine: ENGINE, suite, keys: keysFor(suite), spi: SPI, rng: seededRng(7), ...options });
}

export function inboundSa(suite: EspSuite, options: Partial<InboundSaOptions> = {}): InboundSa {
  return new InboundSa({ engine: ENGINE, suite, keys: keysFor(suite), spi: SPI, ...options });
}

export function poolOf(slots: number, slotOctets = 2304): PacketPool {
  return new PacketPool(ENGINE, { slots, slotOctets });
}

/** A sealed packet of its own, from the first octet of its outer header or SPI. */
export function seal(sa: OutboundSa, packet: Uint8Array, now: Instant = NOW): Uint8Array {
  const out = new Uint8Array(sa.sealedOctets(packet.length));
  const result = sa.sealInto(now, packet, out);
  if (!result.ok) throw new Error(`not sealed: ${result.reason}`);
  return result.octets;
}

/** The inner packet, or the reason of the refusal. */
export function open(sa: InboundSa, packet: Uint8Array, outerTos = 0, now: Instant = NOW): Uint8Array | EspRefusal {
  const result = sa.openInto(now, packet, new Uint8Array(packet.length), outerTos);
  return result.ok ? result.octets : result.reason;
}
