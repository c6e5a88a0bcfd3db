import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';
import { settle } from './settle.mjs';

const folder = fileURLToPath(new URL('../', import.meta.url));

const FLAGS = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--enable', 'simd', '--importMemory'],
  // Some embeddings cannot take vectors over the border of a module; none goes there.
  ...['--disableWarning', '112'],
];

/**
 * The octets of WebAssembly that `entry` compiles to. Sources are those of this package, and those of the map, by their
 * path in it.
 */
export async function compile(entry, sources, flags) {
  let octets;
  const { error, stderr } = await asc.main([entry, ...FLAGS, ...flags, '--outFile', 'out.wasm'], {
    readFile: (name) => {
      const source = sources.get(name);
      if (source !== undefined) return source;
      try {
        return inlined(readFileSync(join(folder, name), 'utf8'));
      } catch {
        return null;
      }
    },
    writeFile: (name, contents) => {
      if (name === 'out.wasm') octets = contents;
    },
    listFiles: () => [],
  });
  if (error !== null || stderr.toString() !== '') throw new Error(stderr.toString());
  return settle(octets);
}

/** AssemblyScript's decorator of functions is no TypeScript: sources have it as a comment of its own line. */
function inlined(source) {
  return source.replaceAll(/^\/\/ @inline$/gm, '@inline');
}
