import { type Engine, espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { describe, expect, test } from 'vitest';
import { allParts } from '../src/parts/parts.ts';
import { measureParts } from '../src/parts/run.ts';
import { withCheapKeys } from '../src/scale/cheap-keys.ts';
import { measureTunnels } from '../src/scale/tunnels.ts';

describe.each(allParts().map((part) => [part.name, part] as const))('%s', (_, part) => {
  test('does what it is measured for, again and again', () => {
    part.run();
    part.run();
  });
});

test('the median is that of one, however many a run does', async () => {
  const wait = () => {
    const end = performance.now() + 1;
    while (performance.now() < end);
  };
  const results = await measureParts([{ name: 'a microsecond', repetitions: 1000, run: wait }], 20);
  expect(results).toHaveLength(1);
  expect(results[0]?.microseconds).toBeGreaterThanOrEqual(1);
  expect(results[0]?.microseconds).toBeLessThan(1000);
});

test('a gateway is measured with packets of one tunnel, and with as many tunnels as packets', () => {
  const engine = withCheapKeys(nodeEngine());
  const measurements = measureTunnels(engine, espSuite('null/hmac-sha1-96'), [64], 1);
  expect(measurements.map(({ sas, direction }) => [sas, direction])).toEqual([
    [1, 'seal'],
    [1, 'open'],
    [64, 'seal'],
    [64, 'open'],
  ]);
  expect(measurements.every(({ nsPerPacket }) => nsPerPacket > 0)).toBe(true);
});

test('an engine whose key exchange is cheap takes batches of many SAs as the one beneath it', () => {
  const taken: string[] = [];
  const beneath: Engine = {
    ...nodeEngine(),
    sealMany: () => void taken.push('seal'),
    openMany: () => void taken.push('open'),
  };
  const engine = withCheapKeys(beneath);
  const jobs = { words: new Int32Array(0), count: 0 };
  engine.sealMany?.(new Uint8Array(0), jobs, [], 'fresh');
  engine.openMany?.(new Uint8Array(0), jobs, []);
  expect(taken).toEqual(['seal', 'open']);
});
