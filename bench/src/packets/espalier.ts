import { randomFillSync } from 'node:crypto';
import type { Engine, EspSuite } from '@espalier/crypto';
import { type Batch, InboundSa, type Lifetime, OutboundSa, PacketPool } from '@espalier/esp';
import { type Instant, instant, seconds } from '@espalier/wire';
import type { Contender } from './contender.ts';
import { keysFor, SPI } from './suites.ts';

const NOW: Instant = instant(1_000_000);
/** Limits that are checked for every packet and never reached. */
const LIFETIME: Lifetime = { establishedAt: NOW, hard: { time: seconds(28_800), octets: 2 ** 50, packets: 2 ** 50 } };

/** The whole path of `@espalier/esp`, on one engine, in batches of one size. */
export class EspalierContender implements Contender {
  readonly name: 'noble' | 'wasm' | 'node';
  readonly batch: number;
  readonly leavesGarbage: boolean;
  readonly #pool: PacketPool;
  readonly #packets: Batch;
  readonly #outbound: OutboundSa;
  readonly #inbound: InboundSa;

  constructor(name: 'noble' | 'wasm' | 'node', engine: Engine, suite: EspSuite, batch: number) {
    this.name = name;
    this.batch = batch;
    this.leavesGarbage = name === 'node' && suite.encryption.startsWith('aes');
    this.#pool = new PacketPool(engine, { slots: batch });
    this.#packets = this.#pool.createBatch(batch);
    const shared = { engine, suite, keys: keysFor(suite), spi: SPI, lifetime: LIFETIME };
    this.#outbound = new OutboundSa({ ...shared, rng: { fill: randomFillSync } });
    this.#inbound = new InboundSa(shared);
  }

  seal(inner: Uint8Array): Uint8Array {
    this.#packets.add(inner);
    this.#outbound.sealBatch(NOW, this.#packets);
    return this.#takeOne() ?? refused();
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    this.#packets.add(packet);
    this.#inbound.openBatch(NOW, this.#packets);
    return this.#takeOne();
  }

  timeSeal(inner: Uint8Array, count: number): number {
    const { batch } = this;
    const start = performance.now();
    for (let done = 0; done < count; done += batch) {
      for (let i = 0; i < batch; i++) this.#packets.add(inner);
      this.#outbound.sealBatch(NOW, this.#packets);
      this.#collect();
    }
    return performance.now() - start;
  }

  timeOpen(packets: readonly Uint8Array[], count: number): number {
    const { batch } = this;
    const start = performance.now();
    for (let done = 0; done < count; done += batch) {
      for (let i = done; i < done + batch; i++) this.#packets.add(packets[i] ?? refused());
      this.#inbound.openBatch(NOW, this.#packets);
      this.#collect();
    }
    return performance.now() - start;
  }

  close(): void {
    this.#outbound.wipe();
    this.#inbound.wipe();
    this.#pool.release();
  }

  /** Looks where each packet lies, as one would who sends it, and makes room for the next ones. */
  #collect(): void {
    for (const packet of this.#packets) if (!packet.ok || packet.length === 0 || packet.offset < 0) refused();
    this.#packets.clear();
  }

  #takeOne(): Uint8Array | undefined {
    const packet = this.#packets.at(0);
    const octets = packet.ok ? packet.octets.slice() : undefined;
    this.#packets.clear();
    return octets;
  }
}

function refused(): never {
  throw new Error('a packet that should pass was refused');
}
