// The packages as their manifests say: what is checked, packed, published and documented is read from here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Every package, what it depends on before it. */
export function packages() {
  const folders = readdirSync(join(root, 'packages')).map((name) => join('packages', name));
  const all = folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).map(read);
  const done = [];
  const visit = (one) => {
    if (done.includes(one)) return;
    for (const name of Object.keys({ ...one.manifest.dependencies, ...one.manifest.peerDependencies })) {
      const needed = all.find((other) => other.manifest.name === name);
      if (needed !== undefined) visit(needed);
    }
    done.push(one);
  };
  for (const one of all) visit(one);
  return done;
}

/** Where the project lives: one place, the root's manifest; undefined while that is empty. */
export function addresses(folder) {
  const { repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const url = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  if (url === '') return undefined;
  return {
    repository: { type: 'git', url: `git+${url}.git`, directory: folder },
    homepage: `${url}/tree/main/${folder}#readme`,
    bugs: { url: `${url}/issues` },
    blob: `${url}/blob/main`,
  };
}

function read(folder) {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
  const doors = Object.entries(manifest.exports)
    .filter(([, target]) => typeof target === 'object')
    .map(([door, { types, default: code, '@espalier/source': source }]) => ({
      door,
      specifier: door === '.' ? manifest.name : `${manifest.name}${door.slice(1)}`,
      /** A name for files: `crypto`, `crypto-wasm-simd`. */
      file: [folder.slice('packages/'.length), ...door.split('/').slice(1)].join('-'),
      types,
      code,
      source,
    }));
  return { folder, name: folder.slice('packages/'.length), manifest, doors };
}
