import { fileURLToPath } from 'node:url';
import type { Measurement } from '../measurement.ts';
import { EVERY_SUITE, headlineBatch, MANY_BATCH } from '../packets/suites.ts';
import type { PartResult } from '../parts/run.ts';
import { scaleTable } from '../scale/report.ts';
import type { ScaleRow } from '../scale/rows.ts';
import { drawChart } from './chart.ts';
import { write } from './files.ts';
import { describeMachine, type Machine } from './machine.ts';
import { otherTable, otherVerdicts } from './other-verdicts.ts';
import { packetTable } from './packet-table.ts';
import { partsTable } from './parts-table.ts';
import { formatMarkdown } from './text-table.ts';
import { manyTable, manyVerdicts, verdicts, verdictTable } from './verdicts.ts';

const DOCS = fileURLToPath(new URL('../../../docs/measured/', import.meta.url));

/** Renews docs/measured/benchmark.md and docs/measured/benchmark.svg from one run. */
export function writeDocuments(
  measurements: readonly Measurement[],
  parts: readonly PartResult[],
  machine: Machine,
  rounds: number,
): void {
  write(`${DOCS}benchmark.svg`, drawChart(measurements, machine));
  write(`${DOCS}benchmark.md`, resultsPage(measurements, parts, machine, rounds));
}

/** Renews docs/measured/scale.md from one run. */
export function writeScalePage(rows: readonly ScaleRow[], machine: Machine): void {
  write(`${DOCS}scale.md`, scalePage(rows, machine));
}

function scalePage(rows: readonly ScaleRow[], machine: Machine): string {
  const sections = [
    '# Many peers',
    `Written by \`npm run bench -- --scale --write-docs\`; do not edit. ${describeMachine(machine)}. Engine \`node\`.`,
    `What one thing costs at a gateway, or an IKE endpoint, that has so many peers. The key exchange is left out, since it
costs the same however many there are; everything else is real. Medians, but for the longest call.`,
    formatMarkdown(scaleTable(rows)).trimEnd(),
    `- *Handshake*: Main Mode and two Quick Modes, the calls of the responder alone; each is by a new initiator that says
  INITIAL-CONTACT.
- *Packet*: AES-CBC and HMAC-SHA1 of 64 octets, one at a time, through a gateway with a policy for each child.
- *Renewal*: all IKE SAs were made in one instant. \`handleTimeout\` does a few things a call and says when it wants to be
  called again, at once where there is more, so that packets are not kept waiting.
- *Idle*: what the endpoint holds for a peer with two children, beside the caller's own configuration.
- *Live*: what a tunnel adds at one end of a gateway: IKE SA, pair of ESP SAs and all that finds them, two minutes after
  they were made. *Arena*: memory of the engine's kernels.
- *Look-up*, *addition*, *deletion*: so many policies or SAs, in the place of peers, that differ in what the row says; packets
  of ten of them. Nothing is walked as they grow; what is left is the processor's caches: an SA is added to a map that
  no longer fits them.
- *Policies in turn*: a packet takes the same steps however many policies there are, but each policy is memory of its own.
  Of 100,000, one that is asked again and again costs as much as of 10, ten in turn 1.2 times as much, 64 in turn 1.2 to 1.9
  times and 512 in turn six times: those are misses of the processor's caches, for key, policy and its selectors.`,
  ];
  return `${sections.join('\n\n')}\n`;
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
    'How this is measured, and how to read it: [benchmarking.md](../how-to/test/benchmarking.md).',
    '![Speed ratios by suite and size](benchmark.svg)',
    '## Targets',
    `Engine \`node\`, batches of ${headlineBatch('')} (3DES ${headlineBatch('3des')}), times as fast as the baseline of the same run.`,
    formatMarkdown(verdictTable(verdicts(measurements))).trimEnd(),
    '## Many SAs',
    `Engine \`node\`: ${MANY_BATCH} packets of as many SAs in one call, against as many packets of one SA in one call.`,
    formatMarkdown(manyTable(manyVerdicts(measurements))).trimEnd(),
    '## New suites',
    `Engine \`node\`, batches of ${MANY_BATCH}, times as fast as tuned-node and as C with OpenSSL; then packets of as many SAs. OpenSSL has
no AES-XCBC: C computes it, and AES-CMAC, as one encryption in CBC mode.`,
    formatMarkdown(otherTable(otherVerdicts(measurements))).trimEnd(),
    '## Nanoseconds per packet',
    ...EVERY_SUITE.map(({ name }) => formatMarkdown(packetTable(name, measurements)).trimEnd()),
    '## Other parts',
    formatMarkdown(partsTable(parts)).trimEnd(),
  ];
  return `${sections.join('\n\n')}\n`;
}
