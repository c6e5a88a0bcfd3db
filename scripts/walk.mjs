// A long walk at random over all exchanges of IKE.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anySeed, refuse, told, wholeNumber } from './words.mjs';

const USAGE = `npm run walk [-- STEPS [SEED]]

  STEPS   of each mode (default 100000)
  SEED    default: any, which is printed
`;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { positionals } = told(USAGE, { allowPositionals: true });
const [steps = '100000', seed = anySeed(), stray] = positionals;
wholeNumber(USAGE, 'STEPS', steps, 1);
wholeNumber(USAGE, 'SEED', seed);
if (stray !== undefined) refuse(USAGE, `there is no place for ${stray}`);

console.log(`${steps} steps of each mode from seed ${seed}`);
const vitest = join(root, 'node_modules/vitest/vitest.mjs');
const { status } = spawnSync(
  process.execPath,
  [vitest, 'run', '--project', 'espalier', 'packages/ike/test/hostile/walk'],
  { cwd: root, stdio: 'inherit', env: { ...process.env, WALK_STEPS: steps, WALK_SEED: seed } },
);
process.exit(status ?? 1);
