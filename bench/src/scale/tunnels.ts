import type { Engine, EspSuite } from '@espalier/crypto';
import { collectGarbage } from '../garbage.ts';
import { DIRECTIONS, type Direction, type Measurement } from '../measurement.ts';
import { MANY_BATCH } from '../packets/suites.ts';
import { median } from '../statistics.ts';
import { START } from './ike-peers.ts';
import { createStar, establish, packetBetween, type Star } from './network.ts';

/** Inputs of a turn. */
const INPUTS = 16;
const TUNNELS: readonly number[] = [1, MANY_BATCH];

/**
 * What a packet costs a gateway, out (`seal`) and in (`open`), when the packets of an input are all of one tunnel, and when
 * each is of another: in turns, at a hub that has as many tunnels in either case.
 */
export function measureTunnels(
  engine: Engine,
  suite: EspSuite,
  sizes: readonly number[],
  turns: number,
): readonly Measurement[] {
  const star = createStar({ engine, peers: MANY_BATCH, childrenPerPeer: 1, suite });
  for (let peer = 0; peer < MANY_BATCH; peer++) establish(star, peer, 0, START);
  const measurements = sizes.flatMap((size) => measureSize(star, suite, size, turns));
  star.hub.close(START);
  star.spokes.close(START);
  return measurements;
}

function measureSize(star: Star, suite: EspSuite, size: number, turns: number): readonly Measurement[] {
  const tasks = TUNNELS.flatMap((sas) =>
    DIRECTIONS.map((direction) => ({ sas, direction, run: timed(star, direction, sas, size), times: [] as number[] })),
  );
  // A quarter of them warms up.
  for (let turn = -Math.ceil(turns / 4); turn < turns; turn++) {
    for (const { run, times } of tasks) {
      const nanoseconds = run();
      if (turn >= 0) times.push(nanoseconds);
    }
  }
  return tasks.map(({ sas, direction, times }) => ({
    suite: suite.name,
    size,
    direction,
    engine: 'node',
    batch: MANY_BATCH,
    sas,
    nsPerPacket: Math.round(10 * median(times)) / 10,
  }));
}

/** Gives nanoseconds of one packet. */
function timed(star: Star, direction: Direction, tunnels: number, size: number): () => number {
  const isOut = direction === 'seal';
  const packets = Array.from({ length: MANY_BATCH }, (_, i) => packetBetween(i % tunnels, 0, isOut, size));
  return () => (isOut ? timeOut(star, packets) : timeIn(star, packets));
}

function timeOut({ hub }: Star, packets: readonly Uint8Array[]): number {
  let seen = 0;
  collectGarbage('minor');
  const begin = performance.now();
  for (let i = 0; i < INPUTS; i++) {
    hub.handleInsideBatch(START, packets);
    hub.drainTransmit(() => {
      seen += 1;
    });
  }
  return perPacket(performance.now() - begin, INPUTS * packets.length, seen);
}

/** The spokes have sealed them before. */
function timeIn({ hub, spokes }: Star, packets: readonly Uint8Array[]): number {
  const sealed = Array.from({ length: INPUTS }, () => {
    const octets: Uint8Array[] = [];
    spokes.handleInsideBatch(START, packets);
    spokes.drainTransmit((out) => octets.push(out.octets.slice()));
    return octets;
  });
  let seen = 0;
  collectGarbage('minor');
  const begin = performance.now();
  for (const octets of sealed) {
    hub.handleOutsideBatch(START, octets);
    hub.drainInside(() => {
      seen += 1;
    });
  }
  return perPacket(performance.now() - begin, INPUTS * packets.length, seen);
}

function perPacket(milliseconds: number, expected: number, seen: number): number {
  if (seen !== expected) throw new Error(`${expected - seen} packets were lost`);
  return (1e6 * milliseconds) / expected;
}
