// Everything that is checked without running the library: format and lint, types, unused code, package contents.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(root, 'node_modules/.bin', name);
const packages = readdirSync(join(root, 'packages')).map((name) => join('packages', name));

const steps = [
  ['format and lint', bin('biome'), ['check', '.']],
  ['types of tests', bin('tsc'), ['-p', 'tsconfig.test.json']],
  ['unused code', bin('knip'), []],
  ['RFC.md', process.execPath, ['scripts/rfc.mjs', '--check']],
  ['docs/reference/refusals.md', process.execPath, ['scripts/refusals.mjs', '--check']],
  ['API reports', process.execPath, ['scripts/api/extract.mjs', '--check']],
  ['packages as published', process.execPath, ['scripts/release/lint.mjs']],
  ['sizes in the READMEs', process.execPath, ['scripts/release/sizes.mjs', '--check']],
  ['kernels', process.execPath, ['packages/crypto/scripts/build-kernels.mjs', '--check']],
  ...packages.map((folder) => [`publint ${folder}`, bin('publint'), [folder, '--strict', '--pack', 'npm']]),
  ...packages.map((folder) => [
    `types of ${folder}`,
    bin('attw'),
    ['--pack', folder, '--profile', 'esm-only', '--quiet'],
  ]),
];

let failed = 0;
for (const [title, command, args] of steps) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: root, encoding: 'utf8' });
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'} ${title}`);
  if (status !== 0) {
    process.stdout.write(stdout);
    process.stderr.write(stderr);
    failed++;
  }
}
process.exit(failed === 0 ? 0 : 1);
