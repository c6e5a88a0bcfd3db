// Does a test fail when the code is changed? A sample of the changes that Stryker knows of a package's source is made in a copy of
// this tree, and the package's own tests are run on each. Stryker's instrumenter and what it needs come into the copy only: a
// clone does without.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { evenly, makeChanges, sameAs } from './mutants/changes.mjs';
import { copyTree } from './mutants/copy.mjs';
import { mergedOf, openOf, pageOf, summaryOf } from './mutants/report.mjs';
import { tryAll } from './mutants/tries.mjs';
import { root } from './release/packages.mjs';
import { refuse, told, wholeNumber } from './words.mjs';

const USAGE = `npm run mutants [-- OPTIONS]

  --package NAME   default replay
  --mutants N      changes, at most (default 150)
  --seed S         of the sample (default 1)
  --again FILE     of such a result: tries what nobody noticed or explains again, and adds what comes of it
  --out FILE       keeps the result
  --write-docs FILE...   in the place of it: makes docs/measured/mutants.md of such files
  --help
`;

const { values, positionals } = told(USAGE, {
  allowPositionals: true,
  options: {
    package: { type: 'string', default: 'replay' },
    mutants: { type: 'string', default: '150' },
    seed: { type: 'string', default: '1' },
    again: { type: 'string' },
    out: { type: 'string' },
    'write-docs': { type: 'boolean', default: false },
  },
});
const most = wholeNumber(USAGE, '--mutants', values.mutants, 1);
const seed = wholeNumber(USAGE, '--seed', values.seed, 1);
const before = values.again === undefined ? undefined : JSON.parse(readFileSync(values.again, 'utf8'));
const name = before?.package ?? values.package;

if (values['write-docs']) {
  const runs = positionals.map((file) => JSON.parse(readFileSync(file, 'utf8')));
  writeFileSync(join(root, 'docs/measured/mutants.md'), pageOf(runs));
} else {
  if (!/^[a-z]+$/.test(name) || !existsSync(join(root, 'packages', name, 'test'))) {
    refuse(USAGE, `--package ${name}: there is no such package`);
  }
  const copy = copyTree(root);
  try {
    const began = performance.now();
    const choose = before === undefined ? evenly(most, seed) : sameAs(openOf(before));
    const changes = await makeChanges(copy.root, name, choose);
    const report = await tryAll(copy.root, { name, changes });
    const now = { package: name, seed, seconds: Math.round((performance.now() - began) / 1000), ...report };
    const run = before === undefined ? now : mergedOf(before, now);
    console.log(summaryOf(run));
    if (values.out !== undefined) writeFileSync(values.out, `${JSON.stringify(run, undefined, 1)}\n`);
  } finally {
    rmSync(copy.parent, { recursive: true, force: true });
  }
}
