import { randomFillSync } from 'node:crypto';
import { espSuite } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { type Batch, OutboundSa, PacketPool } from '@espalier/esp';
import { type Instant, instant } from '@espalier/wire';
import { keysFor, SPI } from '../packets/suites.ts';
import { BATCH } from './shared-batch.ts';

const NOW: Instant = instant(0);

/** One SA on an engine of its own: what one thread runs. */
export class Sealer {
  readonly #sa: OutboundSa;
  readonly #batch: Batch;

  constructor(suite: string) {
    const engine = nodeEngine();
    const keys = keysFor(espSuite(suite));
    this.#sa = new OutboundSa({ engine, suite, keys, spi: SPI, rng: { fill: randomFillSync } });
    this.#batch = new PacketPool(engine, { slots: BATCH }).createBatch(BATCH);
  }

  /** Seals the first `octets` of each packet, and hands what came of it to `take`. */
  seal(packets: readonly Uint8Array[], octets: number, take: (sealed: Uint8Array, index: number) => void): void {
    for (const packet of packets) this.#batch.add(packet.subarray(0, octets));
    this.#sa.sealBatch(NOW, this.#batch);
    let index = 0;
    for (const packet of this.#batch) {
      if (packet.ok) take(packet.octets, index);
      index += 1;
    }
    this.#batch.clear();
  }
}
