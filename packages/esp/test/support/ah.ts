import { type AhSuite, ahSuite } from '@espalier/crypto';
import type { EspRefusal } from '@espalier/esp';
import { InboundAhSa, type InboundAhSaOptions, OutboundAhSa, type OutboundAhSaOptions } from '@espalier/esp/ah';
import { ip } from '@espalier/wire';
import { expect } from 'vitest';
import { seededRng } from '../../../../test/support/rng.ts';
import { octetsOf } from './packets.ts';
import { ENGINE, NOW, OUTER, SPI } from './sas.ts';

export const SHA1: AhSuite = ahSuite('hmac-sha1-96');
export const keyOf = (suite: { integrityKeyOctets: number }): Uint8Array => octetsOf(suite.integrityKeyOctets, 11);

export const outboundAh = (options: Partial<OutboundAhSaOptions> = {}): OutboundAhSa => {
  const suite = ahSuite(options.suite ?? SHA1);
  const outer = options.mode === 'transport' ? {} : { outer: OUTER };
  return new OutboundAhSa({
    engine: ENGINE,
    suite,
    key: keyOf(suite),
    spi: SPI,
    rng: seededRng(5),
    ...outer,
    ...options,
  });
};
export const inboundAh = (options: Partial<InboundAhSaOptions> = {}): InboundAhSa => {
  const suite = ahSuite(options.suite ?? SHA1);
  return new InboundAhSa({ engine: ENGINE, suite, key: keyOf(suite), spi: SPI, ...options });
};

export function sealAh(sa: OutboundAhSa, packet: Uint8Array): Uint8Array {
  const result = sa.sealInto(NOW, packet, new Uint8Array(sa.sealedOctets(packet.length)));
  if (!result.ok) throw new Error(result.reason);
  return result.octets;
}

export function openAh(
  sa: InboundAhSa,
  packet: Uint8Array,
  headOctets = ip.payloadAt(packet, 0, packet.length),
): Uint8Array | EspRefusal {
  const before = packet.slice();
  const result = sa.openInto(NOW, packet, packet, ip.tos(packet, 0), headOctets);
  if (!result.ok) expect(Buffer.compare(packet, before)).toBe(0);
  return result.ok ? result.octets.slice() : result.reason;
}
