// Keyed sessions under attack: `npm run fuzz [-- --seed N --minutes M --mutations K]`; a minute is one of a processor, 1 by default.
// `--suite aes-cbc-128/sha1 --exchange quick`: all of them at the messages of one exchange, with one suite of the IKE SA; with
// `--table FILE` what was counted is added to what earlier runs have left there, and `--write-docs` makes the page of that.
// `--growth`: what everything costs that can be repeated in a message.
// With --coverage: every door that parses, guided by what is reached; --write-docs renews the corpus and docs/how-to/test/fuzzing.md.
import { parseArgs } from 'node:util';
import { attackSessions, isSuperlinear, measureGrowth } from '../packages/testing/dist/sessions/index.js';
import { addToTable, isInTable, writeTablePage } from './fuzz/table.mjs';
import { EXCHANGES, onlyOf } from './fuzz/target.mjs';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: `${Math.floor(Math.random() * 2 ** 31)}` },
    minutes: { type: 'string' },
    coverage: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    mutations: { type: 'string', default: 'Infinity' },
    growth: { type: 'boolean', default: false },
    suite: { type: 'string' },
    exchange: { type: 'string' },
    table: { type: 'string' },
  },
});
const seed = Number(values.seed);
const most = Number(values.mutations);
// Who says how many, means all of them.
const minutes = Number(values.minutes ?? (most === Number.POSITIVE_INFINITY ? '1' : 'Infinity'));
const only = onlyOf(values);
if (!(Number.isInteger(seed) && minutes > 0 && most > 0) || only === undefined) {
  console.error(
    `fuzz: --seed must be an integer, --minutes and --mutations more than 0, --exchange one of ${EXCHANGES.join(', ')}, --suite like aes-cbc-128/sha1`,
  );
  process.exit(2);
}

if (values.coverage) {
  const { fuzzByCoverage } = await import('./guided/main.mjs');
  process.exit(fuzzByCoverage({ seed, minutes, writeDocs: values['write-docs'] }));
}

/** What this process itself has worked: others on the machine do not count. */
const milliseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

if (values.growth) process.exit(growth());

const run = JSON.stringify([seed, values.suite, values.exchange]);
if (values.table !== undefined && isInTable(values.table, run)) {
  console.error(`fuzz: --table ${values.table} has this run already: another --seed counts`);
  process.exit(2);
}

// What is refused is an Error within: where from is asked for when a plan is repeated.
Error.stackTraceLimit = 3;
const began = milliseconds();
const report = attackSessions({
  seed,
  clock: milliseconds,
  quickClock: () => performance.now(),
  ...only,
  goesOn: ({ mutations: { keyed }, violations }) =>
    keyed < most && violations.length < 10 && milliseconds() - began < minutes * 60_000,
});
const seconds = (milliseconds() - began) / 1000;
const { keyed, keyless } = report.mutations;
console.log(
  `seed ${seed}: ${report.sessions} sessions, ${keyed} mutations with keys and ${keyless} without, in ${seconds.toFixed(0)} s of a processor: ${(keyed / seconds).toFixed(0)} with keys a second`,
);
for (const [door, { accepted, refused }] of [...report.doors].sort()) {
  console.log(`  ${door.padEnd(24)} ${String(accepted).padStart(8)} accepted ${String(refused).padStart(8)} refused`);
}
for (const [reason, times] of [...report.refusals].sort((a, b) => b[1] - a[1])) console.log(`  ${reason}: ${times}`);
console.log(`slowest when measured again: ${report.slowest.toFixed(2)} ms; disturbed by others: ${report.disturbed}`);
for (const { law, what, ...where } of report.violations)
  console.log(`VIOLATION ${law}: ${what}\n  ${JSON.stringify(where)}`);
if (values.table !== undefined) {
  const table = addToTable(values.table, report, { run, seed, seconds });
  if (values['write-docs']) writeTablePage(table);
}
process.exit(report.violations.length === 0 ? 0 : 1);

/** What each thing costs that can be repeated in a message; the exit status. */
function growth() {
  const rows = measureGrowth({ clock: milliseconds });
  const worst = [...rows].sort((a, b) => (b.times[2] ?? 0) - (a.times[2] ?? 0)).slice(0, 10);
  console.log(`${rows.length} things in messages, 10, 100 and 1,000 times or as often as a datagram has room`);
  for (const { door, thing, sizes, times, taken } of worst) {
    console.log(
      `  ${times.map((time) => time.toFixed(2)).join(', ')} ms: ${thing}, ${sizes.join(', ')} times (at most ${taken} taken), ${door}`,
    );
  }
  const bad = rows.filter((row) => isSuperlinear(row) || row.times.some((time) => time > 5));
  for (const { door, thing, times } of bad) console.log(`TOO MUCH ${thing}, ${door}: ${times.join(', ')} ms`);
  return bad.length === 0 ? 0 : 1;
}
