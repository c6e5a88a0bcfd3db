// Releases all packages: npm run release -- --version | --dry-run | --publish
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { packAll } from './pack.mjs';
import { addresses, root } from './packages.mjs';
import { STAGE } from './stage.mjs';

const HELP = `usage: npm run release -- --version | --dry-run | --publish

  --version   turn the files of .changeset into versions and CHANGELOGs
  --dry-run   everything but to publish: lint, pack, what npm and JSR would take
  --publish   publish what was committed, with provenance, where the repository has an address
`;

const [mode] = process.argv.slice(2);
if (mode === '--version') {
  run('npx', ['changeset', 'version']);
} else if (mode === '--dry-run' || mode === '--publish') {
  const refusals = reasonsNotToPublish();
  for (const reason of refusals) console.error(`not to be published: ${reason}`);
  if (mode === '--publish' && refusals.length > 0) process.exit(1);
  run(process.execPath, ['scripts/release/lint.mjs']);
  for (const { file } of packAll(join(STAGE, 'tarballs'))) {
    run('npm', ['publish', file, ...(mode === '--publish' ? ['--provenance'] : ['--dry-run', '--provenance=false'])]);
  }
  run(
    'npx',
    ['--yes', 'deno@2.9.6', 'publish', ...(mode === '--publish' ? [] : ['--dry-run', '--allow-dirty'])],
    STAGE,
  );
} else {
  process.stdout.write(HELP);
  process.exit(mode === '--help' ? 0 : 1);
}

function reasonsNotToPublish() {
  const reasons = [];
  if (addresses('.') === undefined)
    reasons.push('repository.url of the root package.json is empty, and provenance needs it');
  const pending = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  if (pending.length > 0) reasons.push(`${pending.length} changes have no version: npm run release -- --version`);
  const { stdout } = spawnSync('git', ['status', '--porcelain'], { cwd: root, encoding: 'utf8' });
  if (stdout !== '') reasons.push('what is here is not committed');
  return reasons;
}

function run(command, args, cwd = root) {
  const { status } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}
