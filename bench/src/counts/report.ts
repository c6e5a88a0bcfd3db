import { createEngines } from '../packets/line-up.ts';
import { SUITES } from '../packets/suites.ts';
import { formatColumns, type TextTable } from '../report/text-table.ts';
import type { Allocations } from './allocations.ts';
import { coldStartMilliseconds } from './cold-start.ts';
import { kernelOctets } from './kernels.ts';
import { countPackets } from './packet-counts.ts';

const NAMES = ['noble', 'wasm', 'node'] as const;
const INNER_OCTETS = 576;
/** Packets over which one looks at what is kept: of the cheapest suite a million. */
const MANY = { cheapest: 1_000_000, others: 20_000 };

/** What guards against regressions where time is too noisy, for people to read. */
export function reportCounts(): string {
  return [
    `octets that a packet of ${INNER_OCTETS} octets takes in batches of 64, on the heap + in buffers outside of it;`,
    `kept: octets still there after ${MANY.others} packets, ${MANY.cheapest} of NULL`,
    formatColumns(allocationTable()),
    'octets of the WebAssembly kernels',
    formatColumns(kernelTable()),
    'cold start: milliseconds from the first import to the first sealed packet',
    formatColumns(coldStartTable()),
  ].join('\n');
}

function allocationTable(): TextTable {
  const engines = createEngines();
  const rows = SUITES.flatMap((suite) =>
    NAMES.map((name) => {
      const count = suite.encryption === 'null' ? MANY.cheapest : MANY.others;
      const counts = countPackets(engines[name], engines.wasm, suite, { octets: INNER_OCTETS, count });
      return [`${suite.name}, ${name}`, both(counts.seal), both(counts.open), String(counts.retained)];
    }),
  );
  return { heading: ['', 'seal', 'open', 'kept'], rows };
}

function kernelTable(): TextTable {
  return {
    heading: ['build', 'octets', 'gzip'],
    rows: (['kernels', 'kernels-relaxed'] as const).map((build) => {
      const { module, compressed } = kernelOctets(build);
      return [build, String(module), String(compressed)];
    }),
  };
}

function coldStartTable(): TextTable {
  return { heading: ['engine', 'ms'], rows: NAMES.map((name) => [name, coldStartMilliseconds(name).toFixed(1)]) };
}

function both({ heap, buffers }: Allocations): string {
  return `${heap.toFixed(1)} + ${buffers.toFixed(1)}`;
}
