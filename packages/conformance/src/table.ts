import type { Result } from './trials.ts';

/** What was tried of one target, for people: by clause, in order. */
export function markdownOf(name: string, results: readonly Result[]): string {
  const sorted = [...results].sort((a, b) => a.clause.localeCompare(b.clause, 'en', { numeric: true }));
  const rows = sorted.map(({ clause, name: test, title, expects, verdict, lives }) => {
    const seen = lives ? verdict : `${verdict}, and serves nobody any more`;
    return `| ${clause} | ${test} | ${title} | ${expects} | ${seen} |`;
  });
  return [
    `## ${name}`,
    '',
    sumOf(results),
    '',
    '| clause | test | what the peer does | expected | seen |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

/** In a sentence. */
export function sumOf(results: readonly Result[]): string {
  const reached = results.filter(({ verdict }) => verdict !== 'not reached');
  const right = reached.filter(({ verdict, lives }) => verdict === 'as expected' && lives);
  const unreached = results.length - reached.length;
  return `${right.length} of ${reached.length} as expected${unreached === 0 ? '' : `, ${unreached} not reached`}.`;
}
