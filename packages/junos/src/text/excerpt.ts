/** Columns of a line that are shown at most. */
const WIDTH = 100;

/** Words that a secret follows, and secrets in the forms of Junos. */
const SECRET = /pre-shared-key|ascii-text|hexadecimal|\bkey\b|secret|passw|passphrase|community|\$\d+\$/i;

/** A line that begins behind these may begin with a secret. */
const OPENS_SECRET =
  /(?:pre-shared-key|ascii-text|hexadecimal|\bkey|secret|password)["{\s]*$|pre-shared-key\s*\{[^}]*$/i;

/** Characters before a line among which such words are looked for. */
const LOOK_BACK = 400;

/**
 * A line of a text and a mark under a column of it; of a line that holds a secret only what comes before that. Empty
 * where nothing may be shown.
 */
export function excerptOf(text: string, line: number, column: number): string {
  const start = startOf(text, line);
  if (start === undefined || OPENS_SECRET.test(text.slice(Math.max(0, start - LOOK_BACK), start))) return '';
  const end = text.indexOf('\n', start);
  const whole = text.slice(start, end < 0 ? undefined : end).replace(/\r$/, '');
  const secret = SECRET.exec(whole);
  const shown = secret === null ? whole : `${whole.slice(0, secret.index + secret[0].length)} …`;
  const from = column > WIDTH ? column - WIDTH / 2 : 0;
  const cut = printable(shown.slice(from, from + WIDTH));
  const margin = `${' '.repeat(String(line).length + 2)} | `;
  return `  ${line} | ${cut}\n${margin}${' '.repeat(Math.max(0, column - 1 - from))}^`;
}

/** Where a line begins, counted from 1; undefined when there are not so many. */
function startOf(text: string, line: number): number | undefined {
  let start = 0;
  for (let left = line; left > 1; left--) {
    const end = text.indexOf('\n', start);
    if (end < 0) return undefined;
    start = end + 1;
  }
  return start;
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\uffff]/g, ' ');
}
