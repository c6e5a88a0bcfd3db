import { type JunosNotice, unexpected } from '../text/error.ts';
import type { Statement } from '../text/statement.ts';
import type { Word } from '../text/tokenizer.ts';

/** By name: what each configuration group says for one place in the hierarchy. */
export type Groups = ReadonlyMap<string, readonly Statement[]>;

/** What an applied group says for a place in the hierarchy. */
export interface Inherited {
  readonly group: string;
  readonly statements: readonly Statement[];
}

/** Characters of a wildcard that are read at most. */
const MAX_WILDCARD = 64;

/** `groups { NAME { ... } }` of a whole text. */
export function findGroups(statements: readonly Statement[]): Groups {
  const groups = new Map<string, Statement[]>();
  for (const { keyword, values, list, block, partial } of statements) {
    if (keyword.text !== 'groups') continue;
    const [name, ...rest] = values;
    const inner = name === undefined ? (block ?? []) : [{ keyword: name, values: rest, list, block }];
    for (const group of inner) {
      const [first, ...words] = group.values;
      const own = first === undefined ? (group.block ?? []) : [{ ...group, keyword: first, values: words }];
      const known = groups.get(group.keyword.text) ?? [];
      groups.set(group.keyword.text, [...known, ...own.map((each) => (partial ? { ...each, partial } : each))]);
    }
  }
  return groups;
}

/**
 * What a place inherits, the nearest first: groups applied to it come before those applied farther out, and of several
 * applied together the first. `apply-groups-except` keeps groups from coming in from farther out.
 * @throws JunosError for a group that the text does not have.
 */
export function inheritedBy({
  own,
  inherited,
  groups,
}: {
  readonly own: readonly Statement[];
  readonly inherited: readonly Inherited[];
  readonly groups: Groups;
}): readonly Inherited[] {
  const applied = wordsOf(own, 'apply-groups').map((word) => {
    const statements = groups.get(word.text);
    if (statements !== undefined) return { group: word.text, statements };
    const whole = 'give the text of show configuration | display inheritance | except ##';
    throw unexpected(word.position, `a group of this text (or ${whole})`, `"${word.text}"`);
  });
  const except = new Set(wordsOf(own, 'apply-groups-except').map(({ text }) => text));
  const outer = inherited.filter(({ group, statements }) => statements.length > 0 && !except.has(group));
  return [...applied, ...outer];
}

/** Notices each group that no `apply-groups` of the text names. */
export function reportUnusedGroups(statements: readonly Statement[], notices: JunosNotice[]): void {
  const applied = new Set(appliedAnywhere(statements));
  for (const { keyword, values, block } of statements) {
    if (keyword.text !== 'groups') continue;
    for (const { text, position } of values[0] ? [values[0]] : (block ?? []).map((group) => group.keyword)) {
      if (applied.has(text)) continue;
      notices.push({ line: position.line, column: position.column, text: `nothing applies the group ${text}` });
      applied.add(text);
    }
  }
}

function appliedAnywhere(statements: readonly Statement[]): string[] {
  return statements.flatMap(({ keyword, values, list, block }) => {
    const words = [keyword, ...values, ...(list ?? [])].map(({ text }) => text);
    const at = words.indexOf('apply-groups');
    return [...(at < 0 ? [] : words.slice(at + 1)), ...appliedAnywhere(block ?? [])];
  });
}

/** Whether a name in a group, which may be a wildcard like `<ge-*>`, is this name. */
export function matchesName(pattern: string | undefined, name: string): boolean {
  if (pattern === name) return true;
  if (pattern === undefined || !/^<.*>$/.test(pattern) || pattern.length > MAX_WILDCARD) return false;
  const glob = pattern.slice(1, -1).replace(/[.+^${}()|\\/]/g, '\\$&');
  try {
    return new RegExp(`^${glob.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`).test(name);
  } catch {
    return false;
  }
}

function wordsOf(statements: readonly Statement[], keyword: string): readonly Word[] {
  return statements
    .filter((statement) => statement.keyword.text === keyword)
    .flatMap(({ values, list }) => [...values, ...(list ?? [])]);
}
