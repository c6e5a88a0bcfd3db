// Models in Quint: its simulator looks for a run in which what is asked does not hold, and has to find one where the model has a
// fault, and where a rule has a limit. `--write` keeps some runs, which the tests of the package do again on our code. A clone does
// without Quint: it comes into a folder of its own.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { COLLISION } from './models/collision.mjs';
import { installQuint, simulate } from './models/quint.mjs';
import { REPLAY_WINDOW } from './models/replay-window.mjs';
import { root } from './release/packages.mjs';
import { refuse, told, wholeNumber } from './words.mjs';

const MODELS = [REPLAY_WINDOW, COLLISION];
const USAGE = `npm run models [-- OPTIONS]

  --model NAME  one of ${MODELS.map(({ name }) => name).join(', ')} (default: each)
  --samples N   runs of a model (default 1000)
  --seed S      default 1
  --write       keep some of them: runs.json beside the model
  --help
`;

const { values } = told(USAGE, {
  options: {
    model: { type: 'string' },
    samples: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});
const samples = wholeNumber(USAGE, '--samples', values.samples, 1);
const seed = wholeNumber(USAGE, '--seed', values.seed);
const models = MODELS.filter(({ name }) => name === (values.model ?? name));
if (models.length === 0) refuse(USAGE, `--model: there is no ${values.model}`);

const folder = mkdtempSync(join(tmpdir(), 'espalier-models-'));
try {
  installQuint(folder);
  for (const model of models) check(model);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function check(model) {
  const { name, main, steps, faults, kept, folder: where } = model;
  const text = readFileSync(join(root, where, `${name}.qnt`), 'utf8');
  const asked = { steps, samples, seed, traces: Math.min(model.keptOf, samples) };
  const { isViolated, runs } = simulate(folder, { name, main, text }, asked);
  if (isViolated) throw new Error(`${name}: safe does not hold\n${JSON.stringify(runs().map(kept)[0])}`);
  console.log(`${name}: ${samples} runs of ${steps} steps from seed ${seed}: safe holds in all of them`);
  const ofLimits = model.limits.map(({ says, invariant }) => {
    const beyond = simulate(folder, { name: `${name}-${invariant}`, main, text, invariant }, { ...asked, traces: 1 });
    if (!beyond.isViolated) throw new Error(`${name}: not found: ${says}`);
    console.log(`${name}: a run is found in which ${says}`);
    return beyond.runs().map(kept);
  });
  if (values.write) {
    const file = join(root, where, 'runs.json');
    writeFileSync(file, `${JSON.stringify([...richest(runs().map(kept), model), ...ofLimits.flat()])}\n`);
  }
  for (const [i, { says, from, to }] of faults.entries()) {
    if (text.split(from).length !== 2) throw new Error(`${name}: "${from}" is not there once`);
    const faulty = { name: `${name}-${i}`, main, text: text.replace(from, to) };
    if (!simulate(folder, faulty, { ...asked, traces: 1 }).isViolated) throw new Error(`${name}: not noticed: ${says}`);
    console.log(`${name}: noticed: ${says}`);
  }
}

/** Those of most wealth, in the order in which they were found. */
function richest(runs, { keptMost, wealth }) {
  const chosen = new Set(runs.toSorted((a, b) => wealth(b) - wealth(a)).slice(0, keptMost));
  return runs.filter((run) => chosen.has(run));
}
