// Makes a clone ready: installs the locked dependencies when they changed, then compiles what changed.
// Node, npm and git are all it needs; the package manager itself comes through npx.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, '.bootstrap-stamp');
const read = (file) => readFileSync(join(root, file), 'utf8');

const { packageManager } = JSON.parse(read('package.json'));
const stamp = createHash('sha256')
  .update([packageManager, process.platform, process.arch, process.versions.modules, read('pnpm-lock.yaml')].join('\n'))
  .digest('hex');

if (!existsSync(join(root, 'node_modules')) || !existsSync(stampFile) || readFileSync(stampFile, 'utf8') !== stamp) {
  process.stderr.write('espalier: installing dependencies (once)\n');
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--reporter=silent']);
  writeFileSync(stampFile, stamp);
}
run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b']);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 'inherit'] });
  if (error !== undefined) throw error;
  if (status !== 0) process.exit(status ?? 1);
}
