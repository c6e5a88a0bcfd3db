import { ahSuite } from '@espalier/crypto';
import { InboundAhSa, OutboundAhSa } from '@espalier/esp/ah';
import { formatAddress, fromHex, ip, spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { ENGINE, NOW } from '../support/sas.ts';
import { vectorJson } from '../support/vectors.ts';

interface Case {
  readonly mode: 'transport' | 'tunnel';
  readonly suite: string;
  readonly title: string;
  readonly esnHigh: number | null;
  readonly original: string;
  readonly sealed: string;
}

describe('Scapy', () => {
  const { cases } = vectorJson<{ cases: readonly Case[] }>('scapy/ah.json');

  it.each(cases)('$mode, $title, $suite, ESN $esnHigh: octet for octet, and back', (test) => {
    const { mode, esnHigh } = test;
    const [original, sealed] = [fromHex(test.original), fromHex(test.sealed)];
    const suite = ahSuite(test.suite);
    const key = Uint8Array.from({ length: suite.integrityKeyOctets }, (_, i) => i);
    const esn = esnHigh !== null;
    const shared = { engine: ENGINE, suite, key, spi: spi(0x1234_5678), mode, esn };
    const outer = {
      source: formatAddress(ip.sourceOctets(sealed, 0)),
      destination: formatAddress(ip.destinationOctets(sealed, 0)),
      identification: 0x777,
      dscp: 0,
      df: 'clear' as const,
    };
    const outbound = new OutboundAhSa({
      ...shared,
      ...(mode === 'tunnel' ? { outer } : {}),
      rng: { fill: () => expect.fail('nothing is random') },
      firstSequence: BigInt(esnHigh ?? 0) * 2n ** 32n + 7n,
    });
    const out = new Uint8Array(outbound.sealedOctets(original.length));
    const result = outbound.sealInto(NOW, original, out);
    expect(result.ok && result.octets).toEqual(sealed);

    const inbound = new InboundAhSa({ ...shared, esn: false });
    const headOctets = ip.payloadAt(sealed, 0, sealed.length);
    const opened = inbound.openInto(NOW, sealed, sealed.slice(), 0, headOctets);
    // The routing header has segments left: where it is, the packet is not at its end.
    if (test.title === 'IPv6, routing') expect(opened).toMatchObject({ ok: false, reason: 'bad-outer' });
    else if (esn) expect(opened).toMatchObject({ ok: false, reason: 'bad-icv' });
    else expect(opened.ok && opened.octets).toEqual(original);
  });
});
