// Writes docs/reference/refusals.md: every reason why a packet is not taken, with the clause, from the comments beside the reasons.
// `--check` only compares. A reason without a comment, or that no test names, is an error.
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const page = join(root, 'docs/reference/refusals.md');

const LISTS = [
  {
    title: 'ESP and AH',
    of: '`SealResult`, `OpenResult`, and the packets of a batch',
    file: 'packages/esp/src/sa/refusals.ts',
    tests: ['packages/esp/test', 'packages/gateway/test'],
  },
  {
    title: 'IPComp',
    of: '`IpcompResult` and `Decompressor.counters`',
    file: 'packages/esp/src/ipcomp/refusals.ts',
    tests: ['packages/esp/test'],
  },
  {
    title: 'The gateway',
    of: "`Outcome` with `by: 'gateway'`",
    file: 'packages/gateway/src/refusals.ts',
    tests: ['packages/gateway/test'],
  },
  {
    title: 'IKE',
    of: "`IkeEndpoint.counters` and `Outcome` with `by: 'ike'`",
    file: 'packages/ike/src/refusals.ts',
    tests: ['packages/ike/test', 'packages/gateway/test'],
  },
  {
    title: 'Certificates',
    of: '`ChainRefusal`, which has no counter: what a peer is refused for is the reason of an answer to IKE',
    file: 'packages/pki/src/chain/reasons.ts',
    tests: ['packages/pki/test'],
  },
];

const faults = [];
const text = [
  '# Why a packet is not taken',
  '',
  'Written by `node scripts/refusals.mjs` from the comments beside the reasons; `npm run check` fails when it is stale, or',
  'when a reason has no test. Each reason is a word of a closed union and has a counter; none is ever thrown.',
  '',
  ...LISTS.flatMap(section),
].join('\n');

for (const fault of faults) console.error(fault);
if (faults.length > 0) process.exit(1);
if (process.argv.includes('--check')) {
  if (readFileSync(page, 'utf8') !== text) {
    console.error('docs/reference/refusals.md is stale: run node scripts/refusals.mjs');
    process.exit(1);
  }
} else {
  writeFileSync(page, text);
}

function section({ title, of, file, tests }) {
  const rows = reasonsOf(file).map(({ reason, why }) => {
    if (!isTested(reason, tests)) faults.push(`no test in ${tests.join(', ')} names '${reason}' of ${file}`);
    return `| \`${reason}\` | ${why} |`;
  });
  return [`## ${title}`, '', `In ${of}.`, '', '| reason | why |', '|---|---|', ...rows, ''];
}

/** The members of the first `as const` list, each with the comment in front of it. */
function reasonsOf(file) {
  const source = readFileSync(join(root, file), 'utf8');
  const [, list] = /= \[\n([\s\S]*?)\n\] as const/.exec(source) ?? [];
  if (list === undefined) throw new Error(`${file} has no list of reasons`);
  const reasons = [...list.matchAll(/(?:\/\*\*([\s\S]*?)\*\/\s*)?'([a-z0-9-]+)',/g)];
  return reasons.map(([, comment, reason]) => {
    if (comment === undefined) faults.push(`'${reason}' of ${file} has no comment`);
    return {
      reason,
      why: (comment ?? '')
        .replace(/\s*\n\s*\*\s*/g, ' ')
        .trim()
        .replaceAll('|', '\\|'),
    };
  });
}

function isTested(reason, folders) {
  const argv = ['grep', '-qF', `'${reason}'`, '--', ...folders.map((folder) => `${folder}/*.ts`)];
  const { status, error } = spawnSync('git', argv, { cwd: root });
  if (error !== undefined || status === null || status > 1) throw new Error('git grep failed', { cause: error });
  return status === 0;
}
