// Keyed sessions under attack, and doors guided by coverage.
import { attackSessions, isSuperlinear, measureGrowth, sessionEnds } from '../packages/testing/dist/sessions/index.js';
import { addToTable, isInTable, writeTablePage } from './fuzz/table.mjs';
import { EXCHANGES, onlyOf, SUITES } from './fuzz/target.mjs';
import { anySeed, refuse, told, wholeNumber } from './words.mjs';

const USAGE = `npm run fuzz [-- OPTIONS]: keyed sessions under attack

  --seed N           default: any, which is printed
  --minutes M        of a processor (default 1, or as long as --mutations takes)
  --mutations K      with keys, at most
  --suite SUITE      all of one suite of the IKE SA: ${SUITES}
  --exchange NAME    all at the messages of one exchange: ${EXCHANGES.join(', ')}
  --certificates     ends that sign show X.509 chains, and look at the other's; what takes up to 100 ms is not slow then
  --table FILE       adds what was counted to what earlier runs have left there
  --growth           in the place of it: what everything costs that can be repeated in a message
  --coverage         in the place of it: every door that parses, guided by what is reached
  --write-docs       with --table, writes docs/measured/mutations.md; with --coverage, the corpus and the guide's table
  --help
`;

const { values } = told(USAGE, {
  options: {
    seed: { type: 'string', default: anySeed() },
    minutes: { type: 'string' },
    coverage: { type: 'boolean', default: false },
    'write-docs': { type: 'boolean', default: false },
    mutations: { type: 'string' },
    growth: { type: 'boolean', default: false },
    suite: { type: 'string' },
    exchange: { type: 'string' },
    certificates: { type: 'boolean', default: false },
    table: { type: 'string' },
  },
});
const seed = wholeNumber(USAGE, '--seed', values.seed);
const most =
  values.mutations === undefined ? Number.POSITIVE_INFINITY : wholeNumber(USAGE, '--mutations', values.mutations, 1);
// Who says how many, means all of them.
const minutes = Number(values.minutes ?? (values.mutations === undefined ? '1' : 'Infinity'));
if (!(minutes > 0)) refuse(USAGE, `--minutes must be more than 0: ${values.minutes}`);
const only = onlyOf(values);
if (only === undefined) refuse(USAGE, `there is no --suite ${values.suite}, or no --exchange ${values.exchange}`);

if (values.certificates) Object.assign(only, await certified());

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
  refuse(USAGE, `--table ${values.table} has this run already: another --seed counts`);
}

// What is refused is an Error within: where from is asked for when a plan is repeated.
Error.stackTraceLimit = 0;
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

/** Ends with chains that are good on the day that this was written. */
async function certified() {
  const { certifiedEnds } = await import('../packages/testing/dist/certificates/index.js');
  const at = Date.UTC(2026, 10, 28);
  const ends = (specification, engine) =>
    sessionEnds(specification, { engine, ...certifiedEnds(specification, { at }) });
  // The toy signs for the ends alone: of a chain up to 64 signatures are looked at.
  return { ends, bound: 100 };
}

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
