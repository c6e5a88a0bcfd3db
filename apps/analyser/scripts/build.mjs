// The page as files: index.html, main.js, worker.js, style.css. Nothing else is loaded.
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const here = (path) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const STYLES = ['tokens', 'page', 'packets', 'details', 'timeline'];

/** Each file by its name, as octets. */
export async function builtFiles() {
  const [main, worker] = await Promise.all(['main', 'worker'].map(bundled));
  return new Map([
    ['index.html', readFileSync(here('index.html'))],
    [
      'style.css',
      Buffer.from(STYLES.map((name) => compact(readFileSync(here(`styles/${name}.css`), 'utf8'))).join('')),
    ],
    ['main.js', main],
    ['worker.js', worker],
  ]);
}

/** Writes them to `dist`. */
export async function build() {
  const files = await builtFiles();
  await mkdir(here('dist'), { recursive: true });
  for (const [name, octets] of files) await writeFile(here(`dist/${name}`), octets);
  return files;
}

async function bundled(name) {
  const bundle = await rolldown({
    input: here(`src/${name}.ts`),
    resolve: { conditionNames: ['@espalier/source', 'import', 'default'] },
    platform: 'browser',
    treeshake: { moduleSideEffects: (id) => id.includes('/apps/analyser/src/') },
    logLevel: 'warn',
  });
  const { output } = await bundle.generate({ format: 'esm', minify: true, codeSplitting: false });
  await bundle.close();
  if (output.length !== 1) throw new Error(`${name} must be one file`);
  return Buffer.from(output[0].code);
}

/** Comments and indentation gone: all that a style sheet of ours can spare. */
function compact(css) {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^\s+/gm, '')
    .replace(/\s*([{};,])\s*/g, '$1')
    .replace(/: +/g, ':');
}
