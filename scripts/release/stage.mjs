// Lays a package out as it is published: the manifest without what only a clone needs, a README whose links live elsewhere.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { addresses, packages, root } from './packages.mjs';

/** Where packages are laid out. */
export const STAGE = join(root, '.release');

/** Every package under a folder, and the workspace around them that JSR's client reads. Gives their folders. */
export function stageAll(stageFolder = STAGE) {
  rmSync(stageFolder, { recursive: true, force: true });
  const all = packages();
  const versions = new Map(all.map(({ manifest }) => [manifest.name, manifest.version]));
  const staged = all.map((one) => stage(one, versions, stageFolder));
  write(stageFolder, 'deno.json', {
    workspace: all.map(({ name }) => `./${name}`),
    compilerOptions: { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true },
  });
  return staged;
}

function stage({ folder, name, manifest, doors }, versions, stageFolder) {
  const to = join(stageFolder, name);
  const from = join(root, folder);
  mkdirSync(to, { recursive: true });
  for (const file of ['LICENSE', 'CHANGELOG.md', ...manifest.files.filter((file) => !/[!*.]/.test(file))]) {
    cpSync(join(from, file), join(to, file), { recursive: true, filter: (path) => !path.includes('.tsbuildinfo') });
  }
  writeFileSync(join(to, 'README.md'), withLiveLinks(readFileSync(join(from, 'README.md'), 'utf8'), folder));
  write(to, 'package.json', published(manifest, folder, versions));
  write(to, 'jsr.json', jsrManifest(manifest, doors, versions));
  return { name, folder: to, manifest };
}

/** The manifest with its addresses, without development, and with versions in place of the workspace's. */
function published({ devDependencies: _, publishConfig, ...manifest }, folder, versions) {
  const { exports, ...settings } = publishConfig;
  const { blob, ...where } = addresses(folder) ?? {};
  const resolved = (wanted) =>
    wanted && Object.fromEntries(Object.entries(wanted).map(([name, range]) => [name, version(name, range, versions)]));
  return {
    ...manifest,
    ...where,
    exports: { ...exports, './package.json': './package.json' },
    ...(manifest.dependencies && { dependencies: resolved(manifest.dependencies) }),
    ...(manifest.peerDependencies && { peerDependencies: resolved(manifest.peerDependencies) }),
    publishConfig: settings,
  };
}

function version(name, range, versions) {
  if (range !== 'workspace:*') return range.replace('workspace:', '');
  const known = versions.get(name);
  if (known === undefined) throw new Error(`${name} is not in the workspace`);
  return known;
}

/** JSR takes the sources: the same doors, and for each dependency where it is from. */
function jsrManifest({ name, version: own, license, dependencies = {}, peerDependencies = {} }, doors, versions) {
  const imports = Object.entries({ ...dependencies, ...peerDependencies })
    .filter(([other]) => !versions.has(other))
    .flatMap(([other, range]) => [
      [other, `npm:${other}@${range}`],
      [`${other}/`, `npm:/${other}@${range}/`],
    ]);
  return {
    name,
    version: own,
    license,
    exports: Object.fromEntries(doors.map(({ door, source }) => [door, source])),
    imports: Object.fromEntries(imports),
    publish: { include: ['src', 'README.md', 'CHANGELOG.md', 'LICENSE', 'jsr.json'] },
  };
}

/** A relative link is dead on npm: it becomes one to the repository, or, while that has no address, words. */
function withLiveLinks(text, folder) {
  const blob = addresses(folder)?.blob;
  return text.replaceAll(/\[([^\]]*)\]\((?!https?:|#)([^)]*)\)/g, (_, words, target) => {
    const [path, anchor = ''] = target.split('#');
    const at = posix.normalize(`${folder}/${path}`);
    const sibling = /^packages\/([^/]+)(\/README\.md)?$/.exec(at)?.[1];
    if (sibling !== undefined && anchor === '') return `[${words}](https://www.npmjs.com/package/@espalier/${sibling})`;
    if (blob !== undefined) return `[${words}](${blob}/${at}${anchor && `#${anchor}`})`;
    return words.replaceAll('`', '') === at ? words : `${words} (\`${at}\` in the repository)`;
  });
}

function write(folder, name, value) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), `${JSON.stringify(value, null, 2)}\n`);
}
