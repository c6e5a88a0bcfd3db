import { alternatives, type Position, unexpected, unsupported } from '../text/error.ts';
import type { Statement, Word } from '../text/tree.ts';

/** A statement that was understood but changes nothing here. */
export interface JunosNotice {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/** What one word means. @throws JunosError for a word that means nothing there. */
export type Value<T> = (word: Word) => T;

/** What the statements of a block mean: those that it asks for may stand there, and no others. */
export type Read<T> = (block: Block) => T;

export type ReadNamed<T> = (block: Block, name: Word) => T;

/** Reads the statements of a whole text. */
export function readTree<T>(statements: readonly Statement[], notices: JunosNotice[], read: Read<T>): T {
  return readWhole(new Block('the configuration', { line: 1, column: 1 }, statements, notices), read);
}

/**
 * The statements between two braces. Each question takes the statements of one keyword; whatever nobody asked for is
 * refused in the end. Where `a` opens a block, `a b c;` is the same as `a { b c; }`.
 */
export class Block {
  readonly #name: string;
  readonly #position: Position;
  readonly #statements: readonly Statement[];
  readonly #notices: JunosNotice[];
  readonly #asked = new Set<string>();
  #secret = false;

  constructor(name: string, position: Position, statements: readonly Statement[], notices: JunosNotice[]) {
    this.#name = name;
    this.#position = position;
    this.#statements = statements;
    this.#notices = notices;
  }

  /** `keyword;` */
  flag(keyword: string): boolean {
    const statement = this.#atMostOne(keyword);
    if (statement) refuseValues(statement);
    return statement !== undefined;
  }

  /** `keyword value;` */
  one<T>(keyword: string, value: Value<T>): T | undefined {
    const statement = this.#atMostOne(keyword);
    return statement && value(onlyValue(statement));
  }

  /** `keyword value;`, which must stand there. */
  required<T>(keyword: string, value: Value<T>): T {
    return this.one(keyword, value) ?? this.incomplete(keyword);
  }

  /** `keyword value;` or `keyword [ value value ];`, each value once. */
  list<T>(keyword: string, value: Value<T>): T[] {
    const words = this.#all(keyword).flatMap((statement) => listed(statement));
    refuseRepeated(words, keyword);
    return words.map(value);
  }

  /** `keyword { ... }` */
  section<T>(keyword: string, read: Read<T>): T | undefined {
    const statement = this.#atMostOne(keyword);
    return statement && this.#read(keyword, statement, contents(statement, 0), read);
  }

  /** `keyword { ... }`, which must stand there. */
  requiredSection<T>(keyword: string, read: Read<T>): T {
    return this.section(keyword, read) ?? this.incomplete(keyword);
  }

  /** `keyword name { ... }`, each name once. */
  named<T>(keyword: string, read: ReadNamed<T>): T[] {
    const statements = this.#all(keyword);
    refuseRepeated(statements.map(firstValue), keyword);
    return statements.map((statement) => {
      const name = firstValue(statement);
      return this.#read(`${keyword} ${name.text}`, statement, contents(statement, 1), (block) => read(block, name));
    });
  }

  /** `name { ... }` for every statement of the block, each name once. */
  each<T>(read: ReadNamed<T>): T[] {
    refuseRepeated(
      this.#statements.map(({ keyword }) => keyword),
      this.#name,
    );
    return this.#statements.map((statement) => {
      const name = statement.keyword;
      this.#asked.add(name.text);
      return this.#read(name.text, statement, contents(statement, 0), (block) => read(block, name));
    });
  }

  /** `keyword value;` or, without `value`, `keyword;`: understood, and reported to have no effect. */
  withoutEffect(keyword: string, value?: Value<unknown>): void {
    if (value) this.one(keyword, value);
    else this.flag(keyword);
    for (const statement of this.#all(keyword))
      this.notice(statement.keyword.position, `${keyword} has no effect here`);
  }

  /** Refuses by name what is right in Junos but cannot be carried out here. */
  notYet(keyword: string, what: string): void {
    const statement = this.#find(keyword)[0];
    if (statement) throw unsupported(statement.keyword.position, what, `no ${keyword}`);
  }

  notice(position: Position, text: string): void {
    this.#notices.push({ line: position.line, column: position.column, text });
  }

  /** Refuses the block for what is missing in it. */
  incomplete(expected: string): never {
    throw unexpected(this.#position, `${expected} in ${this.#name}`);
  }

  /** From here on no error text quotes what stands in this block. */
  conceal(): void {
    this.#secret = true;
  }

  /** Refuses the first statement that was not asked for. */
  end(): void {
    const rest = this.#statements.find(({ keyword }) => !this.#asked.has(keyword.text));
    if (!rest) return;
    const found = this.#secret ? undefined : `"${rest.keyword.text}"`;
    throw unexpected(rest.keyword.position, alternatives([...this.#asked]), found);
  }

  #read<T>(name: string, { keyword }: Statement, statements: readonly Statement[], read: Read<T>): T {
    return readWhole(new Block(name, keyword.position, statements, this.#notices), read);
  }

  #atMostOne(keyword: string): Statement | undefined {
    const [statement, again] = this.#all(keyword);
    if (again) throw unexpected(again.keyword.position, `${keyword} only once in ${this.#name}`);
    return statement;
  }

  #all(keyword: string): Statement[] {
    this.#asked.add(keyword);
    return this.#find(keyword);
  }

  #find(keyword: string): Statement[] {
    return this.#statements.filter((statement) => statement.keyword.text === keyword);
  }
}

function readWhole<T>(block: Block, read: Read<T>): T {
  const result = read(block);
  block.end();
  return result;
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

function listed(statement: Statement): readonly Word[] {
  if (!statement.list) return [onlyValue(statement)];
  refuseValues({ ...statement, list: undefined });
  if (statement.list.length === 0)
    throw unexpected(statement.keyword.position, `a value after ${statement.keyword.text}`);
  return statement.list;
}

/** The statements of the block that `statement` opens after its keyword and `names` values. */
function contents({ keyword, values, list, block }: Statement, names: number): readonly Statement[] {
  const [first, ...rest] = values.slice(names);
  if (first) return [{ keyword: first, values: rest, list, block }];
  if (list) throw unexpected(keyword.position, `{ after ${keyword.text}`);
  return block ?? [];
}

function refuseRepeated(words: readonly Word[], keyword: string): void {
  const seen = new Map<string, Position>();
  for (const { text, position } of words) {
    const first = seen.get(text);
    if (first) throw unexpected(position, `${keyword} "${text}" only once: it already stands on line ${first.line}`);
    seen.set(text, position);
  }
}
