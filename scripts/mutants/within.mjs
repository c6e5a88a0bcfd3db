// Within vitest: all tests of a package in one process, which has loaded the source once, and one change after the other awake.
import { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { TestRunner } from 'vitest';
import { linesOf } from './lines.mjs';

/** A change that makes a place run so many times more often than it did makes a loop that does not end. */
const TIMES_MORE = 100;
const TIMES_AT_LEAST = 10_000;

/** Milliseconds of a processor for one change: the slowest of many tests are left out. */
const MOST_SPENT = 30_000;

/** What the instrumented source looks at: before any of it is loaded. */
export function prepare() {
  globalThis.__stryker__ = { mutantCoverage: { static: {}, perTest: {} } };
}

/**
 * Runs for each change the tests that came by it, the quickest first, until one fails; writes down what came of it. Ends early
 * where the process can no longer be trusted: then it is to be started again. The tests are not run otherwise.
 */
export async function tryChanges(self, files) {
  const others = self.file.tasks.filter((task) => task !== self);
  const tests = others.flatMap((task) => testsIn(task));
  await tryAll(tests, files);
  for (const task of others) task.mode = 'skip';
}

async function tryAll(tests, { changes, baseline, results, now }) {
  const { known, loading } = existsSync(baseline) ? JSON.parse(readFileSync(baseline, 'utf8')) : await runAll(tests);
  writeFileSync(baseline, JSON.stringify({ known, loading }));
  const done = new Set(linesOf(results).map(({ id }) => id));
  let isFresh = true;
  for (const { id } of JSON.parse(readFileSync(changes, 'utf8'))) {
    if (done.has(id)) continue;
    const own = testsOf(id, tests, known);
    const untried = loading.includes(id) ? 'Loading' : 'NoCoverage';
    const verdict = own.length === 0 ? { status: untried } : await tryOne(id, own, now, isFresh);
    if (verdict !== undefined) appendFileSync(results, `${JSON.stringify({ id, ...verdict })}\n`);
    if (verdict === undefined || verdict.isPoison) return;
    isFresh = false;
  }
}

/** Undefined where a process of its own has to tell. */
async function tryOne(id, tests, now, isFresh) {
  const ns = globalThis.__stryker__;
  let hits = 0;
  for (const { name, run, ms, times } of tests) {
    // Whole at any time: this process may be ended at any.
    writeFileSync(`${now}.new`, JSON.stringify({ id, name, ms }));
    renameSync(`${now}.new`, now);
    Object.assign(ns, { activeMutant: id, hitCount: 0, hitLimit: TIMES_AT_LEAST + TIMES_MORE * times });
    const error = await errorOf(run);
    hits += ns.hitCount;
    Object.assign(ns, { activeMutant: undefined, hitCount: undefined });
    if (error === undefined) continue;
    const isPoison = (await errorOf(run)) !== undefined;
    if (isPoison && !isFresh) return undefined;
    const status = error.includes('Hit count limit') ? 'Endless' : error.includes('timed out') ? 'Timeout' : 'Killed';
    return { status, by: name, ...(isPoison ? { isPoison } : {}) };
  }
  // What was computed before, and is only looked up now.
  return hits === 0 && !isFresh ? undefined : { status: 'Survived', tests: tests.length };
}

/** How long each test takes as the source is, and how often it comes by each change; and which changes are come by when it loads. */
async function runAll(tests) {
  const ns = globalThis.__stryker__;
  const known = [];
  for (const [index, { name, run }] of tests.entries()) {
    ns.currentTestId = String(index + 1);
    const began = worked();
    const error = await errorOf(run);
    const covers = ns.mutantCoverage.perTest[ns.currentTestId] ?? {};
    known.push({ name, ms: Math.round(worked() - began), covers, ...(error === undefined ? {} : { error }) });
  }
  ns.currentTestId = undefined;
  return { known, loading: Object.keys(ns.mutantCoverage.static) };
}

/** Milliseconds of a processor. */
function worked() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function testsOf(id, tests, known) {
  let spent = 0;
  return tests
    .map((test, i) => ({ ...test, ms: known[i].ms, times: known[i].covers[id] ?? 0, error: known[i].error }))
    .filter(({ times, error }) => times > 0 && error === undefined)
    .sort((a, b) => a.ms - b.ms)
    .filter(({ ms }) => {
      spent += ms;
      return spent <= MOST_SPENT;
    });
}

function testsIn(task, above = '') {
  const name = above === '' ? task.name : `${above} > ${task.name}`;
  if (task.type === 'test') {
    return task.mode === 'skip' || task.mode === 'todo' || task.fails
      ? []
      : [{ name, run: TestRunner.getTestFn(task) }];
  }
  return (task.tasks ?? []).flatMap((one) => testsIn(one, name));
}

async function errorOf(run) {
  try {
    await run();
    return undefined;
  } catch (error) {
    return String(error?.message ?? error).slice(0, 200);
  }
}
