import { seconds } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { Pair, type Side } from './support/pair.ts';

const LOSS = 0.2;
const RUNS = 200;
const STEP = 0.1;
const DELAY = 20;

/** Loses so much of everything. */
function lossy(seed: number) {
  const rng = seededRng(seed);
  const draw = new Uint8Array(2);
  return (): readonly number[] => {
    rng.fill(draw);
    return ((draw[0] ?? 0) * 256 + (draw[1] ?? 0)) / 65_536 < LOSS ? [] : [DELAY];
  };
}

/** Seconds until both ends have a child that sends; a caller that is told of a failure tries again a second later. */
function secondsUntilUp(seed: number, side: Side): number {
  const pair = new Pair({ seed, network: lossy(seed) }).initiate(side);
  const isUp = (): boolean =>
    pair.nodes.every(({ endpoint }) => endpoint.children().some(({ state }) => state === 'established'));
  let failures = 0;
  let time = 0;
  while (!isUp() && time < 600) {
    pair.run(seconds(STEP));
    time += STEP;
    const failed = pair[side].of('child-failed').length;
    if (failed === failures) continue;
    failures = failed;
    pair.run(seconds(1));
    time += 1;
    pair.initiate(side);
  }
  return time;
}

describe('a tunnel over a path that loses one datagram in five', () => {
  it('is up within seconds: nine of ten within 6, all but one in a hundred within 20', () => {
    const times = Array.from({ length: RUNS }, (_, seed) => secondsUntilUp(seed + 1, seed % 2 === 0 ? 'R2' : 'R3'));
    times.sort((a, b) => a - b);
    const [half, most, nearlyAll, all] = [0.5, 0.9, 0.99, 1].map((part) => times[Math.ceil(part * RUNS) - 1] ?? 0);
    const mean = times.reduce((sum, time) => sum + time, 0) / RUNS;
    console.log(
      `20 % loss, ${RUNS} tunnels, seconds until up: mean ${mean.toFixed(1)}, half ${half?.toFixed(1)}, ` +
        `90 % ${most?.toFixed(1)}, 99 % ${nearlyAll?.toFixed(1)}, all ${all?.toFixed(1)}`,
    );
    expect(most).toBeLessThan(6);
    expect(nearlyAll).toBeLessThan(20);
    expect(all).toBeLessThan(60);
  });
});
