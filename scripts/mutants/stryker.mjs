import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

const CONFIG = 'stryker.config.json';
const TESTS = 'mutants.vitest.config.mjs';
const REPORT = 'mutants.json';

/** Changes these pieces of a package's source, one after the other, and runs its tests on each. */
export function runStryker(root, { name, lines, jobs }) {
  writeFileSync(join(root, TESTS), vitestConfig(name));
  const config = {
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    mutate: lines.map((piece) => `packages/${name}/${piece}`),
    // What a message says is for people.
    mutator: { excludedMutations: ['StringLiteral'] },
    inPlace: true,
    vitest: { configFile: TESTS, related: false },
    reporters: ['clear-text', 'json'],
    clearTextReporter: { logTests: false, reportTests: false },
    jsonReporter: { fileName: REPORT },
    concurrency: jobs,
    timeoutMS: 10_000,
    dryRunTimeoutMinutes: 15,
    disableTypeChecks: true,
    tempDirName: '.mutants',
    // What is computed when a module loads: each such change would take all tests.
    ignoreStatic: true,
    allowEmpty: true,
  };
  writeFileSync(join(root, CONFIG), JSON.stringify(config));
  const began = performance.now();
  run(root, 'node_modules/.bin/stryker', ['run', CONFIG]);
  const { files } = JSON.parse(readFileSync(join(root, REPORT), 'utf8'));
  const mutants = Object.entries(files).flatMap(([file, { source, mutants }]) =>
    mutants.filter(({ status }) => status !== 'Ignored').map((mutant) => shortly(file, source.split('\n'), mutant)),
  );
  return { seconds: Math.round((performance.now() - began) / 1000), mutants };
}

/** A package's tests but for those that measure: instrumented code takes more time and more memory. */
function vitestConfig(name) {
  return `import { configDefaults, defineConfig } from 'vitest/config';
import { filesAlone } from './test/runner/alone.ts';
const conditions = ['@espalier/source'];
export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: {
    include: ['packages/${name}/test/**/*.test.ts'],
    exclude: [...configDefaults.exclude, ...filesAlone()],
    setupFiles: ['./test/runner/setup.ts'],
    testTimeout: 60_000,
    watch: false,
  },
});
`;
}

function shortly(file, lines, { location, mutatorName, replacement, status }) {
  const { line, column } = location.start;
  const source = lines[line - 1] ?? '';
  const end = location.end.line === line ? location.end.column - 1 : source.length;
  return {
    at: `${file}:${line}`,
    status,
    mutator: mutatorName,
    was: source.slice(column - 1, end),
    is: replacement ?? '',
  };
}
