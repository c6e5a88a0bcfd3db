import { EXPLAINED } from './explained.mjs';

/** A run: { package, seed, seconds, mutants: [{ at, status, mutator, was, is }] }. */
const FOUND = ['Killed', 'Timeout'];
const MISSED = ['Survived', 'NoCoverage'];

const count = ({ mutants }, statuses) => mutants.filter(({ status }) => statuses.includes(status)).length;
const scoreOf = (run) => (100 * count(run, FOUND)) / (count(run, FOUND) + count(run, MISSED));

/** What a terminal shows. */
export function summaryOf(run) {
  const missed = run.mutants.filter(({ status }) => MISSED.includes(status));
  const lines = missed.map(({ at, status, was, is }) => `  ${at} ${status}: ${was} => ${oneLine(is)}`);
  const found = count(run, FOUND);
  const head = `${run.package}: ${found} of ${found + missed.length} found, ${scoreOf(run).toFixed(1)} %, in ${run.seconds} s`;
  return [head, ...lines].join('\n');
}

/** docs/measured/mutants.md */
export function pageOf(runs) {
  const rows = runs.map((run) => {
    const [found, missed] = [count(run, FOUND), count(run, MISSED)];
    return `| ${run.package} | ${run.seed} | ${found + missed} | ${found} | ${scoreOf(run).toFixed(1)} |`;
  });
  const parts = runs.map((run) => {
    const missed = run.mutants.filter(({ status }) => MISSED.includes(status));
    const lines = missed.map(
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

function whyNot(at, was, is) {
  const found = EXPLAINED.find(([file, before, after]) => at.includes(file) && before === was && after === oneLine(is));
  return found === undefined ? '' : `: ${found[3]}`;
}

function oneLine(text) {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 79)}…` : line;
}
