// The table of docs/measured/interop.md from what `npm run interop -- --json FILE` wrote, of one run or of several:
// node scripts/interop-page.mjs FILE ...
import { readFileSync, writeFileSync } from 'node:fs';

const PAGE = new URL('../docs/measured/interop.md', import.meta.url);
const HEAD = ['| case | verified | result | seconds |', '|---|---|---|---|'];

const files = process.argv.slice(2);
if (files.length === 0) throw new TypeError('files: name the results of a run');
const results = files.flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).results);
// What was run again stands as it was run last; what is no case any more does not.
const byName = new Map(results.map((result) => [result.name, result]));
const { CASES } = await import('../test/interop/dist/cases.js');
const wanted = CASES.filter(({ runs }) => runs !== 'named').map(({ name }) => name);
const missing = wanted.filter((name) => !byName.has(name));
if (missing.length > 0) throw new Error(`not run: ${missing.join(', ')}`);
const last = wanted.map((name) => byName.get(name));

const page = readFileSync(PAGE, 'utf8');
const table = /^\| (?:case|peer) \|.*\n(?:\|.*\n)*/m;
if (!table.test(page)) throw new Error('docs/measured/interop.md has no table of cases');
writeFileSync(
  PAGE,
  page.replace(table, () => `${[...HEAD, ...last.map(row)].join('\n')}\n`),
);

const passed = last.filter(({ failure, skipped }) => failure === undefined && skipped === undefined).length;
console.log(`${passed} of ${last.length} cases passed`);

function row({ name, verified, seconds, skipped, failure }) {
  const result = failure === undefined ? (skipped === undefined ? 'ok' : 'skipped') : 'FAILED';
  return `| ${name} | ${skipped ?? verified.join(', ')} | ${result} | ${Math.round(seconds)} |`;
}
