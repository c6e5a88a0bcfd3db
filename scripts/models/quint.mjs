import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../mutants/run.mjs';

const QUINT = '0.33.1';
/** What its parser is generated for: of what npm takes for newer there is no parser. */
const ANTLR = '0.5.0-alpha.4';
const VIOLATED = 'Invariant violated';

/** Quint and its eighty packages, from npm. */
export function installQuint(folder) {
  const dependencies = { '@informalsystems/quint': QUINT };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies, overrides: { antlr4ts: ANTLR } }));
  run(folder, 'npm', ['install', '--silent', '--ignore-scripts']);
}

/**
 * Has the simulator look for a run in which an invariant does not hold: whether it has found one, and the states of each run that
 * was asked for.
 */
export function simulate(folder, { name, main, text, invariant = 'safe' }, { steps, samples, seed, traces }) {
  const out = join(folder, name);
  mkdirSync(out);
  writeFileSync(join(out, 'model.qnt'), text);
  const { status, stdout, stderr } = spawnSync(
    join(folder, 'node_modules/.bin/quint'),
    [
      ...['run', 'model.qnt', `--main=${main}`, '--backend=typescript', '--verbosity=1'],
      `--invariant=${invariant}`,
      ...[`--max-steps=${steps}`, `--max-samples=${samples}`, `--seed=${seed}`],
      ...[`--n-traces=${traces}`, '--out-itf=run_{seq}.itf.json'],
    ],
    { cwd: out, encoding: 'utf8' },
  );
  const isViolated = stderr.includes(VIOLATED);
  if (status !== 0 && !isViolated) throw new Error(`${name}: quint ended with ${status}\n${stdout}${stderr}`);
  return { isViolated, runs: () => runsIn(out) };
}

function runsIn(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.itf.json'));
  return files.sort().map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).states);
}

/** As the Informal Trace Format has integers. */
export function numberOf(value) {
  return value['#bigint'];
}
