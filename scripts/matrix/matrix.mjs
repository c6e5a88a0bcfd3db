// Installs the packed packages into fresh projects and tries them: npm run matrix -- [--quick] [--types | --programs] [--write-docs]
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packAll } from '../release/pack.mjs';
import { root } from '../release/packages.mjs';
import { compilers } from './compilers.mjs';
import { npmInstall } from './npm.mjs';
import { runtimes } from './runtimes.mjs';

const HELP = `usage: npm run matrix -- [--quick] [--types | --programs] [--write-docs]

  --quick        the oldest and the newest compiler, and the Node that runs this
  --types        compilers alone
  --programs     runtimes alone
  --write-docs   write what was run into docs/measured/matrix.md
`;

const PAGE = join(root, 'docs/measured/matrix.md');
const KNOWN = ['--quick', '--types', '--programs', '--write-docs'];
const words = process.argv.slice(2);
if (words.some((word) => !KNOWN.includes(word))) {
  process.stdout.write(HELP);
  process.exit(words.includes('--help') ? 0 : 1);
}
const folder = mkdtempSync(join(tmpdir(), 'espalier-matrix-'));
const rows = [];
try {
  const project = freshProject(folder);
  const quick = words.includes('--quick');
  if (!words.includes('--programs')) for (const row of compilers(project, quick)) tell(row);
  if (!words.includes('--types')) for await (const row of runtimes(project, quick)) tell(row);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (words.includes('--write-docs')) writeFileSync(PAGE, page());
process.exit(rows.some(({ outcome }) => outcome === 'FAIL') ? 1 : 0);

function tell(row) {
  rows.push(row);
  console.log(`${row.outcome.padEnd(7)} ${row.what}${row.says ? `: ${row.says}` : ''}`);
}

/** A project of somebody who has npm and the tarballs, and nothing of this repository. */
function freshProject(parent) {
  const tarballs = packAll(join(root, '.release/tarballs'));
  const project = join(parent, 'project');
  mkdirSync(project);
  const dependencies = Object.fromEntries(tarballs.map(({ manifest, file }) => [manifest.name, `file:${file}`]));
  const manifest = { name: 'fresh', private: true, type: 'module', dependencies, overrides: dependencies };
  writeFileSync(join(project, 'package.json'), JSON.stringify(manifest));
  const fault = npmInstall(project);
  if (fault !== undefined) throw new Error(`npm install from the tarballs: ${fault}`);
  return project;
}

/** What was run now, in the place of what the page had of the same; the rest of it stays. */
function page() {
  const kept = existsSync(PAGE) ? readFileSync(PAGE, 'utf8').matchAll(/^\| (.*?) \| (.*) \|$/gm) : [];
  const all = new Map([...kept].map(([, what, says]) => [what, says]));
  for (const { outcome, what, says } of rows)
    all.set(what, outcome === 'ok' ? (says ?? 'ok') : `${outcome}: ${says}`.split('\n')[0]);
  all.delete('tried');
  return `${[
    '# Installed from tarballs',
    `Written by \`npm run matrix -- --write-docs\`; do not edit. Each line is of a fresh project into which the packed packages were
installed, and nothing else of this repository. Types: every declaration of the packages is checked (\`skipLibCheck: false\`).
Programs: \`console.mjs\` is IKEv1 between two endpoints in memory, ESP by each engine that there is, and a capture of it read and
decrypted; \`engine-node.mjs\` is every suite and every group that \`@espalier/crypto/node\` claims, against the portable engine;
\`sockets.mjs\` is [IKE and ESP on sockets](../how-to/build/node.md). What is not \`ok\` says so.`,
    ['| tried | came to |', '|---|---|', ...[...all].map(([what, says]) => `| ${what} | ${says} |`)].join('\n'),
  ].join('\n\n')}\n`;
}
