import { alternatives, JunosError, type JunosNotice, type Position, unexpected, unsupported } from '../text/error.ts';
import { isNearly } from '../text/spelling.ts';
import type { Statement } from '../text/statement.ts';
import type { Word } from '../text/tokenizer.ts';
import { findGroups, type Groups, type Inherited, inheritedBy, matchesName } from './groups.ts';

/** What one word means. @throws JunosError for a word that means nothing there. */
export type Value<T> = (word: Word) => T;

/** What the statements of a block mean: those that it asks for may stand there, and no others. */
export type Read<T> = (block: Block) => T;

export type ReadNamed<T> = (block: Block, name: Word) => T;

/** Reads the statements of a whole text. */
export function readTree<T>(statements: readonly Statement[], notices: JunosNotice[], read: Read<T>): T {
  const groups = findGroups(statements);
  const place = { name: 'the configuration', position: { line: 1, column: 1 } };
  return readWhole(new Block(place, { own: statements, inherited: [], groups }, notices), read);
}

/** Statements that may stand in every block. */
const EVERYWHERE = ['apply-groups', 'apply-groups-except'];

/** The statements of one place in the hierarchy: its own, and what groups say for it. */
interface Contents {
  readonly own: readonly Statement[];
  /** Nearest first. */
  readonly inherited: readonly Inherited[];
  /** What each group of the configuration says for this place, applied or not. */
  readonly groups: Groups;
}

/** The statements of one name. */
interface Named {
  readonly name: Word;
  /** Where the first of them begins. */
  readonly position: Position;
  readonly own: Statement[];
}

interface Place {
  /** For error texts, for example `rule to-west`. */
  readonly name: string;
  readonly position: Position;
}

/**
 * The statements between two braces. Each question takes the statements of one keyword; whatever nobody asked for is
 * refused in the end, or passed over with a notice. Where `a` opens a block, `a b c;` is the same as `a { b c; }`. What
 * the block does not say itself, the groups say that are applied to it.
 */
export class Block {
  readonly #place: Place;
  readonly #contents: Contents;
  readonly #notices: JunosNotice[];
  readonly #asked = new Set<string>(EVERYWHERE);
  #secret = false;

  constructor(place: Place, contents: Contents, notices: JunosNotice[]) {
    this.#place = place;
    this.#contents = { ...contents, inherited: inheritedBy(contents) };
    this.#notices = notices;
  }

  /** Whether there is a statement of this keyword. */
  has(keyword: string): boolean {
    return this.#everywhere(keyword).length > 0;
  }

  /** Whether the statement stands there without anything behind it. */
  isBare(keyword: string): boolean {
    return this.#everywhere(keyword).some(({ values, list, block }) => values.length === 0 && !list && !block);
  }

  /** `keyword;` */
  flag(keyword: string): boolean {
    const statement = this.#effective(keyword);
    if (statement) refuseValues(statement);
    return statement !== undefined;
  }

  /** `keyword value;` or, of one value, `keyword { value; }` */
  one<T>(keyword: string, value: Value<T>): T | undefined {
    const statement = this.#effective(keyword);
    return statement && value(onlyValue(this.#unlisted(statement)));
  }

  /** `keyword value;`, which must stand there. */
  required<T>(keyword: string, value: Value<T>): T {
    return this.one(keyword, value) ?? this.incomplete(keyword);
  }

  /** `keyword value;` or `keyword [ value value ];`, each value once. */
  list<T>(keyword: string, value: Value<T>): T[] {
    const words = new Map<string, Word>();
    for (const { statement, word } of this.#own(keyword).flatMap(listed)) {
      const first = words.get(word.text);
      if (first && statement.partial !== true) throw repeated(keyword, word, first);
      if (!first) words.set(word.text, word);
    }
    for (const { word } of this.#inherited(keyword).flatMap(listed)) {
      if (!words.has(word.text)) words.set(word.text, word);
    }
    return [...words.values()].map(value);
  }

  /** `keyword first VALUE second VALUE;`, any number of times. */
  pairs<T>(keyword: string, [first, second]: readonly [string, string], value: Value<T>): (readonly [T, T])[] {
    return [...this.#own(keyword), ...this.#inherited(keyword)].map(
      ({ keyword: { position }, values, list, block }) => {
        const [a, one, b, two, more] = values;
        const isPair = a?.text === first && b?.text === second && one !== undefined && two !== undefined;
        if (!isPair || (more ?? list ?? block) !== undefined) {
          throw unexpected((values[0] ?? { position }).position, `${first} VALUE ${second} VALUE after ${keyword}`);
        }
        return [value(one), value(two)];
      },
    );
  }

  /** `keyword { ... }` */
  section<T>(keyword: string, read: Read<T>): T | undefined {
    this.#asked.add(keyword);
    const [first] = this.#everywhere(keyword);
    if (first === undefined) return undefined;
    const own = this.#own(keyword);
    this.#refuseTwice(keyword, own);
    const isIt = (statement: Statement) => statement.keyword.text === keyword;
    return this.#read({ name: keyword, position: first.keyword.position }, own, isIt, 0, read);
  }

  /** `keyword { ... }`, which must stand there. */
  requiredSection<T>(keyword: string, read: Read<T>): T {
    return this.section(keyword, read) ?? this.incomplete(keyword);
  }

  /** `keyword name { ... }`, each name once. */
  named<T>(keyword: string, read: ReadNamed<T>): T[] {
    this.#asked.add(keyword);
    const names = this.#names(keyword, (statement) =>
      statement.keyword.text === keyword ? firstValue(statement) : undefined,
    );
    return names.map(({ name, position, own }) => {
      const isIt = ({ keyword: first, values }: Statement) =>
        first.text === keyword && matchesName(values[0]?.text, name.text);
      const place = { name: `${keyword} ${name.text}`, position };
      return this.#read(place, own, isIt, 1, (block) => read(block, name));
    });
  }

  /** `name { ... }` for every statement of the block, each name once. */
  each<T>(read: ReadNamed<T>): T[] {
    const names = this.#names(this.#place.name, ({ keyword }) =>
      EVERYWHERE.includes(keyword.text) ? undefined : keyword,
    );
    for (const { keyword } of this.#contents.inherited.flatMap(({ statements }) => statements)) {
      this.#asked.add(keyword.text);
    }
    return names.map(({ name, position, own }) => {
      this.#asked.add(name.text);
      const isIt = ({ keyword }: Statement) => matchesName(keyword.text, name.text);
      return this.#read({ name: name.text, position }, own, isIt, 0, (block) => read(block, name));
    });
  }

  /** `keyword value;` or, without `value`, `keyword;`: understood, and reported to have no effect. */
  withoutEffect(keyword: string, value?: Value<unknown>): void {
    if (value) this.one(keyword, value);
    else this.flag(keyword);
    this.noteWithoutEffect(keyword, 'here');
  }

  /** Tells that a statement has no effect, in the circumstances that `where` names; it is read elsewhere. */
  noteWithoutEffect(keyword: string, where: string): void {
    for (const statement of this.#everywhere(keyword))
      this.notice(statement.keyword.position, `${keyword} has no effect ${where}`);
  }

  /** Refuses by name what is right in Junos but cannot be carried out here. */
  notYet(keyword: string, what: string): void {
    const statement = this.#everywhere(keyword)[0];
    if (statement) throw unsupported(statement.keyword.position, what, `no ${keyword}`);
  }

  /** Refuses a statement with a text of its own; does nothing where there is none. */
  refuse(keyword: string, expected: string): void {
    const statement = this.#everywhere(keyword)[0];
    if (statement) throw unexpected(statement.keyword.position, expected, `"${keyword}"`);
  }

  /** Refuses what is one of `keywords` but for a slip. */
  refuseMisspelt(keywords: readonly string[]): void {
    for (const { keyword } of this.#all()) {
      const meant = keywords.find((known) => isNearly(keyword.text, known));
      if (meant === undefined || meant === keyword.text) continue;
      throw unexpected(keyword.position, meant).withText(`"${keyword.text}" is not known: did you mean ${meant}?`);
    }
  }

  /** Passes over what nobody has asked for, with a notice for each keyword: everything, or the keywords named. */
  passOver(keywords?: ReadonlySet<string>): void {
    for (const { keyword } of this.#all()) {
      if (this.#asked.has(keyword.text) || keywords?.has(keyword.text) === false) continue;
      this.#asked.add(keyword.text);
      this.notice(keyword.position, `not read: ${keyword.text}`);
    }
  }

  /** Passes over a keyword, or everything, without a word: where it is read elsewhere, or has been told of. */
  drop(only?: string): void {
    if (only !== undefined) this.#asked.add(only);
    else for (const { keyword } of this.#all()) this.#asked.add(keyword.text);
  }

  /** Passes over the whole block with one notice. */
  passOverWhole(): void {
    this.notice(this.#place.position, `not read: ${this.#place.name}`);
    this.drop();
  }

  notice(position: Position, text: string): void {
    this.#notices.push({ line: position.line, column: position.column, text });
  }

  /** Refuses the block for what is missing in it. */
  incomplete(expected: string): never {
    throw unexpected(this.#place.position, `${expected} in ${this.#place.name}`);
  }

  /** Refuses the block with what Junos says when it is committed. */
  refused(text: string): never {
    throw unexpected(this.#place.position, text).withText(text);
  }

  /** From here on no error text quotes or shows what stands in this block. */
  conceal(): void {
    this.#secret = true;
  }

  get isConcealed(): boolean {
    return this.#secret;
  }

  /** Refuses the first statement that was not asked for. */
  end(): void {
    const rest = this.#all().find(({ keyword }) => !this.#asked.has(keyword.text));
    if (!rest) return;
    const found = this.#secret ? undefined : `"${rest.keyword.text}"`;
    const known = [...this.#asked].filter((keyword) => !EVERYWHERE.includes(keyword));
    throw unexpected(rest.keyword.position, alternatives(known), found);
  }

  /** Reads the blocks of `found`, and of what `isIt` picks of groups, behind their keyword and `names` values. */
  #read<T>(
    place: Place,
    found: readonly Statement[],
    isIt: (statement: Statement) => boolean,
    names: number,
    read: Read<T>,
  ): T {
    const { inherited, groups } = this.#contents;
    const within = (statements: readonly Statement[]) =>
      statements.filter(isIt).flatMap((statement) => contents(statement, names));
    const inner = {
      own: found.flatMap((statement) => contents(statement, names)),
      inherited: inherited.map(({ group, statements }) => ({ group, statements: within(statements) })),
      groups: new Map([...groups].map(([group, statements]) => [group, within(statements)])),
    };
    return readWhole(new Block(place, inner, this.#notices), read);
  }

  /** By name, in the order of the text; a name that only groups have comes behind, and a wildcard is no name. */
  #names(what: string, nameOf: (statement: Statement) => Word | undefined): readonly Named[] {
    const names = new Map<string, Named>();
    for (const statement of this.#contents.own) {
      const name = nameOf(statement);
      if (name === undefined) continue;
      const known = names.get(name.text);
      if (known === undefined) names.set(name.text, { name, position: statement.keyword.position, own: [statement] });
      else if (statement.partial !== true && known.own.some(({ partial }) => partial !== true)) {
        throw repeated(what, name, known.name);
      } else known.own.push(statement);
    }
    for (const statement of this.#contents.inherited.flatMap(({ statements }) => statements)) {
      const name = nameOf(statement);
      if (name === undefined || name.text.startsWith('<') || names.has(name.text)) continue;
      names.set(name.text, { name, position: statement.keyword.position, own: [] });
    }
    return [...names.values()];
  }

  /** The block's own statement, or that of the nearest group; of several of the set form the last. */
  #effective(keyword: string): Statement | undefined {
    this.#asked.add(keyword);
    const own = this.#own(keyword);
    this.#refuseTwice(keyword, own);
    return own.at(-1) ?? this.#inherited(keyword)[0];
  }

  /** `keyword { value; }` as `keyword value;`. */
  #unlisted(statement: Statement): Statement {
    const { keyword, values, list, block = [] } = statement;
    if (values.length > 0) return statement;
    const isList = block.every((inner) => inner.values.length === 0 && !inner.list && !inner.block);
    const [value, another] = isList ? block : [];
    if (list || another)
      throw unexpected(keyword.position, `one value, not a list, for ${keyword.text} in ${this.#place.name}`);
    return value ? { ...statement, values: [value.keyword], block: undefined } : statement;
  }

  #refuseTwice(keyword: string, statements: readonly Statement[]): void {
    const [, again] = statements.filter(({ partial }) => partial !== true);
    if (again) throw unexpected(again.keyword.position, `${keyword} only once in ${this.#place.name}`);
  }

  #own(keyword: string): Statement[] {
    this.#asked.add(keyword);
    return this.#contents.own.filter((statement) => statement.keyword.text === keyword);
  }

  #inherited(keyword: string): Statement[] {
    const all = this.#contents.inherited.flatMap(({ statements }) => statements);
    return all.filter((statement) => statement.keyword.text === keyword);
  }

  #everywhere(keyword: string): Statement[] {
    return this.#all().filter((statement) => statement.keyword.text === keyword);
  }

  #all(): readonly Statement[] {
    const { own, inherited } = this.#contents;
    if (inherited.length === 0) return own;
    return [...own, ...inherited.flatMap(({ statements }) => statements)];
  }
}

function readWhole<T>(block: Block, read: Read<T>): T {
  try {
    const result = read(block);
    block.end();
    return result;
  } catch (error) {
    throw block.isConcealed && error instanceof JunosError ? error.hidden() : error;
  }
}

function repeated(keyword: string, again: Word, first: Word): JunosError {
  const expected = `${keyword} "${again.text}" only once: it already stands on line ${first.position.line}`;
  return unexpected(again.position, expected);
}

function refuseValues({ keyword, values, list, block }: Statement): void {
  const extra = values[0] ?? list?.[0] ?? block?.[0]?.keyword ?? (list || block ? keyword : undefined);
  if (extra) throw unexpected(extra.position, `; after ${keyword.text}`);
}

function onlyValue(statement: Statement): Word {
  const value = firstValue(statement);
  refuseValues({ ...statement, values: statement.values.slice(1) });
  return value;
}

function firstValue({ keyword, values }: Statement): Word {
  const value = values[0];
  if (!value) throw unexpected(keyword.position, `a value after ${keyword.text}`);
  return value;
}

function listed(statement: Statement): readonly { readonly statement: Statement; readonly word: Word }[] {
  if (!statement.list) return [{ statement, word: onlyValue(statement) }];
  refuseValues({ ...statement, list: undefined });
  if (statement.list.length === 0)
    throw unexpected(statement.keyword.position, `a value after ${statement.keyword.text}`);
  return statement.list.map((word) => ({ statement, word }));
}

/** The statements of the block that `statement` opens after its keyword and `names` values. */
function contents({ keyword, values, list, block, partial }: Statement, names: number): readonly Statement[] {
  const [first, ...rest] = values.slice(names);
  if (first) return [{ keyword: first, values: rest, list, block, ...(partial && { partial }) }];
  if (list) throw unexpected(keyword.position, `{ after ${keyword.text}`);
  return block ?? [];
}
