import { EXPLAINED } from './explained.mjs';

/** A run: { package, seed, seconds, mutants: [{ at, status, mutator, was, is }] }. */
const FOUND = ['Killed', 'Timeout'];
const MISSED = ['Survived', 'NoCoverage'];

/** What a terminal shows. */
export function summaryOf(run) {
  const { all, found, missed, score } = countsOf(run);
  const lines = missed.map(({ at, status, was, is }) => `  ${at} ${status}: ${was} => ${oneLine(is)}`);
  const head = `${run.package}: ${found} of ${all} found, ${score} %, in ${run.seconds} s`;
  return [head, ...lines].join('\n');
}

/** docs/measured/mutants.md */
export function pageOf(runs) {
  const rows = runs.map((run) => {
    const { all, found, score } = countsOf(run);
    return `| ${run.package} | ${run.seed} | ${all} | ${found} | ${score} |`;
  });
  const parts = runs.map((run) => {
    const lines = countsOf(run).missed.map(
      ({ at, was, is }) => `- ${at.replace('packages/', '')}: \`${was}\` as \`${oneLine(is)}\`${whyNot(at, was, is)}`,
    );
    return `### ${run.package}\n\n${lines.length === 0 ? 'None.' : lines.join('\n')}`;
  });
  return `# Changes that tests notice

\`npm run mutants -- --package NAME --mutants N --seed S\` changes a sample of a package's lines, one change after the other, and
runs that package's own tests on each: a change that no test notices is one that nobody would notice. It takes Stryker for
it, in a copy of the tree. Texts of messages are left as they are.

| package | seed | changes | noticed | % |
|---|--:|--:|--:|--:|
${rows.join('\n')}

## Changes that no test noticed

${parts.join('\n\n')}
`;
}

/** Of the changes that could be tried: how many, how many were found, in per cent as well; and those that were missed. */
function countsOf({ mutants }) {
  const missed = mutants.filter(({ status }) => MISSED.includes(status));
  const found = mutants.filter(({ status }) => FOUND.includes(status)).length;
  const all = found + missed.length;
  return { all, found, missed, score: ((100 * found) / all).toFixed(1) };
}

function whyNot(at, was, is) {
  const found = EXPLAINED.find(([file, before, after]) => at.includes(file) && before === was && after === oneLine(is));
  return found === undefined ? '' : `: ${found[3]}`;
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
