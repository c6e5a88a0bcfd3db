import { existsSync, readFileSync } from 'node:fs';

/** What a file has of JSON, a line each; nothing where there is no such file yet. */
export function linesOf(file) {
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
