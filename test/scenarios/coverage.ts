import { existsSync, readFileSync } from 'node:fs';
import { sharedFile } from '../shared.ts';

/** What shows that we do what a scenario of somebody else asks: a test of ours; or why there is none. */
type Entry = { readonly test: string } | { readonly reason: string };

/** By the scenario's name. */
export type Coverage = Readonly<Record<string, Entry>>;

const ROOT = new URL('../../', import.meta.url);

/** Who has published which scenarios. */
export const LISTS = ['strongswan', 'libreswan', 'cdrouter'] as const;
export type ListName = (typeof LISTS)[number];

export function coverageOf(list: ListName): Coverage {
  return JSON.parse(readFileSync(new URL(`${list}.json`, import.meta.url), 'utf8'));
}

/** The names that the list has, in its order. */
export function namesIn(list: ListName): readonly string[] {
  if (list === 'cdrouter') return cdrouterNames(text('scenarios/README.md'));
  const rows = text(`scenarios/${list}-ikev1-scenarios.tsv`)
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const wanted = list === 'strongswan' ? rows : rows.filter(([, , kind]) => kind === 'protocol');
  return wanted.map(([name = '']) => name);
}

function text(path: string): string {
  return new TextDecoder().decode(sharedFile(path));
}

/** `ike_1, ike_2` and `ike_40 to 43, 50 to 53`, in full. */
function cdrouterNames(readme: string): readonly string[] {
  const list = readme.slice(readme.indexOf('## CDRouter'));
  return [...list.matchAll(/ike_(\d[\d, to]*)/g)].flatMap(([, numbers = '']) =>
    numbers.split(',').flatMap((part) => {
      const [first, last = first] = part.split('to').map((number) => Number.parseInt(number, 10));
      if (first === undefined || last === undefined || Number.isNaN(first)) return [];
      return Array.from({ length: last - first + 1 }, (_, i) => `ike_${first + i}`);
    }),
  );
}

/**
 * Why a test cannot be found by `FILE > NAME`, or `interop > CASE`; undefined where it can. Of a NAME with ` > ` in it each part is looked
 * for: as a title, or as the name of a row of a table.
 */
export function missing(test: string, interopCases: ReadonlySet<string>): string | undefined {
  const [file = '', ...parts] = test.split(' > ');
  if (parts.length === 0) return 'names no test';
  if (file === 'interop') return interopCases.has(parts.join(' > ')) ? undefined : 'is no case';
  const url = new URL(file, ROOT);
  if (!/\.test\.ts$/.test(file) || !existsSync(url)) return 'is no file of tests';
  const source = readFileSync(url, 'utf8').replaceAll("\\'", "'");
  const lost = parts.find((part) => !["'", '"', '`'].some((quote) => source.includes(`${quote}${part}${quote}`)));
  return lost === undefined ? undefined : `has no ${lost}`;
}
