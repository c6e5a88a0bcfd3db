import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packagesFolder = fileURLToPath(new URL('../packages/', import.meta.url));

/** What each package may import: arrows point down only (ARCHITECTURE.md). */
const allowed: Record<string, readonly string[]> = {
  wire: [],
  replay: [],
  crypto: ['@noble/ciphers', '@noble/curves', '@noble/hashes'],
  esp: ['@espalier/crypto', '@espalier/replay', '@espalier/wire'],
  ike: ['@espalier/crypto', '@espalier/wire'],
  gateway: ['@espalier/crypto', '@espalier/esp', '@espalier/ike', '@espalier/wire'],
  node: [
    ...['@espalier/crypto', '@espalier/gateway', '@espalier/ike', '@espalier/wire'],
    ...['node:crypto', 'node:dgram', 'node:net', 'node:os', 'node:util', 'node:worker_threads', 'koffi'],
  ],
  pki: ['@espalier/crypto', '@espalier/ike', '@espalier/wire'],
  junos: ['@espalier/crypto', '@espalier/gateway', '@espalier/ike', '@espalier/wire'],
  capture: ['@espalier/crypto', '@espalier/esp', '@espalier/ike', '@espalier/replay', '@espalier/wire'],
  conformance: [
    ...['@espalier/crypto', '@espalier/ike', '@espalier/node', '@espalier/testing', '@espalier/wire'],
    ...['node:child_process', 'node:fs', 'node:util'],
  ],
  testing: ['@espalier/crypto', '@espalier/esp', '@espalier/gateway', '@espalier/ike', '@espalier/wire', 'fast-check'],
};

/** Folders that are sub-path exports of their own, and what they alone may import: the platform, or what weighs. */
const ownFolders: Record<string, readonly string[]> = {
  'crypto/src/node': ['node:crypto'],
  'esp/src/ipcomp': ['fflate'],
  'pki/src/encrypted': ['asn1js', 'pkijs'],
  'testing/src/certificates': ['@espalier/pki'],
  'testing/src/model': ['@noble/ciphers', '@noble/hashes'],
};

describe.each(Object.keys(allowed))('%s', (name) => {
  const source = join(packagesFolder, name, 'src');
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(source, file));

  it('imports nothing but what lies below it, and no platform that is not its own', () => {
    const strays = files.flatMap((file) => importsOf(file).filter((target) => !mayImport(name, file, target)));
    expect(strays).toEqual([]);
  });

  it('has no circle of files', () => {
    expect(findCircle(files)).toEqual([]);
  });

  it.each(doorsOf(name))('exports from its door %s only names, with no code of its own', (file) => {
    const door = readFileSync(join(packagesFolder, name, file), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    const statements = door.split(';').map((statement) => statement.trim());
    expect(statements.filter((statement) => statement !== '' && !/^export .* from '/s.test(statement))).toEqual([]);
  });
});

/** The indices behind the exports of a package, from its folder. */
function doorsOf(name: string): readonly string[] {
  const { exports } = JSON.parse(readFileSync(join(packagesFolder, name, 'package.json'), 'utf8'));
  const files = Object.values<Record<string, string>>(exports).flatMap(
    (conditions) => conditions['@espalier/source'] ?? [],
  );
  return files.filter((file) => file.endsWith('/index.ts'));
}

function mayImport(name: string, file: string, target: string): boolean {
  if (target.startsWith('.')) return true;
  const folder = Object.keys(ownFolders).find((prefix) => relative(packagesFolder, file).startsWith(prefix));
  const granted = [...(allowed[name] ?? []), ...(folder === undefined ? [] : (ownFolders[folder] ?? []))];
  return granted.some((prefix) => target === prefix || target.startsWith(`${prefix}/`));
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^;'"]*?from\s+'([^']+)'|import\('([^']+)'\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

/** The first loop of imports among `files`, as paths; empty when there is none. Type imports count too. */
function findCircle(files: readonly string[]): string[] {
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): string[] => {
    if (trail.includes(file))
      return [...trail.slice(trail.indexOf(file)), file].map((f) => relative(packagesFolder, f));
    if (done.has(file)) return [];
    for (const target of importsOf(file)) {
      if (!target.startsWith('.')) continue;
      const circle = visit(resolve(dirname(file), target), [...trail, file]);
      if (circle.length > 0) return circle;
    }
    done.add(file);
    return [];
  };
  for (const file of files) {
    if (!file.endsWith('.generated.ts')) {
      const circle = visit(file, []);
      if (circle.length > 0) return circle;
    }
  }
  return [];
}
