import type { EspSuite } from '@espalier/crypto';
import { collectGarbage } from '../garbage.ts';
import { DIRECTIONS, type Direction, type Measurement } from '../measurement.ts';
import { median } from '../statistics.ts';
import type { Contender } from './contender.ts';
import { innerPacket } from './suites.ts';
import type { Supplier, Supply } from './supply.ts';

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** What is run before: code must be hot, and how many packets fill a turn must be known. */
  readonly warmUpRounds: number;
  /** Milliseconds of a turn, about. */
  readonly turn: number;
  /** Milliseconds of a turn that must be long enough for the collections that its garbage costs. */
  readonly turnWithGarbage: number;
}

const FIRST_COUNT = 128;

/**
 * Measures one suite and size: every round gives each contender one turn to seal and one to open, so that what disturbs
 * the machine disturbs all of them. The result is the median over the rounds.
 */
export async function measure(
  contenders: readonly Contender[],
  suite: EspSuite,
  size: number,
  effort: Effort,
  supplier: Supplier,
): Promise<readonly Measurement[]> {
  const inner = innerPacket(size);
  const supply = supplier.supply(inner);
  const turns = DIRECTIONS.flatMap((direction) => contenders.map((contender) => new Turns(contender, direction)));
  for (let round = -effort.warmUpRounds; round < effort.rounds; round++) {
    for (const turn of turns) {
      const nanoseconds = await turn.take(inner, supply, effort);
      if (round >= 0) turn.nanoseconds.push(nanoseconds);
    }
  }
  supply.close();
  return turns.map(({ contender, direction, nanoseconds }) => ({
    suite: suite.name,
    size,
    direction,
    engine: contender.name,
    batch: contender.batch,
    sas: contender.sas,
    nsPerPacket: Math.round(10 * median(nanoseconds)) / 10,
  }));
}

/** What one contender does in one direction, once a round. */
class Turns {
  readonly contender: Contender;
  readonly direction: Direction;
  /** Of a packet, one value for each round. */
  readonly nanoseconds: number[] = [];
  #count = FIRST_COUNT;

  constructor(contender: Contender, direction: Direction) {
    this.contender = contender;
    this.direction = direction;
  }

  /** Nanoseconds of a packet. */
  async take(inner: Uint8Array, supply: Supply, { turn, turnWithGarbage }: Effort): Promise<number> {
    const { contender, direction } = this;
    const count = this.#count;
    collectGarbage('minor');
    const spent = direction === 'seal' ? await contender.timeSeal(inner, count) : await this.#open(count, supply);
    const wanted = contender.leavesGarbage ? turnWithGarbage : turn;
    const batches = (count * wanted) / Math.max(spent, 1e-3) / contender.batch;
    this.#count = Math.max(1, Math.round(batches)) * contender.batch;
    return (1e6 * spent) / count;
  }

  async #open(count: number, supply: Supply): Promise<number> {
    let spent = 0;
    for (let left = count; left > 0; left -= supply.most) {
      const several = Math.min(left, supply.most);
      spent += await this.contender.timeOpen(supply.renew(several), several);
    }
    return spent;
  }
}
