import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { blocksOf, PAGES, read, root } from './pages.ts';
import { RUN_BY, SHOWN } from './shown.ts';

/** All but such as are tests themselves. */
const programs = [...new Set(Object.values(SHOWN).flat())].filter((program) => !program.endsWith('.test.ts'));
const runHere = programs.filter((program) => RUN_BY[program] === undefined);

const folder = mkdtempSync(join(tmpdir(), 'espalier-documents-'));
afterAll(() => rmSync(folder, { recursive: true }));
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  'packages/esp/test/docs/benchmark-program.ts': ['null/hmac-sha1-96', '64', '2'],
  'packages/testing/test/docs/wireshark-program.ts': [folder],
};

function shownOn(page: string): readonly string[] {
  return blocksOf(page).flatMap(({ language, text }) => (language === 'ts' ? [text] : []));
}

/** Without what indents all of it. */
function flush(paragraph: string): string {
  const indent = /^ */.exec(paragraph)?.[0] ?? '';
  return paragraph.replaceAll(new RegExp(`^${indent}`, 'gm'), '').trimEnd();
}

/** Whether all paragraphs of a block are lines of a program, in order, however deep these are indented. */
function isOf(block: string, program: string): boolean {
  const lines = program.split('\n');
  let from = 0;
  return block
    .trimEnd()
    .split('\n\n')
    .every((paragraph) => {
      const count = paragraph.split('\n').length;
      while (from + count <= lines.length && flush(lines.slice(from, from + count).join('\n')) !== flush(paragraph)) {
        from += 1;
      }
      from += count;
      return from <= lines.length;
    });
}

it('every block of TypeScript on a page is of a program that is compiled', () => {
  const pages = PAGES.filter((page) => shownOn(page).length > 0);
  expect(pages.sort()).toEqual(Object.keys(SHOWN).sort());
});

it.each(Object.entries(SHOWN))('%s shows nothing that its programs do not say', (page, shown) => {
  const blocks = shownOn(page);
  expect(blocks.map((block, i) => isOf(block, read(shown[i] ?? '')))).toEqual(blocks.map(() => true));
  expect(blocks.length).toBe(shown.length);
});

it('what a README says to install is all that its first program imports', () => {
  const missing = PAGES.filter((page) => page.endsWith('/README.md')).flatMap((page) => {
    const [, installed = ''] = /^ {4}npm install (.*)$/m.exec(read(page)) ?? [];
    const imported = [...(shownOn(page)[0] ?? '').matchAll(/from '(@espalier\/[a-z]+)/g)].map(([, name = '']) => name);
    const needed = [...new Set(imported)].filter((name) => !installed.split(' ').includes(name));
    return needed.map((name) => `${page}: ${name}`);
  });
  expect(missing).toEqual([]);
});

it('a page that is about a task, or a package, begins with a program that is whole', () => {
  const partial = Object.entries(SHOWN).filter(([page, [program = '']]) => shownOn(page)[0] !== read(program));
  expect(partial.map(([page]) => page)).toEqual([
    'docs/explanation/hot-path.md',
    'docs/explanation/many-tunnels.md',
    'docs/how-to/build/own-cipher.md',
    'docs/how-to/look/record-and-replay.md',
    'docs/reference/captures.md',
  ]);
});

it.each(runHere)('%s runs, and prints what its page shows', async (program) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const { argv } = process;
  process.argv = ['node', basename(program), ...(ARGUMENTS[program] ?? [])];
  await import(new URL(program, root).pathname);
  process.argv = argv;
  const printed = log.mock.calls.map((words) => `${words.join(' ')}\n`).join('');
  log.mockRestore();
  expect(printed).not.toBe('');
  for (const [page] of Object.entries(SHOWN).filter(([, shown]) => shown.includes(program))) {
    const [, behind] = read(page).split(`${read(program)}\`\`\`\n\n\`\`\`\n`);
    if (behind !== undefined) expect(behind.split('```')[0]).toBe(printed);
  }
});

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
it.skipIf(!hasTshark)('tshark decrypts what keys-to-wireshark.md has written, and shows what is inside', () => {
  const options = ['-o', 'esp.enable_encryption_decode:TRUE', '-o', 'esp.enable_authentication_check:TRUE'];
  const { stdout } = spawnSync('tshark', ['-r', join(folder, 'trace.pcap'), ...options], {
    encoding: 'utf8',
    env: { ...process.env, WIRESHARK_CONFIG_DIR: folder },
  });
  expect(stdout.match(/10\.1\.0\.7 → 10\.2\.0\.9/g)).toHaveLength(3);
});

it.each(Object.entries(RUN_BY))('%s is run by %s', (program, test) => {
  expect(read(test)).toContain(basename(program, '.ts'));
});
