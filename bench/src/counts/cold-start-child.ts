// Run in a process of its own: from the first import to the first sealed packet, in milliseconds.
import { randomFillSync } from 'node:crypto';
import type { Engine } from '@espalier/crypto';

const start = performance.now();
const engine = await createEngine(process.argv[2]);
const { OutboundSa } = await import('@espalier/esp');
const { innerPacket, keysFor, SPI, SUITES } = await import('../packets/suites.ts');
const { instant } = await import('@espalier/wire');
const [suite] = SUITES;
if (suite === undefined) throw new Error('there is no suite');
const sa = new OutboundSa({ engine, suite, keys: keysFor(suite), spi: SPI, rng: { fill: randomFillSync } });
const inner = innerPacket(64);
const { ok } = sa.sealInto(instant(0), inner, new Uint8Array(sa.sealedOctets(inner.length)));
if (!ok) throw new Error('the first packet is refused');
console.log(performance.now() - start);

async function createEngine(name: string | undefined): Promise<Engine> {
  if (name === 'node') return (await import('@espalier/crypto/node')).nodeEngine();
  if (name === 'wasm') return (await import('@espalier/crypto/wasm')).wasmEngine();
  return (await import('@espalier/crypto')).nobleEngine();
}
