import { existsSync, readdirSync } from 'node:fs';
import { expect, it } from 'vitest';
import { blocksOf, PAGES, read, root } from './pages.ts';

const { scripts } = JSON.parse(read('package.json')) as { readonly scripts: Readonly<Record<string, string>> };
const there = (path: string) => existsSync(new URL(path, root));

/** Of all pages, what a pattern finds in them, with its page. */
function found(pattern: RegExp): readonly (readonly [page: string, command: string])[] {
  return PAGES.flatMap((page) => [...read(page).matchAll(pattern)].map(([, command = '']) => [page, command] as const));
}

/** Of a program, and of the folder of its name. */
function sourcesOf(program: string): string {
  const folder = there(`${program}/`) ? readdirSync(new URL(program, root), { recursive: true, encoding: 'utf8' }) : [];
  const parts = folder.filter((name) => name.endsWith('.ts')).map((name) => `${program}/${name}`);
  return [`${program}.ts`, ...parts].map(read).join('\n');
}

it('commands of npm that pages name are in package.json', () => {
  const unknown = found(/\bnpm run (?:-s )?([a-z-]+)/g).filter(([, name]) => scripts[name] === undefined);
  expect(unknown).toEqual([]);
});

it('programs that pages name are built from what is there', () => {
  const named = found(/\bnode ((?:examples|bench|soak|scripts|apps)\/[\w/.-]+\.m?js)\b/g);
  const missing = named.filter(([, path]) => !there(path.replace('/dist/', '/src/').replace(/\.js$/, '.ts')));
  expect(missing).toEqual([]);
  expect(named.length).toBeGreaterThan(10);
});

it('tests that pages say how to run are there', () => {
  const missing = found(/\bnpx vitest run ([\w/.-]+\.test\.ts)/g).filter(([, path]) => !there(path));
  expect(missing).toEqual([]);
});

it('options that pages give to programs are known to these', () => {
  const lines = found(/\bnode (examples\/dist\/[\w-]+\.js(?:[^\n`#]|\\\n)*)/g);
  const unknown = lines.flatMap(([page, line]) => {
    const [path = ''] = line.split(/\s/);
    const usage = sourcesOf(path.replace('/dist/', '/src/').replace(/\.js$/, ''));
    const options = [...line.matchAll(/ --([a-z][a-z-]*)/g)].map(([, option = '']) => option);
    return options.filter((option) => !usage.includes(`--${option}`)).map((option) => `${page}: ${path} --${option}`);
  });
  expect(unknown).toEqual([]);
});

/** As statements of TypeScript end, and nothing that a shell or a configuration says does. */
const STATEMENT = /^ *(?:import |export |(?:const|let) .* = |await )|\) => |\);(?: *\/\/.*)?$/m;

it('what is TypeScript says so: it is compiled, and run', () => {
  const unsaid = PAGES.flatMap((page) =>
    blocksOf(page)
      .filter(({ language, text }) => language !== 'ts' && STATEMENT.test(text))
      .map(({ text }) => `${page}: ${text}`),
  );
  expect(unsaid).toEqual([]);
});
