import type { Result } from './trials.ts';

/** What was tried of one peer, for people: by clause, in order. */
export function markdownOf(name: string, results: readonly Result[]): string {
  const sorted = [...results].sort((a, b) => a.clause.localeCompare(b.clause, 'en', { numeric: true }));
  const rows = sorted.map(({ clause, name: test, title, expects, verdict, lives }) => {
    const seen = lives ? verdict : `${verdict}, and serves nobody any more`;
    return `| ${clause} | ${test} | ${title} | ${expects} | ${seen} |`;
  });
  const right = results.filter(({ verdict, lives }) => verdict === 'as expected' && lives).length;
  return [
    `## ${name}`,
    '',
    `${right} of ${results.length} as expected.`,
    '',
    '| clause | test | what the peer does | expected | seen |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}
