import { fileURLToPath } from 'node:url';
import type { Measurement } from '../measurement.ts';
import { headlineBatch, SUITES } from '../packets/suites.ts';
import type { PartResult } from '../parts/run.ts';
import { drawChart } from './chart.ts';
import { write } from './files.ts';
import { describeMachine, type Machine } from './machine.ts';
import { packetTable } from './packet-table.ts';
import { partsTable } from './parts-table.ts';
import { formatMarkdown } from './text-table.ts';
import { verdicts, verdictTable } from './verdicts.ts';

const DOCS = fileURLToPath(new URL('../../../docs/', import.meta.url));

/** Renews docs/benchmark.md and docs/benchmark.svg from one run. */
export function writeDocuments(
  measurements: readonly Measurement[],
  parts: readonly PartResult[],
  machine: Machine,
  rounds: number,
): void {
  write(`${DOCS}benchmark.svg`, drawChart(measurements, machine));
  write(`${DOCS}benchmark.md`, resultsPage(measurements, parts, machine, rounds));
}

export function resultsPage(
  measurements: readonly Measurement[],
  parts: readonly PartResult[],
  machine: Machine,
  rounds: number,
): string {
  const sections = [
    '# Benchmark results',
    `Written by \`npm run bench -- --write-docs\`; do not edit. ${describeMachine(machine)}. Medians of ${rounds} rounds.`,
    'How this is measured, and how to read it: [benchmarking.md](benchmarking.md).',
    '![Speed ratios by suite and size](benchmark.svg)',
    '## Targets',
    `Engine \`node\`, batches of ${headlineBatch('')} (3DES ${headlineBatch('3des')}), times as fast as the baseline of the same run.`,
    formatMarkdown(verdictTable(verdicts(measurements))).trimEnd(),
    '## Nanoseconds per packet',
    ...SUITES.map(({ name }) => formatMarkdown(packetTable(name, measurements)).trimEnd()),
    '## Other parts',
    formatMarkdown(partsTable(parts)).trimEnd(),
  ];
  return `${sections.join('\n\n')}\n`;
}
