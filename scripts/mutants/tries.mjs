import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { linesOf } from './lines.mjs';

const CONFIG = 'mutants.vitest.config.mjs';
const TEST = 'mutants.test.ts';
const FILES = { changes: 'changes.json', baseline: 'baseline.json', results: 'results.jsonl', now: 'now.json' };
/** Milliseconds between two looks at how far it is. */
const PAUSE = 1000;
/** A test that takes so many times as long as it did, and so many milliseconds, does not end. */
const TIMES_SLOWER = 30;
const SLOW = 60_000;
/** By what a test shows that it needs a process of its own, or files. */
const OF_ITS_OWN =
  /\bvi\.(?!spyOn)|\bglobalThis\b|memoryUsage|cpuUsage|process-memory|\bLinux\.load\(|toMatch(Inline)?Snapshot\(/;
/** To load everything, and to run all tests once. */
const BEGINNING = 1_800_000;

/**
 * What comes of each change: Killed; Survived; NoCoverage, where no test comes by; Loading, where that is done once, before
 * any test; Endless and Timeout, of what does not end; Crashed.
 */
export async function tryAll(root, { name, changes }) {
  const path = (file) => join(root, file);
  writeFileSync(path(FILES.changes), JSON.stringify(changes));
  writeFileSync(path(CONFIG), vitestConfig());
  writeFileSync(path(TEST), testOf(testFiles(root, name)));
  const verdicts = () => linesOf(path(FILES.results));
  for (let runs = 0; verdicts().length < changes.length; runs++) {
    const before = verdicts().length;
    rmSync(path(FILES.now), { force: true });
    const end = await runOnce(root, path(FILES.now));
    const now = existsSync(path(FILES.now)) ? JSON.parse(readFileSync(path(FILES.now), 'utf8')) : undefined;
    if (end !== 0 && now !== undefined && !verdicts().some(({ id }) => id === now.id)) {
      const status = end === 'late' ? 'Timeout' : 'Crashed';
      appendFileSync(path(FILES.results), `${JSON.stringify({ id: now.id, status, by: now.name })}\n`);
    } else if (verdicts().length === before && runs > 0 && now === undefined) {
      throw new Error(`mutants: the tests of ${name} do not run: see ${root}`);
    }
    console.error(`mutants: ${verdicts().length} of ${changes.length}`);
  }
  const { known } = JSON.parse(readFileSync(path(FILES.baseline), 'utf8'));
  const failing = known.filter(({ error }) => error !== undefined).map(({ name: test, error }) => ({ test, error }));
  const byId = new Map(verdicts().map(({ id, ...verdict }) => [id, verdict]));
  return {
    tests: known.length,
    failing,
    mutants: changes.map(({ id, ...change }) => ({ ...change, ...byId.get(id) })),
  };
}

/** The exit status of one process, or `late`. */
function runOnce(root, now) {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const options = { cwd: root, stdio: ['ignore', 2, 'inherit'], detached: true };
  const child = spawn(process.execPath, [vitest, 'run', '--config', CONFIG], options);
  const began = Date.now();
  return new Promise((resolve) => {
    let isLate = false;
    const look = setInterval(() => {
      isLate ||= isTooLong(now, began);
      if (isLate) process.kill(-child.pid, 'SIGKILL');
    }, PAUSE);
    child.on('close', (status) => {
      clearInterval(look);
      resolve(isLate ? 'late' : (status ?? 1));
    });
  });
}

function isTooLong(now, began) {
  if (!existsSync(now)) return Date.now() - began > BEGINNING;
  try {
    const { ms } = JSON.parse(readFileSync(now, 'utf8'));
    return Date.now() - statSync(now).mtimeMs > SLOW + TIMES_SLOWER * ms;
  } catch {
    // It is being written.
    return false;
  }
}

/** But for those that measure, or that need a process or files of their own. */
function testFiles(root, name) {
  const directory = `packages/${name}/test`;
  return readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .filter((file) => !OF_ITS_OWN.test(readFileSync(join(root, directory, file), 'utf8')))
    .sort()
    .map((file) => `./${directory}/${file}`);
}

function testOf(files) {
  return `import fc from 'fast-check';
import { it } from 'vitest';
import { prepare, tryChanges } from './scripts/mutants/within.mjs';

// A law that fails is not asked for the least that fails it, and none takes long.
fc.configureGlobal({ endOnFailure: true, seed: 1, interruptAfterTimeLimit: 2000 });
prepare();
it('changes', ({ task }) => tryChanges(task, ${JSON.stringify(FILES)}));
${files.map((file) => `await import('${file}');`).join('\n')}
`;
}

function vitestConfig() {
  return `import { defineConfig } from 'vitest/config';
const conditions = ['@espalier/source'];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['${TEST}'],
    setupFiles: ['./test/runner/setup.ts'],
    testTimeout: 0,
    pool: 'forks',
    execArgv: ['--max-old-space-size=2000'],
    watch: false,
  },
});
`;
}
