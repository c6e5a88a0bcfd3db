import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Lines in one piece of a sample: a change of several lines must lie in one. */
const PIECE = 6;
/** Changes that Stryker makes in a piece, as counted. */
const MUTANTS_IN_PIECE = 6;

/** Pieces of a package's source, by chance from `seed`, that hold some `most` mutants together; all of it, where that is less. */
export function sampleOf(directory, most, seed) {
  const pieces = readdirSync(join(directory, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts') && !file.endsWith('index.ts'))
    .sort()
    .flatMap((file) => piecesOf(join('src', file), readFileSync(join(directory, 'src', file), 'utf8').split('\n')));
  const random = randomFrom(seed);
  return pieces
    .map((piece) => ({ piece, at: random() }))
    .sort((a, b) => a.at - b.at)
    .slice(0, Math.ceil(most / MUTANTS_IN_PIECE))
    .map(({ piece }) => piece);
}

/** What has code that runs: not what are comments, imports and types, as far as a line shows it. */
function piecesOf(file, lines) {
  const pieces = [];
  for (let from = 0; from < lines.length; from += PIECE) {
    const code = lines
      .slice(from, from + PIECE)
      .filter((line) => /[;{(]/.test(line) && !/^\s*(\/?\*|\/\/|import |export (type|interface))/.test(line));
    if (code.length >= PIECE / 2) pieces.push(`${file}:${from + 1}-${Math.min(lines.length, from + PIECE)}`);
  }
  return pieces;
}

/** Park and Miller's generator: numbers from 0 to 1. */
function randomFrom(seed) {
  let state = (seed * 7919) % 2147483647;
  return () => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
}
