/** Slips that still leave a word recognisable. */
const SLIPS = 2;

/** Whether at most two characters were left out, added or changed, or are of the other case. */
export function isNearly(written: string, meant: string): boolean {
  if (Math.abs(written.length - meant.length) > SLIPS) return false;
  return distance(written.toLowerCase(), meant) <= SLIPS;
}

/** How many characters one must leave out, add or change (Levenshtein). */
function distance(a: string, b: string): number {
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (const [i, letter] of [...a].entries()) {
    const row = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const changed = (above[j] ?? 0) + (letter === other ? 0 : 1);
      row.push(Math.min(changed, (above[j + 1] ?? 0) + 1, (row[j] ?? 0) + 1));
    }
    above = row;
  }
  return above.at(-1) ?? 0;
}
