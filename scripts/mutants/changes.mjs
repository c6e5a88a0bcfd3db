import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** What a message says is for people. */
const OPTIONS = { plugins: null, ignorers: [], excludedMutations: ['StringLiteral'] };
const QUIET = {
  isDebugEnabled: () => false,
  debug: () => {},
  info: () => {},
  warn: console.error,
  error: console.error,
};

/**
 * Makes changes of a package's source that Stryker knows, those that `choose` takes of all: each is there in the source, and
 * asleep. Gives them as { id, at, mutator, was, is }.
 */
export async function makeChanges(root, name, choose) {
  const sources = sourcesOf(root, name);
  const instrument = await instrumenterOf(root);
  const { mutants: all } = await instrument(sources.map((source) => ({ ...source, mutate: true })));
  const possible = all.filter(({ statusReason }) => statusReason === undefined);
  const chosen = choose(possible.map((mutant) => ({ ...mutant, ...shortly(sources, mutant) })));
  const inFile = sources.flatMap((source) => {
    const mutate = chosen.filter(({ fileName }) => fileName === source.name).map(({ location }) => location);
    return mutate.length === 0 ? [] : [{ ...source, mutate }];
  });
  const { files, mutants } = await instrument(inFile);
  for (const { name: path, content } of files) writeFileSync(join(root, path), content);
  // Within the place of one there may be others.
  const keys = new Set(chosen.map(keyOf));
  return mutants.filter((mutant) => keys.has(keyOf(mutant))).map((mutant) => shortly(sources, mutant));
}

/** As many of all, as far from each other as can be, beginning by chance from `seed`. */
export function evenly(most, seed) {
  return (all) => {
    if (all.length <= most) return all;
    const step = all.length / most;
    const from = chanceFrom(seed) * step;
    return Array.from({ length: most }, (_, i) => all[Math.floor(from + i * step)]);
  };
}

/** Those of an earlier run that are still there, each in the line that is nearest to where it was. */
export function sameAs(earlier) {
  return (all) => {
    const chosen = earlier.map((one) => {
      const alike = all.filter((other) => keyOfSame(other) === keyOfSame(one));
      return alike.toSorted((a, b) => Math.abs(lineOf(a) - lineOf(one)) - Math.abs(lineOf(b) - lineOf(one)))[0];
    });
    return [...new Set(chosen.filter((one) => one !== undefined))];
  };
}

function sourcesOf(root, name) {
  const source = `packages/${name}/src`;
  return readdirSync(join(root, source), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.generated.ts') && !file.endsWith('index.ts'))
    .sort()
    .map((file) => ({ name: `${source}/${file}`, content: readFileSync(join(root, source, file), 'utf8') }));
}

async function instrumenterOf(root) {
  const path = createRequire(join(root, 'package.json')).resolve('@stryker-mutator/instrumenter');
  const { Instrumenter } = await import(pathToFileURL(path).href);
  return (files) => new Instrumenter(QUIET).instrument(files, OPTIONS);
}

function keyOf({ fileName, location, replacement }) {
  return JSON.stringify([fileName, location, replacement]);
}

function keyOfSame({ at, mutator, was, is }) {
  return JSON.stringify([at.split(':')[0], mutator, was, is]);
}

function lineOf({ at }) {
  return Number(at.split(':')[1]);
}

function shortly(sources, { id, fileName, location, mutatorName, replacement }) {
  const lines = sources.find(({ name }) => name === fileName).content.split('\n');
  // Lines and columns from 0.
  const { start, end } = location;
  const line = lines[start.line] ?? '';
  const was = line.slice(start.column, end.line === start.line ? end.column : line.length);
  return { id, at: `${fileName}:${start.line + 1}`, mutator: mutatorName, was, is: replacement };
}

/** From 0 to 1, by Park and Miller's generator. */
function chanceFrom(seed) {
  return ((seed * 7919 * 48271) % 2147483647) / 2147483647;
}
