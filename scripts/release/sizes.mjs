// What a page loads of each door with all that it needs: minified, and compressed as servers do it. Into the READMEs.
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild-wasm';
import { packages, root } from './packages.mjs';

const TABLE = /<!-- sizes -->\n[\s\S]*?<!-- \/sizes -->/;

const check = process.argv.includes('--check');
const measured = await sizes();
for (const { folder } of packages()) {
  const path = join(root, folder, 'README.md');
  const readme = readFileSync(path, 'utf8');
  const renewed = withSizes(readme, folder, measured);
  if (renewed === readme && TABLE.test(readme)) continue;
  if (!check) writeFileSync(path, renewed);
  else {
    console.error(`${folder}/README.md says other sizes than its doors have: node scripts/release/sizes.mjs`);
    process.exitCode = 1;
  }
}

/** Of every door: its specifier, octets minified, octets compressed. */
async function sizes() {
  const all = packages().flatMap((one) => one.doors.map((door) => ({ ...door, folder: one.folder })));
  const { outputFiles } = await build({
    entryPoints: all.map(({ folder, source, file }) => ({ in: join(root, folder, source), out: file })),
    outdir: 'doors',
    conditions: ['@espalier/source'],
    external: ['node:*', 'fast-check', 'koffi'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    write: false,
    logLevel: 'silent',
  });
  return all.map(({ folder, specifier, file }) => {
    const contents = outputFiles.find(({ path }) => basename(path) === `${file}.js`)?.contents;
    if (contents === undefined) throw new Error(`nothing was made of ${specifier}`);
    return { folder, specifier, minified: contents.length, compressed: gzipSync(contents, { level: 9 }).length };
  });
}

/** A README with its table of sizes as it was measured. */
function withSizes(readme, folder, measured) {
  const rows = measured
    .filter((one) => one.folder === folder)
    .map(
      ({ specifier, minified, compressed }) =>
        `| \`${specifier}\` | ${kilobytes(minified)} | ${kilobytes(compressed)} |`,
    );
  const table = ['| door, and all it needs | minified, kB | gzip, kB |', '|---|---:|---:|', ...rows].join('\n');
  return readme.replace(TABLE, `<!-- sizes -->\n${table}\n<!-- /sizes -->`);
}

/** Steps of one in twenty, so that a line of code is not a change of every README. */
function kilobytes(octets) {
  const step = 1.05;
  const rounded = step ** Math.ceil(Math.log(octets) / Math.log(step)) / 1000;
  return rounded < 10 ? rounded.toFixed(1) : rounded.toFixed(0);
}
