/** Rows of cells under a heading; the first column leans left, all others right. */
export interface TextTable {
  readonly heading: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Columns in line, for a terminal. */
export function formatColumns({ heading, rows }: TextTable): string {
  const all = [heading, ...rows];
  const widths = heading.map((_, column) => Math.max(...all.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    widths
      .map((width, column) => (column === 0 ? (row[column] ?? '').padEnd(width) : (row[column] ?? '').padStart(width)))
      .join('  ')
      .trimEnd();
  return `${all.map(line).join('\n')}\n`;
}

export function formatMarkdown({ heading, rows }: TextTable): string {
  const line = (row: readonly string[]) => `| ${row.join(' | ')} |`;
  const rule = heading.map((_, column) => (column === 0 ? '---' : '---:'));
  return `${[heading, rule, ...rows].map(line).join('\n')}\n`;
}
