import { InboundSa, OutboundSa } from '@espalier/esp';
import { spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../../test/support/thorough.ts';
import { ipv4Packet } from '../support/packets.ts';
import { inboundSa, NOW, NULL_SUITE, OUTER, outboundSa, poolOf } from '../support/sas.ts';

/** So many warm the code up, and so many are a sample: in `npm run thorough` a million are all of them. */
const PACKETS = isThorough ? 100_000 : 25_000;
const SAMPLES = isThorough ? 9 : 5;

/**
 * Octets of heap that one packet takes once the code is warm: the median of several samples, for a garbage collection
 * or a compilation may fall into one of them.
 */
function octetsPerPacket(run: (packets: number) => void): number {
  run(PACKETS);
  const samples = Array.from({ length: SAMPLES }, () => {
    const before = process.memoryUsage().heapUsed;
    run(PACKETS);
    return (process.memoryUsage().heapUsed - before) / PACKETS;
  });
  return samples.sort((a, b) => a - b)[SAMPLES >> 1] ?? Number.NaN;
}

// An object takes at least 12 octets, a view of a buffer more than 100.
const LESS_THAN_AN_OBJECT = 4;

/** A busy machine may compile late: code that is not compiled yet boxes numbers, and has another try. */
const ONCE_COMPILED = { retry: 3 };

describe('in steady state a packet allocates nothing', () => {
  const inner = ipv4Packet(44);
  const OUTER6_UDP = {
    source: '2001:db8::1',
    destination: '2001:db8::2',
    udp: { sourcePort: 4500, destinationPort: 4500 },
  };

  it('on its way through sealInto and openInto', ONCE_COMPILED, () => {
    const outbound = outboundSa(NULL_SUITE, { outer: OUTER });
    const inbound = inboundSa(NULL_SUITE);
    const out = new Uint8Array(outbound.sealedOctets(inner.length));
    const sealed = out.subarray(20);
    const octets = octetsPerPacket((packets) => {
      for (let i = 0; i < packets; i++) {
        const sealing = outbound.sealInto(NOW, inner, out);
        const opening = inbound.openInto(NOW, sealed, sealed);
        if (!(sealing.ok && opening.ok)) expect.fail('refused');
      }
    });
    expect(octets).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(inbound.counters.packets).toBe((SAMPLES + 1) * PACKETS);
  });

  it.each([
    ['IPv4', OUTER],
    ['UDP over IPv6', OUTER6_UDP],
  ] as const)('on its way through sealBatch into %s', ONCE_COMPILED, (_, outer) => {
    const outbound = outboundSa(NULL_SUITE, { outer });
    const batch = poolOf(64).createBatch(64);
    const octets = octetsPerPacket((packets) => {
      for (let i = 0; i < packets / 64; i++) {
        while (batch.add(inner));
        outbound.sealBatch(NOW, batch);
        for (const packet of batch) if (!packet.ok) expect.fail('refused');
        batch.clear();
      }
    });
    expect(octets).toBeLessThan(LESS_THAN_AN_OBJECT);
  });

  it('on its way through sealMany and openMany, whatever its SA', ONCE_COMPILED, () => {
    const spis = Array.from({ length: 16 }, (_, i) => spi(1000 + i));
    const outbound = spis.map((each) => outboundSa(NULL_SUITE, { spi: each }));
    const inbound = spis.map((each) => inboundSa(NULL_SUITE, { spi: each, replayWindow: 'off' }));
    const sealers = Array.from({ length: 64 }, (_, i) => outbound[(i * 5) % 16] ?? expect.fail());
    const openers = Array.from({ length: 64 }, (_, i) => inbound[(i * 5) % 16] ?? expect.fail());
    const batch = poolOf(64).createBatch(64);
    while (batch.add(inner));
    OutboundSa.sealMany(NOW, batch, sealers);
    const wire = Array.from(batch, (packet) => packet.octets.slice());
    batch.clear();
    const octets = octetsPerPacket((packets) => {
      for (let i = 0; i < packets / 64; i++) {
        while (batch.add(inner));
        if (OutboundSa.sealMany(NOW, batch, sealers) !== 64) expect.fail('refused');
        batch.clear();
        for (const packet of wire) batch.add(packet);
        if (InboundSa.openMany(NOW, batch, openers) !== 64) expect.fail('refused');
        batch.clear();
      }
    });
    expect(octets).toBeLessThan(LESS_THAN_AN_OBJECT);
  });

  it('when it is refused, in openInto and in openBatch', ONCE_COMPILED, () => {
    const inbound = inboundSa(NULL_SUITE);
    const forged = new Uint8Array(72).fill(1);
    forged.set([0x12, 0x34, 0x56, 0x78]);
    const out = new Uint8Array(72);
    const batch = poolOf(64).createBatch(64);
    const octets = octetsPerPacket((packets) => {
      for (let i = 0; i < packets / 128; i++) {
        for (let k = 0; k < 64; k++) {
          inbound.openInto(NOW, forged, out);
          batch.add(forged);
        }
        inbound.openBatch(NOW, batch);
        for (const packet of batch) if (packet.reason !== 'bad-icv') expect.fail('not refused');
        batch.clear();
      }
    });
    expect(octets).toBeLessThan(LESS_THAN_AN_OBJECT);
  });
});
