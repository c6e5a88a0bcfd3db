// A long walk at random over all exchanges of IKE: `npm run walk [-- STEPS [SEED]]`, 100,000 steps of each mode by default.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [steps = '100000', seed = `${Math.floor(Math.random() * 2 ** 31)}`] = process.argv.slice(2);

console.log(`${steps} steps of each mode from seed ${seed}`);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'espalier', 'packages/ike/test/hostile/walk'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WALK_STEPS: steps, WALK_SEED: seed } },
);
process.exit(status ?? 1);
