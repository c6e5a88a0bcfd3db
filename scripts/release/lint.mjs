// What no other linter asks of a package that is published: a manifest of its own, a CHANGELOG, doors that agree, a README that
// stands alone. Prints what is wrong.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packages, root } from './packages.mjs';
import { stageAll } from './stage.mjs';

const README_LINES = [100, 200];
const all = packages();
const stageFolder = mkdtempSync(join(tmpdir(), 'espalier-lint-'));
const staged = new Map(stageAll(stageFolder).map(({ name, folder }) => [name, folder]));
const faults = all.flatMap((one) => faultsOf(one).map((fault) => `${one.folder}: ${fault}`));
rmSync(stageFolder, { recursive: true });
for (const fault of faults) console.error(fault);
process.exit(faults.length === 0 ? 0 : 1);

function faultsOf({ folder, name, manifest }) {
  const faults = [];
  const others = all.filter((other) => other.name !== name).map((other) => other.manifest);
  const expect = (holds, fault) => holds || faults.push(fault);

  expect(
    others.every(({ description }) => description !== manifest.description),
    'has the description of another',
  );
  const foreign = new Set(others.flatMap(({ keywords }) => keywords));
  const own = manifest.keywords.filter((word) => !foreign.has(word));
  expect(own.length >= 3, `has ${own.length} keywords of its own, not three`);
  expect(
    others.every(({ version }) => version === manifest.version),
    'has another version than others',
  );
  expect(manifest.publishConfig.access === 'public', 'is not public');
  expect(manifest.publishConfig.provenance === true, 'says nothing of provenance');
  expect(manifest.files.includes('CHANGELOG.md'), 'does not pack its CHANGELOG');
  expect(
    !('repository' in manifest || 'homepage' in manifest || 'bugs' in manifest),
    'has an address of its own: one place has it',
  );

  const changelog = join(root, folder, 'CHANGELOG.md');
  const top = existsSync(changelog) ? /^## (.*)$/m.exec(readFileSync(changelog, 'utf8'))?.[1] : undefined;
  expect(top === manifest.version, `is ${manifest.version}, and its CHANGELOG begins with ${top}`);

  const withoutSources = Object.fromEntries(
    Object.entries(manifest.exports).map(([door, target]) => [door, withoutSource(target)]),
  );
  expect(
    JSON.stringify(withoutSources) === JSON.stringify(manifest.publishConfig.exports),
    'publishes other doors than it has here',
  );

  const readme = readFileSync(join(staged.get(name), 'README.md'), 'utf8');
  for (const [, target] of readme.matchAll(/\]\((?!https:|#)([^)]*)\)/g)) faults.push(`its README links to ${target}`);
  expect(readme.includes(`npm install ${manifest.name}`), 'its README does not say how to install it');
  const lines = readme.trimEnd().split('\n').length;
  expect(
    lines >= README_LINES[0] && lines <= README_LINES[1],
    `its README has ${lines} lines, not ${README_LINES.join(' to ')}`,
  );
  return faults;
}

function withoutSource(target) {
  if (typeof target === 'string') return target;
  const { '@espalier/source': _, ...published } = target;
  return published;
}
