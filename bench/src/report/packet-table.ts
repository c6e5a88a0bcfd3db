import { type ContenderName, DIRECTIONS, find, type Measurement } from '../measurement.ts';
import { SIZES } from '../packets/suites.ts';
import type { TextTable } from './text-table.ts';

/** Nanoseconds of a packet of one suite: everyone's row, a column for each size and direction. */
export function packetTable(suite: string, measurements: readonly Measurement[]): TextTable {
  const cells = SIZES.flatMap((size) => DIRECTIONS.map((direction) => ({ size, direction })));
  return {
    heading: [suite, ...cells.map(({ size, direction }) => `${direction} ${size}`)],
    rows: contendersOf(suite, measurements).map(({ engine, batch, sas }) => [
      `${engine}${isOurs(engine) ? `, batch ${batch}` : ''}${sas > 1 ? `, ${sas} SAs` : ''}`,
      ...cells.map((cell) => formatNanoseconds(find(measurements, { suite, engine, batch, sas, ...cell }))),
    ]),
  };
}

function contendersOf(suite: string, measurements: readonly Measurement[]): readonly Measurement[] {
  const [first] = measurements.filter((measurement) => measurement.suite === suite);
  return measurements.filter(
    (measurement) =>
      measurement.suite === suite && measurement.size === first?.size && measurement.direction === first.direction,
  );
}

function isOurs(engine: ContenderName): boolean {
  return engine === 'noble' || engine === 'wasm' || engine === 'node';
}

function formatNanoseconds(nanoseconds: number | undefined): string {
  return nanoseconds === undefined ? '-' : nanoseconds.toFixed(0);
}
