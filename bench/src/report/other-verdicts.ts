import { type ContenderName, DIRECTIONS, type Direction, find, type Measurement } from '../measurement.ts';
import { MANY_BATCH, OTHER_SUITES } from '../packets/suites.ts';
import { OTHER_TARGET } from '../targets.ts';
import type { TextTable } from './text-table.ts';
import { formatRatio, TARGET_SIZES } from './verdicts.ts';

/** How the node engine stands in one cell of `OTHER_SUITES`. */
export interface OtherVerdict {
  readonly suite: string;
  readonly size: number;
  readonly direction: Direction;
  /** How many times as fast as tuned node:crypto. */
  readonly ratio: number;
  readonly target: number;
  /** How many times as fast as C; undefined where that was not measured. */
  readonly againstC: number | undefined;
  /** Time of packets of 64 SAs in that of as many of one. */
  readonly many: number;
  /** How many times as fast as C, both with 64 SAs. */
  readonly manyAgainstC: number | undefined;
}

export function otherVerdicts(measurements: readonly Measurement[]): readonly OtherVerdict[] {
  return OTHER_SUITES.flatMap(({ name: suite }) =>
    TARGET_SIZES.flatMap((size) =>
      DIRECTIONS.flatMap((direction) => {
        const time = (engine: ContenderName, batch: number, sas: number) =>
          find(measurements, { suite, size, direction, engine, batch, sas });
        const one = time('node', MANY_BATCH, 1);
        const many = time('node', MANY_BATCH, MANY_BATCH);
        const tuned = time('tuned-node', 1, 1);
        if (one === undefined || many === undefined || tuned === undefined) return [];
        return [
          {
            suite,
            size,
            direction,
            ratio: tuned / one,
            target: OTHER_TARGET[size],
            againstC: quotient(time('c-openssl', 1, 1), one),
            many: many / one,
            manyAgainstC: quotient(time('c-openssl', 1, MANY_BATCH), many),
          },
        ];
      }),
    ),
  );
}

export function otherTable(all: readonly OtherVerdict[]): TextTable {
  return {
    heading: ['suite', 'octets', '', 'tuned-node', 'target', 'verdict', 'C', '64 SAs, times as long', 'C, 64 SAs'],
    rows: all.map(({ suite, size, direction, ratio, target, againstC, many, manyAgainstC }) => [
      suite,
      String(size),
      direction,
      formatRatio(ratio),
      String(target),
      ratio >= target ? 'met' : `missed by ${Math.ceil(100 * (1 - ratio / target))} %`,
      orDash(againstC),
      formatRatio(many),
      orDash(manyAgainstC),
    ]),
  };
}

function quotient(theirs: number | undefined, ours: number): number | undefined {
  return theirs === undefined ? undefined : theirs / ours;
}

function orDash(ratio: number | undefined): string {
  return ratio === undefined ? '-' : formatRatio(ratio);
}
