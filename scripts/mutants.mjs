// Does a test fail when the code is changed? `npm run mutants [-- --package replay --mutants 150 --seed 1 --jobs 1]`: Stryker
// changes a sample of a package's lines, in a copy of this tree, and runs the package's own tests on each change.
// `--out FILE` keeps the result; `--write-docs FILE...` makes docs/measured/mutants.md of such files.
// Stryker and its hundred packages come into the copy only: a clone does without.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { copyTree } from './mutants/copy.mjs';
import { pageOf, summaryOf } from './mutants/report.mjs';
import { sampleOf } from './mutants/sample.mjs';
import { runStryker } from './mutants/stryker.mjs';
import { root } from './release/packages.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    package: { type: 'string', default: 'replay' },
    mutants: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    jobs: { type: 'string', default: '1' },
    out: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});

if (values['write-docs']) {
  const runs = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(join(root, 'docs/measured/mutants.md'), pageOf(runs));
} else {
  const [most, seed, jobs] = [values.mutants, values.seed, values.jobs].map(Number);
  if (![most, seed, jobs].every((number) => Number.isInteger(number) && number > 0)) {
    console.error('mutants: --mutants, --seed and --jobs must be whole numbers from 1');
    process.exit(2);
  }
  const copy = copyTree(root);
  try {
    const lines = sampleOf(join(copy.root, 'packages', values.package), most, seed);
    const report = runStryker(copy.root, { name: values.package, lines, jobs });
    const run = { package: values.package, seed, ...report };
    console.log(summaryOf(run));
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(run, undefined, 1)}\n`);
  } finally {
    rmSync(copy.parent, { recursive: true, force: true });
  }
}
