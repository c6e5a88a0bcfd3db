import { encodeIpv4, type Instant, parseAddress, seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { isThorough } from '../../../test/support/thorough.ts';
import type { Gateway, GatewayTransmit } from '../src/index.ts';
import { Bed, hostAddress, INSIDE, type Variation } from './support/bed.ts';

const BATCH = 64;
const BATCHES = 350;
const SAMPLES = isThorough ? 9 : 5;

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

/** How ESP travels, and the octets that go around 64 octets of an inner packet. */
const CARRIAGES = [
  ['in IP packets', {}, 44],
  ['in UDP in IP packets', { peer: { natTraversal: 'force' } }, 52],
  ['in payloads of UDP', { options: { outside: 'udp' } }, 24],
] as const satisfies readonly (readonly [string, Variation, number])[];

function upBed(variation: Variation): Bed {
  const bed = new Bed({ suite: 'null/hmac-sha1-96', protect: { antiReplayWindow: 4096 }, ...variation });
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

/** A busy machine may compile late: code that is not compiled yet boxes numbers, and has another try. */
const ONCE_COMPILED = { retry: 3 };

/** Adds up the octets that it is shown. */
function meter() {
  const total = { octets: 0 };
  const count = ({ length }: { readonly length: number }) => {
    total.octets += length;
  };
  return { total, count };
}

/** `BATCHES` sealed batches for each sample, as they reach the other gateway. */
function sealedBatches({ now }: Bed, gateway: Gateway): readonly GatewayTransmit[][] {
  return Array.from({ length: (SAMPLES + 1) * BATCHES }, () => {
    gateway.handleInsideBatch(now, batch, INSIDE);
    const sealed: GatewayTransmit[] = [];
    for (let out = gateway.pollTransmit(); out !== undefined; out = gateway.pollTransmit()) sealed.push(out);
    return sealed;
  });
}

describe.each(CARRIAGES)('with ESP %s, in batches, a packet allocates nothing', (_, variation, around) => {
  it('on its way from the inside to the outside', ONCE_COMPILED, () => {
    const bed = upBed(variation);
    const { gateway } = bed.site('R2');
    const { total, count } = meter();
    const growth = octetsPerPacket(() => {
      for (let i = 0; i < BATCHES; i++) {
        if (gateway.handleInsideBatch(bed.now, batch, INSIDE) !== BATCH) expect.fail('refused');
        gateway.drainTransmit(count);
      }
    });
    expect(growth).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(total.octets).toBe((SAMPLES + 1) * BATCHES * BATCH * (inner.length + around));
  });

  it('on its way from the outside to the inside, and when it is refused', ONCE_COMPILED, () => {
    const bed = upBed(variation);
    const rounds = sealedBatches(bed, bed.site('R2').gateway);
    const { gateway } = bed.site('R3');
    const take = takerOf(rounds, gateway, bed.now);
    const { total, count } = meter();
    const growth = octetsPerPacket((sample) => {
      for (let i = 0; i < BATCHES; i++) {
        const round = sample * BATCHES + i;
        if (take(round) !== BATCH) expect.fail('refused');
        gateway.drainInside(count);
        if (take(round) !== 0) expect.fail('not refused');
      }
    });
    expect(growth).toBeLessThan(LESS_THAN_AN_OBJECT);
    expect(total.octets).toBe((SAMPLES + 1) * BATCHES * BATCH * inner.length);
  });
});

/** What hands the batch of a round to the gateway, in the form that it wants. */
function takerOf(rounds: readonly GatewayTransmit[][], gateway: Gateway, now: Instant): (round: number) => number {
  const isDatagram = (out: GatewayTransmit): out is GatewayTransmit & { kind: 'datagram' } => out.kind === 'datagram';
  const datagrams = rounds.map((sealed) => sealed.filter(isDatagram));
  const packets = rounds.map((sealed) => sealed.map(({ octets }) => octets));
  return datagrams[0]?.length === BATCH
    ? (round) => gateway.handleDatagrams(now, datagrams[round] ?? [])
    : (round) => gateway.handleOutsideBatch(now, packets[round] ?? []);
}
