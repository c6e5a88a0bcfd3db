import { existsSync, readdirSync, readFileSync } from 'node:fs';

export const root = new URL('../../', import.meta.url);

export function read(path: string): string {
  return readFileSync(new URL(path, root), 'utf8');
}

/** Every page that people read, as a path from the root. */
export const PAGES: readonly string[] = [
  ...['README.md', 'ARCHITECTURE.md', 'SECURITY.md', 'CONTRIBUTING.md', 'RFC.md'],
  ...foldersIn('docs').filter((name) => name.endsWith('.md')),
  ...['packages', 'apps'].flatMap((folder) =>
    readdirSync(new URL(folder, root))
      .map((name) => `${folder}/${name}/README.md`)
      .filter((page) => existsSync(new URL(page, root))),
  ),
];

function foldersIn(folder: string): readonly string[] {
  return readdirSync(new URL(folder, root), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`);
}

export interface Block {
  /** What is behind the fence; undefined of a block that is indented. */
  readonly language: string | undefined;
  readonly text: string;
}

const FENCED = /^( *)```(\w*)\n([\s\S]*?)^\1```$/gm;
const INDENTED = /(?:^|\n)\n((?: {4}.*\n|\n)* {4}.*)/g;

/** The blocks of a page, those between fences first. */
export function blocksOf(page: string): readonly Block[] {
  const text = read(page);
  const fenced = [...text.matchAll(FENCED)].map(([, indent = '', language = '', inside = '']) => ({
    language,
    text: inside.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }));
  const indented = [...text.replaceAll(FENCED, '').matchAll(INDENTED)].map(([, inside = '']) => ({
    language: undefined,
    text: `${inside.replaceAll(/^ {4}/gm, '')}\n`,
  }));
  return [...fenced, ...indented];
}
