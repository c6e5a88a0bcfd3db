// Models in Quint: its simulator looks for a run in which what is asked does not hold. `--write` keeps some runs, which the tests
// of the package do again on our code. Quint and its eighty packages come into a folder of their own: a clone does without.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from './mutants/run.mjs';
import { root } from './release/packages.mjs';
import { told, wholeNumber } from './words.mjs';

const USAGE = `npm run models [-- OPTIONS]

  --samples N   runs of the model (default 1000)
  --seed S      default 1
  --write       keep some of them: packages/replay/test/model/runs.json
  --help
`;

const QUINT = '0.33.1';
/** What its parser is generated for: of what npm takes for newer there is no parser. */
const ANTLR = '0.5.0-alpha.4';
const MODEL = join(root, 'packages/replay/test/model/replay-window.qnt');
const KEPT = join(root, 'packages/replay/test/model/runs.json');
const STEPS = 40;
const KEPT_MOST = 30;

const { values } = told(USAGE, {
  options: {
    samples: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const samples = wholeNumber(USAGE, '--samples', values.samples, 1);
const seed = wholeNumber(USAGE, '--seed', values.seed);

const folder = mkdtempSync(join(tmpdir(), 'espalier-models-'));
try {
  cpSync(MODEL, join(folder, 'model.qnt'));
  const dependencies = { '@informalsystems/quint': QUINT };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ dependencies, overrides: { antlr4ts: ANTLR } }));
  run(folder, 'npm', ['install', '--silent', '--ignore-scripts']);
  run(folder, join(folder, 'node_modules/.bin/quint'), [
    ...['run', 'model.qnt', '--main=replayWindow', '--backend=typescript', '--invariant=safe', '--verbosity=1'],
    ...[`--max-steps=${STEPS}`, `--max-samples=${samples}`, `--seed=${seed}`],
    ...[`--n-traces=${Math.min(KEPT_MOST, samples)}`, '--out-itf=run_{seq}.itf.json'],
  ]);
  console.log(`${samples} runs of ${STEPS} steps from seed ${seed}: safe holds in all of them`);
  if (values.write) writeFileSync(KEPT, `${JSON.stringify(runsIn(folder)).replaceAll(']]},{', ']]},\n{')}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Of each run the packages that came: what they carried, what that was taken for, and what was said of it. */
function runsIn(folder) {
  const files = readdirSync(folder).filter((name) => name.endsWith('.itf.json'));
  return files.sort().map((name) => {
    const { states } = JSON.parse(readFileSync(join(folder, name), 'utf8'));
    const came = states.filter((state, i) => i > 0 && numberOf(state.latest) === numberOf(states[i - 1].latest));
    const packets = came.map(({ carried, meant, verdict }) => [Number(numberOf(carried)), numberOf(meant), verdict]);
    return { esn: states[0].esn, packets };
  });
}

/** As the Informal Trace Format has integers. */
function numberOf(value) {
  return value['#bigint'];
}
