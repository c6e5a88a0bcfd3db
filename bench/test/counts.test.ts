import { espSuite } from '@espalier/crypto';
import { describe, expect, test } from 'vitest';
import { kernelOctets } from '../src/counts/kernels.ts';
import { countPackets } from '../src/counts/packet-counts.ts';
import { createEngines } from '../src/packets/line-up.ts';
import { SUITES } from '../src/packets/suites.ts';

const engines = createEngines();

/** An object takes at least 12 octets, a view of a buffer more than 100. */
const LESS_THAN_AN_OBJECT = 8;
/** What node:crypto returns for a call: a Buffer and what belongs to it, shared by the packets of a batch. */
const SHARE_OF_A_BUFFER = 64;
const MANY = 100_000;
/**
 * A busy machine may compile late: code that is not compiled yet boxes numbers, and has another try. It may take long, too:
 * what is counted here are octets.
 */
const ONCE_COMPILED = { retry: 2, timeout: 300_000 };

describe.each(['noble', 'wasm', 'node'] as const)('the %s engine', (name) => {
  test.each(SUITES.map((suite) => [suite.name, suite] as const))(
    'allocates nothing for a packet of %s',
    ONCE_COMPILED,
    (_, suite) => {
      const { seal, open } = countPackets(engines[name], engines.wasm, suite, { octets: 64, count: 0 });
      const isPlatform = name === 'node' && suite.encryption.startsWith('aes');
      const most = isPlatform ? SHARE_OF_A_BUFFER : LESS_THAN_AN_OBJECT;
      expect(Math.max(seal.heap, open.heap)).toBeLessThan(most);
      if (!isPlatform) expect(Math.max(seal.buffers, open.buffers)).toBeLessThan(1);
    },
  );

  test(`keeps nothing of ${MANY} packets`, ONCE_COMPILED, () => {
    const suite = espSuite('null/hmac-sha1-96');
    const { retained } = countPackets(engines[name], engines.wasm, suite, { octets: 64, count: MANY });
    expect(retained / MANY).toBeLessThan(LESS_THAN_AN_OBJECT);
  });
});

test.each(['kernels', 'kernels-relaxed'] as const)('the module of %s stays small', (build) => {
  const { module, compressed } = kernelOctets(build);
  expect(module).toBeGreaterThan(10_000);
  expect(module).toBeLessThan(100_000);
  expect(compressed).toBeLessThan(40_000);
});
