// The tests, each law many times as often and the grids whole: `npm run thorough [-- [TIMES [SEED]] [VITEST'S ARGUMENTS]]`,
// 20 times by default, from a seed that is printed. No law takes more than a minute.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { anySeed } from './words.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const numbers = process.argv.slice(2, 4).filter((word) => /^\d+$/.test(word));
const [times = '20', seed = anySeed()] = numbers;
const rest = process.argv.slice(2 + numbers.length);

console.log(`each law ${times} times as often, from seed ${seed}`);
const { status } = spawnSync(process.execPath, [join(root, 'scripts/test.mjs'), ...rest], {
  cwd: root,
  stdio: 'inherit',
  env: { ...process.env, THOROUGH: times, SEED: seed, WALK_STEPS: `${1500 * Number(times)}`, WALK_SEED: seed },
});
process.exit(status ?? 1);
