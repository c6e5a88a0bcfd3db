import { type Engine, ESP_SUITES, type EspSuite, nobleEngine } from '@espalier/crypto';
import { nodeEngine } from '@espalier/crypto/node';
import { wasmEngine } from '@espalier/crypto/wasm';
import { type Batch, InboundSa, type InboundSaOptions, OutboundSa, overhead, PacketPool } from '@espalier/esp';
import { spi } from '@espalier/wire';
import { describe, expect, it } from 'vitest';
import { seededRng } from '../../../test/support/rng.ts';
import { isThorough } from '../../../test/support/thorough.ts';
import { ipv4Packet, ipv6Packet } from './support/packets.ts';
import { keysFor, NOW, OUTER, SPI } from './support/sas.ts';

const OUTER6 = { source: '2001:db8:15::1', destination: '2001:db8:15::2' };
const UDP = { sourcePort: 4500, destinationPort: 4501 };
const LARGEST = 1500;

/** A batch for each cell; each suite begins with another size, so that over the suites every size comes up. */
const ENGINES = [
  { name: 'noble', engine: nobleEngine(), batch: 2 },
  { name: 'wasm', engine: wasmEngine(), batch: 5 },
  { name: 'node', engine: nodeEngine(), batch: 20 },
] as const;

const CELLS = (['tunnel', 'transport'] as const).flatMap((mode) =>
  ([4, 6] as const).flatMap((inside) =>
    ([4, 6] as const)
      .filter((outside) => mode === 'tunnel' || outside === inside)
      .flatMap((outside) =>
        [false, true].flatMap((udp) => [false, true].map((esn) => ({ mode, inside, outside, udp, esn }))),
      ),
  ),
);
type Cell = (typeof CELLS)[number];

/** So many cells have the same mode and families. */
const ALIKE = 4;
/** So many suites have the same cipher. */
const MACS = 8;

/**
 * All; or one of every four that differ in ports and ESN alone, another for the next suite: then each suite meets every
 * mode, family, ESN and port, and over the suites each cipher and each MAC meet every cell.
 */
function cellsOf(suite: number): readonly Cell[] {
  const turn = suite + Math.floor(suite / MACS);
  return isThorough ? CELLS : CELLS.filter((_, i) => (i + Math.floor(i / ALIKE) + turn) % ALIKE === 0);
}

interface Pair {
  readonly outbound: OutboundSa;
  readonly inbound: InboundSa;
}

function pairOf(
  engine: Engine,
  suite: EspSuite,
  { mode, outside, udp, esn }: Cell,
  of: Partial<InboundSaOptions> = {},
  number = 0,
): Pair {
  const shared = { engine, suite, keys: keysFor(suite, number + 1), spi: spi(SPI + number), mode, esn };
  const ports = udp ? { udp: UDP } : {};
  const around = mode === 'tunnel' ? { outer: { ...(outside === 4 ? OUTER : OUTER6), ...ports } } : ports;
  return {
    outbound: new OutboundSa({ ...shared, ...around, rng: RNG }),
    inbound: new InboundSa({ ...shared, replayWindow: 128, ...of }),
  };
}

/** One for all: SAs share the lanes of kernels where they share their source of IVs. */
const RNG = seededRng(9);

/** Of how many SAs the packets of a batch are, in turns. */
const SAS_A_BATCH = [1, 2, 7] as const;

/** Octets of everything in front of the SPI of a sealed packet. */
function outerOctets({ outside, udp }: Cell): number {
  return (outside === 4 ? 20 : 40) + (udp ? 8 : 0);
}

/** By the call for one SA where there is one. */
function sealAll(batch: Batch, sas: readonly OutboundSa[]): number {
  const [first] = sas;
  if (first !== undefined && sas.every((sa) => sa === first)) return first.sealBatch(NOW, batch);
  return OutboundSa.sealMany(NOW, batch, sas);
}

function openAll(batch: Batch, sas: readonly InboundSa[]): number {
  const [first] = sas;
  if (first !== undefined && sas.every((sa) => sa === first)) return first.openBatch(NOW, batch);
  return InboundSa.openMany(NOW, batch, sas);
}

/** Slots of one pool that a batch does not have, and that nothing may touch: one between every two of those it has. */
class GuardedPool {
  readonly batch: Batch;
  readonly #pool: PacketPool;
  readonly #guards: Batch;

  constructor(engine: Engine, capacity: number) {
    this.#pool = new PacketPool(engine, { slots: 2 * capacity + 1, slotOctets: SLOT_OCTETS });
    this.batch = this.#pool.createBatch(capacity);
    this.#guards = this.#pool.createBatch(capacity + 1);
    this.#pool.memory.fill(0xa5);
    this.#guard();
  }

  add(packet: Uint8Array, tos = 0, headOctets = 0): void {
    if (!this.batch.add(packet, tos, headOctets)) throw new Error('no room');
    this.#guard();
  }

  #guard(): void {
    if (!this.#guards.add(GUARD)) throw new Error('no room');
  }

  /** Whether every slot between is as it was, from its first octet to its last. */
  get isUntouched(): boolean {
    const { memory, slotOctets, headroom } = this.#pool;
    for (const { offset } of this.#guards) {
      const slot = Buffer.from(memory.buffer, memory.byteOffset + offset - headroom, slotOctets);
      if (!slot.equals(WHOLE_GUARD)) return false;
    }
    return true;
  }

  release(): void {
    this.batch.clear();
    this.#guards.clear();
    this.#pool.release();
  }
}

/** Of a family, with so many octets, or its header alone where that is more. */
function packetOf(family: 4 | 6, octets: number): Uint8Array {
  const key = family * 10_000 + octets;
  const known = PACKETS.get(key);
  if (known !== undefined) return known;
  const packet = family === 4 ? ipv4Packet(Math.max(0, octets - 20)) : ipv6Packet(Math.max(0, octets - 40));
  PACKETS.set(key, packet);
  return packet;
}

const PACKETS = new Map<number, Uint8Array>();

/** As `expect` does it, but a thousand times faster where they are. */
function expectSame(octets: Uint8Array, expected: Uint8Array | undefined): void {
  if (expected === undefined || Buffer.compare(octets, expected) !== 0) expect(octets).toEqual(expected);
}

const REASONS: ReadonlySet<unknown> = new Set(['wrong-spi', 'bad-icv', 'too-old', 'sequence-zero']);
const SLOT_OCTETS = 2112;
const WHOLE_GUARD = Buffer.alloc(SLOT_OCTETS, 0xa5);
/** One octet is enough, the rest of its slot having been filled before. */
const GUARD = Uint8Array.of(0xa5);

describe.each(ENGINES)('every packet of $name', ({ engine, batch: capacity }) => {
  const suites = ESP_SUITES.filter((suite) => engine.supports(suite)).map((suite, number) => ({
    suite,
    name: suite.name,
    cells: cellsOf(number),
    begins: number,
  }));

  it.each(suites)(
    'is opened as it was sealed, whatever its mode, families, ESN, ports and size, and of how many SAs a batch is: $name',
    ({ suite, cells, begins }) => {
      const step = (LARGEST + 1) / (cells.length * capacity);
      let size = (begins / suites.length) * step;
      for (const [number, cell] of cells.entries()) {
        const sas = SAS_A_BATCH[(number + begins) % SAS_A_BATCH.length] ?? 1;
        const pairs = Array.from({ length: sas }, (_, n) => pairOf(engine, suite, cell, {}, n));
        const turns = Array.from({ length: capacity }, (_, i) => pairs[i % sas] ?? expect.fail('no pair'));
        const packets = Array.from({ length: capacity }, () => {
          size += step;
          return packetOf(cell.inside, Math.floor(size) % (LARGEST + 1));
        });
        const out = new GuardedPool(engine, capacity);
        for (const packet of packets) out.add(packet);
        const outbound = turns.map((pair) => pair.outbound);
        expect(sealAll(out.batch, outbound)).toBe(capacity);
        expect(out.isUntouched).toBe(true);
        const sealed = Array.from(out.batch, ({ octets }) => octets.slice());
        const { least, most } = overhead(suite, { mode: cell.mode, family: cell.outside, udp: cell.udp });
        const growths = sealed.map(({ length }, i) => length - (packets[i]?.length ?? 0));
        expect(Math.min(...growths)).toBeGreaterThanOrEqual(least);
        expect(Math.max(...growths)).toBeLessThanOrEqual(most);
        out.release();

        const back = new GuardedPool(engine, capacity);
        for (const packet of sealed) back.add(packet, 0, outerOctets(cell));
        const inbound = turns.map((pair) => pair.inbound);
        expect(openAll(back.batch, inbound)).toBe(capacity);
        expect(back.isUntouched).toBe(true);
        for (const { index, octets } of back.batch) expectSame(octets, packets[index]);
        for (const [n, pair] of pairs.entries()) {
          expect(pair.inbound.counters).toEqual(pair.outbound.counters);
          expect(pair.inbound.highestSequence).toBe(BigInt(Math.ceil((capacity - n) / sas)));
          pair.outbound.wipe();
          pair.inbound.wipe();
        }
        back.release();
      }
    },
  );

  it.each(suites)(
    'damaged anywhere in ESP is refused and left as it came, and so is anything at random: $name',
    ({ suite, cells }) => {
      const rng = seededRng(suite.name.length);
      const random = new Uint8Array(4);
      const below = (limit: number) => {
        rng.fill(random);
        return (((random[0] ?? 0) << 16) | ((random[1] ?? 0) << 8) | (random[2] ?? 0)) % limit;
      };
      for (const cell of cells.filter(({ outside, inside }) => outside === inside)) {
        const { outbound, inbound } = pairOf(engine, suite, cell, { replayWindow: 4096 });
        const head = outerOctets(cell);
        const pool = new GuardedPool(engine, capacity);
        const came: Uint8Array[] = [];
        for (let i = 0; i < capacity; i++) {
          const inner = packetOf(cell.inside, below(240));
          const out = new Uint8Array(outbound.sealedOctets(inner.length));
          const result = outbound.sealInto(NOW, inner, out);
          if (!result.ok) expect.fail(result.reason);
          const packet = result.octets;
          if (i % 4 === 0) {
            rng.fill(packet.subarray(head + 4));
          } else {
            const at = head + below(packet.length - head);
            packet[at] = (packet[at] ?? 0) ^ (1 << below(8));
          }
          came.push(packet.slice());
          pool.add(packet, 0, head);
        }
        expect(inbound.openBatch(NOW, pool.batch)).toBe(0);
        expect(pool.isUntouched).toBe(true);
        for (const { index, octets, reason } of pool.batch) {
          if (!REASONS.has(reason)) expect.fail(`${reason}`);
          expectSame(octets, came[index]?.subarray(head));
        }
        expect(inbound.counters.packets).toBe(0);
        expect(inbound.highestSequence).toBe(0n);
        pool.release();
        outbound.wipe();
        inbound.wipe();
      }
    },
  );
});
