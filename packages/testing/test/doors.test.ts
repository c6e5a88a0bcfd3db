import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const folder = fileURLToPath(new URL('../', import.meta.url));
/** The vectors are no code. */
const { './vectors/*.json': _, ...exports } = JSON.parse(readFileSync(resolve(folder, 'package.json'), 'utf8')).exports;

/** What each door loads: who fuzzes packets shall not load certificates, and a network needs no properties. */
const LOADS: Record<string, readonly string[]> = {
  './arbitraries': ['@espalier/wire', 'fast-check'],
  './certificates': ['@espalier/crypto', '@espalier/pki', '@espalier/pki/issue', '@espalier/wire', 'fast-check'],
  './laws': ['fast-check'],
  './learning': [],
  './model': [
    '@espalier/wire',
    '@noble/ciphers/aes.js',
    '@noble/hashes/hmac.js',
    '@noble/hashes/legacy.js',
    '@noble/hashes/sha2.js',
  ],
  './network': ['@espalier/wire'],
  './packets': ['@espalier/crypto', '@espalier/wire', 'fast-check'],
  './peer': ['@espalier/crypto', '@espalier/ike', '@espalier/wire', 'fast-check'],
  './sessions': ['@espalier/crypto', '@espalier/ike', '@espalier/wire', 'fast-check'],
  './wireshark': ['@espalier/wire'],
};

it('says of each door what it loads', () => {
  expect(Object.keys(exports)).toEqual(Object.keys(LOADS));
});

it.each(Object.entries(LOADS))('%s loads %j, and nothing else', (door, packages) => {
  const source = exports[door]['@espalier/source'];
  expect([...loadedBy(resolve(folder, source))].sort()).toEqual([...packages].sort());
});

/** The packages that a file imports, and those of the files that it imports; types are not loaded. */
function loadedBy(file: string, seen: Set<string> = new Set()): ReadonlySet<string> {
  const packages = new Set<string>();
  if (seen.has(file)) return packages;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, target = ''] of text.matchAll(/(?:^|\n)(?:import|export)\b(?! type)[^;'"]*?from\s+'([^']+)'/g)) {
    if (!target.startsWith('.')) packages.add(target);
    else for (const name of loadedBy(resolve(dirname(file), target), seen)) packages.add(name);
  }
  return packages;
}
