import { Edits, withoutEdited } from './edits.ts';
import { type JunosNotice, type Position, unexpected, unsupported } from './error.ts';
import { type Context, type PreparedText, prepare, VERBS } from './lines.ts';
import type { Statement } from './statement.ts';
import { type Token, tokenize, type Word } from './tokenizer.ts';

/** Blocks inside blocks that are read at most, and words of a path in the set form. */
export const MAX_DEPTH = 32;
const MAX_PATH = 64;

/** What a whole statement may be marked with. */
const TAGS: ReadonlySet<string> = new Set(['inactive:', 'active:', 'protect:', 'unprotect:', 'replace:', 'delete:']);

/** Statements in which no word is shown. */
const SECRET_BLOCKS: ReadonlySet<string> = new Set(['pre-shared-key', 'key', 'secret', 'password']);

/**
 * Reads the structure of configuration text, in the form with braces, in the set form, or mixed; the words mean nothing
 * yet. What is inactive or deactivated is left out, with a notice.
 *
 * @throws JunosError as `prepare` and `tokenize`, for braces, brackets and semicolons out of place, for blocks nested
 * deeper than `MAX_DEPTH`, and for commands that cannot be carried out.
 */
export function parseTree(text: string, notices: JunosNotice[] = []): Statement[] {
  const prepared = prepare(text, notices);
  return new Parser(tokenize(prepared.text), prepared, notices).read();
}

/** The text of a tree, indented by four as Junos does: `parseTree` reads it back. */
export function printTree(tree: readonly Statement[], indent = ''): string {
  return tree.map((statement) => `${indent}${printStatement(statement, indent)}\n`).join('');
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #prepared: PreparedText;
  readonly #notices: JunosNotice[];
  readonly #edits = new Edits();
  #next = 0;
  /** Where `edit` has led to, and where it had led to before. */
  #edited: readonly Word[][] = [];
  #context = 0;

  constructor(tokens: readonly Token[], prepared: PreparedText, notices: JunosNotice[]) {
    this.#tokens = tokens;
    this.#prepared = prepared;
    this.#notices = notices;
  }

  read(): Statement[] {
    const read: Statement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'end of text') return withoutEdited(read, this.#edits, this.#notices);
      if (token.kind !== 'word') throw unexpected(token.position, 'a statement or end of text', token.kind);
      if (this.#isCommand(token)) read.push(...this.#command(read.length));
      else read.push(...this.#statements(false).map((statement) => this.#inContext(statement)));
    }
  }

  /** One statement of the whole text, or all up to the closing brace. */
  #statements(isNested: boolean, depth = 0, concealed = false): Statement[] {
    const read: Statement[] = [];
    for (;;) {
      const token = this.#take();
      if (isNested && token.kind === '}') return read;
      if (token.kind !== 'word') {
        throw unexpected(token.position, `a statement or ${isNested ? '}' : 'end of text'}`, token.kind);
      }
      const [keyword, tags] = this.#tagged(token);
      const statement = this.#statement(keyword, depth);
      if (this.#stays(statement, tags, concealed)) read.push(statement);
      if (!isNested) return read;
    }
  }

  /** The word behind the tags, and the tags. */
  #tagged(first: Word): readonly [Word, readonly Word[]] {
    const tags: Word[] = [];
    let word = first;
    while (TAGS.has(word.text) && word.quoted !== true) {
      tags.push(word);
      const token = this.#take();
      if (token.kind !== 'word') throw unexpected(token.position, `a statement after ${word.text}`, token.kind);
      word = token;
    }
    return [word, tags];
  }

  #stays({ keyword, values }: Statement, tags: readonly Word[], concealed: boolean): boolean {
    const out = tags.find(({ text }) => text === 'inactive:' || text === 'delete:');
    if (out === undefined) return true;
    const { line, column } = out.position;
    const isSecret = concealed || SECRET_BLOCKS.has(keyword.text);
    const name = isSecret ? 'a secret' : [keyword, ...values.slice(0, 1)].map(({ text }) => text).join(' ');
    this.#notices.push({ line, column, text: `${out.text} ${name} is left out` });
    return false;
  }

  #statement(keyword: Word, depth: number): Statement {
    const values: Word[] = [];
    for (;;) {
      const token = this.#take();
      switch (token.kind) {
        case 'word':
          values.push(token);
          break;
        case ';':
          return { keyword, values, list: undefined, block: undefined };
        case '[': {
          const list = this.#list();
          const end = this.#take();
          if (end.kind !== ';') throw unexpected(end.position, ';', end.kind);
          return { keyword, values, list, block: undefined };
        }
        case '{': {
          if (depth === MAX_DEPTH) throw unexpected(token.position, `at most ${MAX_DEPTH} blocks inside one another`);
          const block = this.#statements(true, depth + 1, SECRET_BLOCKS.has(keyword.text));
          return { keyword, values, list: undefined, block };
        }
        default:
          throw unexpected(token.position, 'a value, {, [ or ;', token.kind);
      }
    }
  }

  #list(): Word[] {
    const words: Word[] = [];
    for (;;) {
      const token = this.#take();
      if (token.kind === ']') return words;
      if (token.kind !== 'word') throw unexpected(token.position, 'a value or ]', token.kind);
      words.push(token);
    }
  }

  /** A line of the set form: its first word, bare and at the beginning of its line, says so. */
  #isCommand(token: Word): boolean {
    if (token.quoted === true || !VERBS.has(token.text)) return false;
    const before = this.#tokens[this.#next - 1];
    if (before !== undefined && before.position.line >= token.position.line) return false;
    // A statement of the other form has braces.
    return !this.#hasBraces(token);
  }

  /** Whether one stands on the line of the token that is next. */
  #hasBraces({ position }: Word): boolean {
    for (let i = this.#next; ; i++) {
      const token = this.#tokens[i];
      if (token === undefined || token.position.line > position.line) return false;
      if (token.kind === '{' || token.kind === '}') return true;
    }
  }

  #command(order: number): Statement[] {
    const verb = this.#take();
    if (verb.kind !== 'word') return [];
    const isTyped = this.#prepared.typed.has(verb.position.line);
    const above = [...(isTyped ? this.#pathHere(verb.position) : []), ...this.#edited.flat()];
    const words: Word[] = [];
    let list: Word[] | undefined;
    for (let token = this.#peek(); token.position.line === verb.position.line; token = this.#peek()) {
      if (token.kind === 'end of text') break;
      this.#take();
      if (token.kind === 'word' && list === undefined) words.push(token);
      else if (token.kind === '[' && list === undefined) list = this.#list();
      else if (token.kind !== ';')
        throw unexpected(token.position, `the end of the line after ${verb.text}`, token.kind);
    }
    if (above.length + words.length > MAX_PATH) {
      throw unexpected(verb.position, `at most ${MAX_PATH} words after ${verb.text}`);
    }
    if (verb.text === 'edit') this.#edited = [...this.#edited, words];
    return verb.text === 'edit' ? [] : this.#carryOut(verb, [...above, ...words], list, order);
  }

  #carryOut(verb: Word, words: readonly Word[], list: Word[] | undefined, order: number): Statement[] {
    const [keyword, ...values] = words;
    switch (verb.text) {
      case 'set':
        if (keyword === undefined) throw unexpected(verb.position, 'a statement after set');
        return [{ keyword, values, list, block: undefined, partial: true }];
      case 'deactivate':
        this.#edits.deactivated.set(pathOf(words), verb);
        return [];
      case 'activate':
        this.#edits.deactivated.delete(pathOf(words));
        return [];
      case 'delete':
        this.#edits.deleted.set(pathOf(words), order);
        return [];
      case 'top':
        this.#edited = [];
        return [];
      case 'up':
      case 'exit':
        this.#edited = this.#edited.slice(0, -1);
        return [];
      case 'protect':
      case 'unprotect':
      case 'annotate':
        this.#notices.push({ ...verb.position, text: `${verb.text} has no effect here` });
        return [];
      default:
        throw unsupported(verb.position, `the command ${verb.text}`, 'set, deactivate or delete');
    }
  }

  /** Below the path that the terminal told of. */
  #inContext(statement: Statement): Statement {
    const [keyword, ...values] = this.#pathHere(statement.keyword.position);
    if (keyword === undefined) return statement;
    return { keyword, values, list: undefined, block: [statement], partial: true };
  }

  #pathHere(position: Position): Word[] {
    const { contexts } = this.#prepared;
    const isAhead = (context: Context | undefined) => context !== undefined && context.line < position.line;
    while (isAhead(contexts[this.#context])) this.#context += 1;
    return (contexts[this.#context - 1]?.path ?? []).map((text) => ({ text, position }));
  }

  #peek(): Token {
    const token = this.#tokens[this.#next];
    if (token === undefined) throw new TypeError('tokens: must end with end of text');
    return token;
  }

  /** Nothing is taken after `end of text`, which every caller either accepts or refuses. */
  #take(): Token {
    const token = this.#peek();
    this.#next += 1;
    return token;
  }
}

/** The key of a path in `Edits`. */
function pathOf(words: readonly Word[]): string {
  return words.map(({ text }) => text).join('\n');
}

function printStatement({ keyword, values, list, block }: Statement, indent: string): string {
  const first = VERBS.has(keyword.text) || TAGS.has(keyword.text) ? `"${keyword.text}"` : printWord(keyword);
  const words = [first, ...values.map(printWord)].join(' ');
  if (list) return `${words} [ ${list.map((item) => `${printWord(item)} `).join('')}];`;
  if (block) return `${words} {\n${printTree(block, `${indent}    `)}${indent}}`;
  return `${words};`;
}

function printWord({ text }: Word): string {
  return /^[\w.:-][\w.:/*-]*$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
