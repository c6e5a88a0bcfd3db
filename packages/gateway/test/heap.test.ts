import { encodeIpv4, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { Bed, hostAddress, INSIDE } from './bed.ts';

const BATCH = 64;
const BATCHES = 350;
const SAMPLES = 9;

/**
 * Octets of heap that one packet takes once the code is warm: the median of several samples, for a garbage collection
 * or a compilation may fall into one of them.
 */
function octetsPerPacket(run: (sample: number) => void): number {
  run(0);
  const samples = Array.from({ length: SAMPLES }, (_, i) => {
    const before = process.memoryUsage().heapUsed;
    run(i + 1);
    return (process.memoryUsage().heapUsed - before) / (BATCH * BATCHES);
  });
  return samples.sort((a, b) => a - b)[SAMPLES >> 1] ?? Number.NaN;
}

// An object takes at least 12 octets, a view of a buffer more than 100; what a batch takes is shared by its packets.
const LESS_THAN_AN_OBJECT = 8;

function upBed(): Bed {
  const bed = new Bed({ suite: 'null/hmac-sha1-96', term: { antiReplayWindow: 4096 } });
  bed.ping('R2', 0);
  bed.run(seconds(1));
  return bed;
}

const inner = encodeIpv4({
  source: parseAddress(hostAddress('R2')),
  destination: parseAddress(hostAddress('R3')),
  protocol: 17,
  payload: new Uint8Array(44),
});
const batch: readonly Uint8Array[] = Array(BATCH).fill(inner);

describe('in steady state, in batches, a packet allocates nothing', () => {
  it('on its way from the inside to the outside', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    let octets = 0;
    const count = (out: { readonly offset: number; readonly length: number }) => {
      octets += out.length;
    };
    const growth = octetsPerPacket(() => {
      for (let i = 0; i < BATCHES; i++) {
        if (gateway.handleInsideBatch(bed.now, batch, INSIDE) !== BATCH) expect.fail('refused');
        gateway.drainTransmit(count);
      }
    });
    expect(growth).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(octets).toBe((SAMPLES + 1) * BATCHES * BATCH * 108);
  });

  it('on its way from the outside to the inside, and when it is refused', () => {
    const bed = upBed();
    const { gateway } = bed.site('R2');
    const rounds = Array.from({ length: (SAMPLES + 1) * BATCHES }, () => {
      gateway.handleInsideBatch(bed.now, batch, INSIDE);
      const sealed: Uint8Array[] = [];
      gateway.drainTransmit((out) => sealed.push(out.octets.slice()));
      return sealed;
    });
    const receiver = bed.site('R3').gateway;
    let octets = 0;
    const count = (out: { readonly offset: number; readonly length: number }) => {
      octets += out.length;
    };
    const growth = octetsPerPacket((sample) => {
      for (let i = 0; i < BATCHES; i++) {
        const sealed = rounds[sample * BATCHES + i] ?? [];
        if (receiver.handleOutsideBatch(bed.now, sealed) !== BATCH) expect.fail('refused');
        receiver.drainInside(count);
        if (receiver.handleOutsideBatch(bed.now, sealed) !== 0) expect.fail('not refused');
      }
    });
    expect(growth).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(octets).toBe((SAMPLES + 1) * BATCHES * BATCH * inner.length);
  });
});
