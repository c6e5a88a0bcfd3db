import { DIRECTIONS, type Direction, find, type Measurement } from '../measurement.ts';
import { MANY_BATCH, OTHER_SUITES } from '../packets/suites.ts';
import type { TextTable } from './text-table.ts';
import { formatRatio } from './verdicts.ts';

/** How many times as fast as tuned node:crypto every one of these suites is to be, by octets. */
const FLOORS = [
  [64, 10],
  [1408, 2.5],
] as const;

/** How the node engine stands in one cell of a suite that is held against node:crypto alone. */
export interface OtherVerdict {
  readonly suite: string;
  readonly size: number;
  readonly direction: Direction;
  readonly ratio: number;
  readonly target: number;
  /** Time of packets of 64 SAs in that of as many of one. */
  readonly many: number;
}

export function otherVerdicts(measurements: readonly Measurement[]): readonly OtherVerdict[] {
  return OTHER_SUITES.flatMap(({ name }) =>
    FLOORS.flatMap(([size, target]) =>
      DIRECTIONS.flatMap((direction) => {
        const cell = { suite: name, size, direction };
        const one = find(measurements, { ...cell, engine: 'node', batch: MANY_BATCH, sas: 1 });
        const many = find(measurements, { ...cell, engine: 'node', batch: MANY_BATCH, sas: MANY_BATCH });
        const tuned = find(measurements, { ...cell, engine: 'tuned-node', batch: 1, sas: 1 });
        if (one === undefined || many === undefined || tuned === undefined) return [];
        return [{ suite: name, size, direction, ratio: tuned / one, target, many: many / one }];
      }),
    ),
  );
}

export function otherTable(all: readonly OtherVerdict[]): TextTable {
  return {
    heading: ['suite', 'octets', '', 'ratio', 'target', 'verdict', '64 SAs, times as long'],
    rows: all.map(({ suite, size, direction, ratio, target, many }) => [
      suite,
      String(size),
      direction,
      formatRatio(ratio),
      String(target),
      ratio >= target ? 'met' : `missed by ${Math.ceil(100 * (1 - ratio / target))} %`,
      formatRatio(many),
    ]),
  };
}
