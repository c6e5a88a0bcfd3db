import { type ContenderName, DIRECTIONS, type Direction, find, type Measurement } from '../measurement.ts';
import { headlineBatch, MANY_BATCH } from '../packets/suites.ts';
import { type Floors, TARGETS, type Target } from '../targets.ts';
import type { TextTable } from './text-table.ts';

/** How the node engine stands against one baseline in one cell. */
export interface Verdict {
  readonly title: string;
  readonly size: number;
  readonly direction: Direction;
  readonly baseline: 'tuned-node' | 'c-openssl';
  /** How many times as fast. */
  readonly ratio: number;
  readonly target: number;
}

export const TARGET_SIZES = [64, 1408] as const;

/** Every target for which there are measurements. */
export function verdicts(measurements: readonly Measurement[]): readonly Verdict[] {
  return TARGETS.flatMap((target) =>
    TARGET_SIZES.flatMap((size) =>
      DIRECTIONS.flatMap((direction) => [
        ...verdict(measurements, target, size, direction, 'tuned-node', target.tunedNode),
        ...verdict(measurements, target, size, direction, 'c-openssl', target.openssl),
      ]),
    ),
  );
}

export function verdictTable(all: readonly Verdict[]): TextTable {
  return {
    heading: ['suite', 'octets', '', 'against', 'ratio', 'target', 'verdict'],
    rows: all.map(({ title, size, direction, baseline, ratio, target }) => [
      title,
      String(size),
      direction,
      baseline,
      formatRatio(ratio),
      String(target),
      ratio >= target ? 'met' : `missed by ${Math.ceil(100 * (1 - ratio / target))} %`,
    ]),
  };
}

/** How many times as fast the node engine is, in the batch of the headlines; undefined where either was not measured. */
export function headlineRatio(
  measurements: readonly Measurement[],
  suite: string,
  size: number,
  direction: Direction,
  baseline: ContenderName,
): number | undefined {
  const ours = find(measurements, { suite, size, direction, engine: 'node', batch: headlineBatch(suite), sas: 1 });
  const theirs = find(measurements, { suite, size, direction, engine: baseline, batch: 1, sas: 1 });
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

/** What packets of many SAs cost, against as many of one. */
export interface ManyVerdict {
  readonly title: string;
  readonly size: number;
  readonly direction: Direction;
  /** Time of 64 packets of as many SAs, in that of 64 of one. */
  readonly ratio: number;
  readonly limit: number;
  /** How many times as fast as C with as many SAs; undefined where that was not measured. */
  readonly againstC: number | undefined;
}

export function manyVerdicts(measurements: readonly Measurement[]): readonly ManyVerdict[] {
  return TARGETS.flatMap(({ suite, title, manySas }) =>
    TARGET_SIZES.flatMap((size) =>
      DIRECTIONS.flatMap((direction) => {
        const cell = { suite, size, direction, batch: MANY_BATCH } as const;
        const one = find(measurements, { ...cell, engine: 'node', sas: 1 });
        const many = find(measurements, { ...cell, engine: 'node', sas: MANY_BATCH });
        if (one === undefined || many === undefined) return [];
        const c = find(measurements, { ...cell, engine: 'c-openssl', batch: 1, sas: MANY_BATCH });
        const againstC = c === undefined ? undefined : c / many;
        return [{ title, size, direction, ratio: many / one, limit: manySas[size], againstC }];
      }),
    ),
  );
}

export function manyTable(all: readonly ManyVerdict[]): TextTable {
  return {
    heading: ['suite', 'octets', '', 'times as long', 'at most', 'verdict', 'times as fast as C'],
    rows: all.map(({ title, size, direction, ratio, limit, againstC }) => [
      title,
      String(size),
      direction,
      formatRatio(ratio),
      String(limit),
      ratio <= limit ? 'met' : `missed by ${Math.ceil(100 * (ratio / limit - 1))} %`,
      againstC === undefined ? '-' : formatRatio(againstC),
    ]),
  };
}

export function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 10 ? 2 : 1);
}

function verdict(
  measurements: readonly Measurement[],
  { suite, title }: Target,
  size: 64 | 1408,
  direction: Direction,
  baseline: 'tuned-node' | 'c-openssl',
  floors: Floors,
): readonly Verdict[] {
  const ratio = headlineRatio(measurements, suite, size, direction, baseline);
  return ratio === undefined ? [] : [{ title, size, direction, baseline, ratio, target: floors[size] }];
}
