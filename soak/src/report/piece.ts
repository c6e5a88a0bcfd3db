import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { machine } from './machine.ts';
import { type Counted, isCounts, isFound, Tally } from './tally.ts';

/** One run of worlds, as it is written to a file: worlds of seeds one after the other. */
export interface Piece extends Counted {
  /** Of the first world. */
  readonly seed: number;
  readonly machine: string;
  /** Of the wall, and of the processor, in seconds. */
  readonly elapsed: number;
  readonly cpu: number;
}

export function pieceOf(seed: number, tally: Tally, elapsed: number, cpu: number): Piece {
  const { counts, convergence, sizes, found } = tally;
  return { seed, machine: machine(), elapsed, cpu, counts, convergence, sizes, found };
}

export function writePiece(file: string, piece: Piece): void {
  // Whole or not at all: the run may end at any time.
  writeFileSync(`${file}.new`, `${JSON.stringify(piece)}\n`);
  renameSync(`${file}.new`, file);
}

/** @throws TypeError for a file that is none that `writePiece` has written. */
export function readPiece(file: string): Piece {
  const value = contentOf(file);
  if (!isPiece(value)) throw new TypeError(`${file} is no piece of a run`);
  return value;
}

function contentOf(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new TypeError(`${file} cannot be read`, { cause });
  }
}

function isPiece(value: unknown): value is Piece {
  if (typeof value !== 'object' || value === null) return false;
  const piece: Partial<Record<keyof Piece, unknown>> = value;
  const { seed, machine: on, elapsed, cpu, counts, convergence, sizes, found } = piece;
  return (
    [seed, elapsed, cpu].every(isNumber) &&
    typeof on === 'string' &&
    isCounts(counts) &&
    areAll(convergence, isNumber) &&
    areAll(sizes, (pair) => areAll(pair, isNumber) && pair.length === 2) &&
    areAll(found, isFound)
  );
}

function isNumber(value: unknown): value is number {
  return Number.isFinite(value);
}

function areAll<T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[];
function areAll(value: unknown, isOne: (one: unknown) => boolean): value is readonly unknown[];
function areAll(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

/** What several runs came to. */
export interface Run {
  readonly tally: Tally;
  /** The first and the last seed of each. */
  readonly seeds: readonly (readonly [number, number])[];
  readonly machines: readonly string[];
  readonly elapsed: number;
  readonly cpu: number;
}

/** @throws RangeError where two of them have the same world. */
export function joined(pieces: readonly Piece[]): Run {
  const sorted = pieces.filter(({ counts }) => counts.worlds > 0).sort((a, b) => a.seed - b.seed);
  const tally = new Tally();
  const seeds: [number, number][] = [];
  for (const piece of sorted) {
    const last = seeds.at(-1);
    if (last !== undefined && piece.seed <= last[1]) throw new RangeError(`world ${piece.seed} is in two pieces`);
    const end = piece.seed + piece.counts.worlds - 1;
    if (last !== undefined && piece.seed === last[1] + 1) last[1] = end;
    else seeds.push([piece.seed, end]);
    tally.join(piece);
  }
  const sum = (of: (piece: Piece) => number): number => sorted.reduce((all, piece) => all + of(piece), 0);
  return {
    tally,
    seeds,
    machines: [...new Set(sorted.map((piece) => piece.machine))],
    elapsed: sum(({ elapsed }) => elapsed),
    cpu: sum(({ cpu }) => cpu),
  };
}
