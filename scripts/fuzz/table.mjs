import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

const PAGE = new URL('../../docs/measured/mutations.md', import.meta.url);

const EMPTY = {
  runs: [],
  sessions: 0,
  keyed: 0,
  keyless: 0,
  seconds: 0,
  violations: 0,
  slowest: 0,
  seeds: [],
  rows: {},
};

function readTable(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : structuredClone(EMPTY);
}

/** Whether a run is in the file already: it would be counted twice. */
export function isInTable(file, run) {
  return readTable(file).runs.includes(run);
}

/** Adds what a run has counted to what earlier ones have. `run`: its seed and all that it was told. */
export function addToTable(file, { suites, mutations, sessions, violations, slowest }, { run, seed, seconds }) {
  const table = readTable(file);
  table.runs.push(run);
  table.sessions += sessions;
  table.keyed += mutations.keyed;
  table.keyless += mutations.keyless;
  table.seconds += seconds;
  table.violations += violations.length;
  table.slowest = Math.max(table.slowest, slowest);
  table.seeds.push(seed);
  for (const [suite, exchanges] of suites) {
    for (const [exchange, { accepted, refused }] of exchanges) {
      const row = table.rows[`${suite} ${exchange}`] ?? { suite, exchange, accepted: 0, refused: 0 };
      row.accepted += accepted;
      row.refused += refused;
      table.rows[`${suite} ${exchange}`] = row;
    }
  }
  writeFileSync(file, `${JSON.stringify(table)}\n`);
  return table;
}

/** docs/measured/mutations.md: by suite and exchange. */
export function writeTablePage({ runs, sessions, keyed, keyless, seconds, violations, slowest, seeds, rows }) {
  const number = (value) => Math.round(value).toLocaleString('en-US');
  const all = Object.values(rows);
  const exchanges = [...new Set(all.map(({ exchange }) => exchange))].sort();
  const suites = [...new Set(all.map(({ suite }) => suite))].sort();
  const cell = (suite, exchange) => {
    const row = rows[`${suite} ${exchange}`];
    return row === undefined ? '' : `${number(row.accepted + row.refused)} (${number(row.accepted)})`;
  };
  const model = cpus()[0]?.model.trim() || 'a processor without a name';
  const page = [
    '# Mutations with keys, by suite and exchange',
    '',
    'Written by `npm run fuzz -- --table FILE --write-docs`; each run adds to the file. A mutation is made by who has the keys, inside',
    'the encryption, and sealed again, with the HASH that is right for it or with the one that was there; what must not come of it is in',
    '[keyed sessions under attack](attacks.md). To make more of one kind:',
    '`npm run fuzz -- --suite aes-cbc-256/sha2-256 --exchange quick --mutations 1000000 --table FILE`.',
    '',
    `${runs.length} runs, seeds ${[...new Set(seeds)].join(', ')}; ${model}, Node ${process.versions.node}: **${number(sessions)} sessions, ${number(keyed)} mutations with keys** and`,
    `${number(keyless)} without, in ${number(seconds)} s of a processor: ${number(keyed / seconds)} with keys a second. Laws that did not hold: ${violations}. The longest that a`,
    `datagram took when it was measured again: ${slowest.toFixed(1)} ms.`,
    '',
    'Mutations with keys, and in brackets how many of them were taken:',
    '',
    `| suite of the IKE SA | ${exchanges.join(' | ')} |`,
    `|---|${exchanges.map(() => '--:').join('|')}|`,
    ...suites.map((suite) => `| ${suite} | ${exchanges.map((exchange) => cell(suite, exchange)).join(' | ')} |`),
    '',
  ];
  writeFileSync(PAGE, page.join('\n'));
  console.log('docs/measured/mutations.md is written');
}
