import { EXPLAINED } from './explained.mjs';

/**
 * A run: { package, seed, seconds, tests, failing, mutants: [{ at, status, mutator, was, is, by }] }; `atFirst`: { all, found },
 * of which how many were found before tests were written for others of them.
 */
const FOUND = ['Killed', 'Endless'];
const MISSED = ['Survived', 'NoCoverage'];
/** Whether that was the change or the machine nobody knows: not found, until somebody has looked. */
const LOOKED_AT = ['Timeout', 'Crashed'];

/** What could be noticed and was not, or nobody knows of. */
export function openOf({ mutants }) {
  return mutants.filter((one) => [...MISSED, ...LOOKED_AT].includes(one.status) && whyNot(one) === undefined);
}

/** A run, and what came of the changes that were open when they were tried again; what is gone is left out. */
export function mergedOf(before, again) {
  const { mutants, seconds, atFirst } = before;
  const { all, found } = countsOf(before);
  const open = openOf(before);
  return {
    ...again,
    seed: before.seed,
    seconds: seconds + again.seconds,
    atFirst: atFirst ?? { all, found },
    mutants: [...mutants.filter((one) => !open.includes(one)), ...again.mutants],
  };
}

/** What a terminal shows. */
export function summaryOf(run) {
  const { all, found, missed, doubtful, score } = countsOf(run);
  const lines = [...missed, ...doubtful].map(
    ({ at, status, was, is }) => `  ${at} ${status}: ${was} => ${oneLine(is)}`,
  );
  const head = `${run.package}: ${found} of ${all} found, ${score}, in ${run.seconds} s`;
  return [head, ...lines].join('\n');
}

/** docs/measured/mutants.md */
export function pageOf(runs) {
  const rows = runs.map((run) => {
    const { all, found, missed, doubtful, score } = countsOf(run);
    const explained = missed.filter((one) => whyNot(one) !== undefined).length;
    const { atFirst = { all, found } } = run;
    const first = `${atFirst.found} of ${atFirst.all} | ${shareOf(atFirst.found, atFirst.all)}`;
    return `| ${run.package} | ${run.seed} | ${first} | ${found} of ${all} | ${score} | ${explained} | ${doubtful.length} |`;
  });
  const parts = runs.map((run) => {
    const { missed, doubtful } = countsOf(run);
    const lines = [
      ...missed.map((one) => `- ${placeOf(one)}${after(whyNot(one))}`),
      ...doubtful.map((one) => `- ${placeOf(one)}: ended late (${one.by})${after(whyNot(one))}`),
    ];
    return `### ${run.package}, seed ${run.seed}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}`;
  });
  return `# Changes that tests notice

\`npm run mutants -- --package NAME --mutants N --seed S\` makes a sample of the changes that Stryker knows of a package's source,
evenly over its files and lines, and runs that package's own tests on each: a change that no test notices is one that nobody
would notice. It happens in a copy of the tree, in one process that has loaded everything once; the tests that come by the
change run one after the other, the quickest first, until one fails, and 30 seconds at most (of seed 7 at first: 8). A test
that fails is run again without the change: where it fails then too, the process is begun anew and the change tried once
more. Texts of messages are left as they are, and so is what is computed once, when a module loads. Tests that need a process
of their own are left out. What ended late, by a test that was stopped, is not counted as noticed: it may have been the machine.

What nobody noticed at first was read: tests were written for it, or what nothing needed was taken out, and what was open was
tried again (\`--again FILE\`). What is no longer there is not counted then. So the share that was noticed at first is what one
may expect of changes that nobody has read.

| package | seed | noticed at first | in % | noticed | in % | of the others: change nothing | ended late |
|---|--:|--:|--:|--:|--:|--:|--:|
${rows.join('\n')}

## Changes that no test noticed

${parts.join('\n\n')}
`;
}

/** Of the changes that could be tried: how many, how many were found, in per cent as well; those missed, and those in doubt. */
function countsOf({ mutants }) {
  const of = (statuses) => mutants.filter(({ status }) => statuses.includes(status));
  const [missed, found] = [of(MISSED), of(FOUND).length];
  const doubtful = of(LOOKED_AT);
  const all = found + missed.length + doubtful.length;
  return { all, found, missed, doubtful, score: shareOf(found, all) };
}

function shareOf(found, all) {
  return all === 0 ? 'none tried' : `${((100 * found) / all).toFixed(1)} %`;
}

function placeOf({ at, was, is }) {
  return `${at.replace('packages/', '')}: \`${was}\` as \`${oneLine(is)}\``;
}

function after(why) {
  return why === undefined ? '' : `: ${why}`;
}

/** Why no test can notice it; undefined where one could. */
function whyNot({ at, was, is }) {
  const found = EXPLAINED.find(([file, before, after]) => at.includes(file) && before === was && after === oneLine(is));
  return found?.[3];
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
