import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Measurement } from '../measurement.ts';
import type { ScaleRow } from '../scale/rows.ts';

/** What other programs read: without `noble-direct`, which is not an engine that anyone chooses. */
export function toJson(measurements: readonly Measurement[], scale: readonly ScaleRow[]): string {
  const rows = measurements
    .filter(({ engine }) => engine !== 'noble-direct')
    .map(({ suite, size, direction, engine, batch, sas, nsPerPacket }) =>
      JSON.stringify({ suite, size, direction, engine, batch, sas, nsPerPacket }),
    );
  return `[\n${[...rows, ...scale.map((row) => JSON.stringify(row))].join(',\n')}\n]\n`;
}

export function write(file: string, content: string): void {
  const path = resolve(file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}
