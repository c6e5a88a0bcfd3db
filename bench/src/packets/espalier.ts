import { randomFillSync } from 'node:crypto';
import type { Engine, EspSuite } from '@espalier/crypto';
import { type Batch, InboundSa, type Lifetime, OutboundSa, PacketPool } from '@espalier/esp';
import { type Instant, instant, seconds } from '@espalier/wire';
import type { Contender } from './contender.ts';
import { keysFor, SPI } from './suites.ts';

const NOW: Instant = instant(1_000_000);
/** Limits that are checked for every packet and never reached. */
const LIFETIME: Lifetime = { establishedAt: NOW, hard: { time: seconds(28_800), octets: 2 ** 50, packets: 2 ** 50 } };

/** The whole path of `@espalier/esp`, on one engine, in batches of one size; all SAs have the same keys, each its own copy. */
export class EspalierContender implements Contender {
  readonly name: 'noble' | 'wasm' | 'node';
  readonly batch: number;
  readonly sas: number;
  readonly leavesGarbage: boolean;
  readonly #pool: PacketPool;
  readonly #packets: Batch;
  readonly #outbound: readonly OutboundSa[];
  readonly #inbound: readonly InboundSa[];
  /** For each packet of a batch its SA; undefined where there is one for all. */
  readonly #outboundOf: readonly OutboundSa[] | undefined;
  readonly #inboundOf: readonly InboundSa[] | undefined;

  constructor(name: 'noble' | 'wasm' | 'node', engine: Engine, suite: EspSuite, batch: number, sas = 1) {
    this.name = name;
    this.batch = batch;
    this.sas = sas;
    this.leavesGarbage = name === 'node' && suite.encryption.startsWith('aes');
    this.#pool = new PacketPool(engine, { slots: batch });
    this.#packets = this.#pool.createBatch(batch);
    const shared = { engine, suite, keys: keysFor(suite), spi: SPI, lifetime: LIFETIME };
    const rng = { fill: randomFillSync };
    this.#outbound = Array.from({ length: sas }, () => new OutboundSa({ ...shared, rng }));
    this.#inbound = Array.from({ length: sas }, () => new InboundSa(shared));
    if (sas === 1) return;
    this.#outboundOf = inTurns(this.#outbound, batch);
    this.#inboundOf = inTurns(this.#inbound, batch);
  }

  seal(inner: Uint8Array): Uint8Array {
    this.#packets.add(inner);
    this.#seal();
    return this.#takeOne() ?? refused();
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    this.#packets.add(packet);
    this.#open();
    return this.#takeOne();
  }

  timeSeal(inner: Uint8Array, count: number): number {
    const { batch } = this;
    const start = performance.now();
    for (let done = 0; done < count; done += batch) {
      for (let i = 0; i < batch; i++) this.#packets.add(inner);
      this.#seal();
      this.#collect();
    }
    return performance.now() - start;
  }

  timeOpen(packets: readonly Uint8Array[], count: number): number {
    const { batch } = this;
    const start = performance.now();
    for (let done = 0; done < count; done += batch) {
      for (let i = done; i < done + batch; i++) this.#packets.add(packets[i] ?? refused());
      this.#open();
      this.#collect();
    }
    return performance.now() - start;
  }

  close(): void {
    for (const sa of [...this.#outbound, ...this.#inbound]) sa.wipe();
    this.#pool.release();
  }

  #seal(): void {
    if (this.#outboundOf !== undefined) OutboundSa.sealMany(NOW, this.#packets, this.#outboundOf);
    else this.#outbound[0]?.sealBatch(NOW, this.#packets);
  }

  #open(): void {
    if (this.#inboundOf !== undefined) InboundSa.openMany(NOW, this.#packets, this.#inboundOf);
    else this.#inbound[0]?.openBatch(NOW, this.#packets);
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

/** As many as a batch has packets, one after the other. */
function inTurns<Sa>(sas: readonly Sa[], batch: number): readonly Sa[] {
  return Array.from({ length: batch }, (_, i) => sas.slice(i % sas.length, (i % sas.length) + 1)).flat();
}
