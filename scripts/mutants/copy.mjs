import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from './run.mjs';

const INSTRUMENTER = '@stryker-mutator/instrumenter@9.6.1';

/** A copy of what git knows of the tree, as it lies, with what it needs and what makes changes; `parent` is to be removed. */
export function copyTree(root) {
  const parent = mkdtempSync(join(tmpdir(), 'espalier-mutants-'));
  const copy = join(parent, 'tree');
  mkdirSync(copy);
  const { stdout } = spawnSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of stdout.toString().split('\0')) {
    if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  }
  // Tests that need captures and vectors look for them beside the tree.
  const shared = join(dirname(root), 'shared');
  if (existsSync(shared)) symlinkSync(realpathSync(shared), join(parent, 'shared'));
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  run(copy, 'npx', ['--yes', packageManager, 'add', '-w', '-D', '--reporter=silent', INSTRUMENTER]);
  run(copy, process.execPath, ['node_modules/typescript/bin/tsc', '-b']);
  return { parent, root: copy };
}
