import { type Position, unexpected } from './error.ts';
import { type Token, tokenize } from './tokenizer.ts';

export interface Word {
  readonly text: string;
  readonly position: Position;
}

/** `word ... word;`, `word ... [ word ... ];` or `word ... { statement ... }`. */
export interface Statement {
  readonly keyword: Word;
  readonly values: readonly Word[];
  readonly list: readonly Word[] | undefined;
  readonly block: readonly Statement[] | undefined;
}

/** Blocks inside blocks that are read at most. */
export const MAX_DEPTH = 32;

/**
 * Reads the structure of configuration text; the words mean nothing yet.
 *
 * @throws JunosError as `tokenize`, for braces, brackets and semicolons out of place, and for blocks nested deeper than
 * `MAX_DEPTH`.
 */
export function parseTree(text: string): Statement[] {
  return statements(tokenize(text).values(), 'end of text', 0);
}

/** The text of a tree, indented by four as Junos does: `parseTree` reads it back. */
export function printTree(tree: readonly Statement[], indent = ''): string {
  return tree.map((statement) => `${indent}${printStatement(statement, indent)}\n`).join('');
}

function statements(tokens: Iterator<Token, undefined>, closing: '}' | 'end of text', depth: number): Statement[] {
  const read: Statement[] = [];
  for (;;) {
    const token = take(tokens);
    if (token.kind === closing) return read;
    if (token.kind !== 'word') throw unexpected(token.position, `a statement or ${closing}`, token.kind);
    read.push(statement(tokens, token, depth));
  }
}

function statement(tokens: Iterator<Token, undefined>, keyword: Word, depth: number): Statement {
  const values: Word[] = [];
  for (;;) {
    const token = take(tokens);
    switch (token.kind) {
      case 'word':
        values.push(token);
        break;
      case ';':
        return { keyword, values, list: undefined, block: undefined };
      case '[':
        return { keyword, values, list: list(tokens), block: undefined };
      case '{':
        if (depth === MAX_DEPTH) throw unexpected(token.position, `at most ${MAX_DEPTH} blocks inside one another`);
        return { keyword, values, list: undefined, block: statements(tokens, '}', depth + 1) };
      default:
        throw unexpected(token.position, 'a value, {, [ or ;', token.kind);
    }
  }
}

function list(tokens: Iterator<Token, undefined>): Word[] {
  const words: Word[] = [];
  for (;;) {
    const token = take(tokens);
    if (token.kind === ']') break;
    if (token.kind !== 'word') throw unexpected(token.position, 'a value or ]', token.kind);
    words.push(token);
  }
  const token = take(tokens);
  if (token.kind !== ';') throw unexpected(token.position, ';', token.kind);
  return words;
}

/** Nothing is taken after `end of text`, which every caller either accepts or refuses. */
function take(tokens: Iterator<Token, undefined>): Token {
  const { value } = tokens.next();
  if (value === undefined) throw new TypeError('parseTree: tokens must end with end of text');
  return value;
}

function printStatement({ keyword, values, list, block }: Statement, indent: string): string {
  const words = [keyword, ...values].map(printWord).join(' ');
  if (list) return `${words} [ ${list.map((item) => `${printWord(item)} `).join('')}];`;
  if (block) return `${words} {\n${printTree(block, `${indent}    `)}${indent}}`;
  return `${words};`;
}

function printWord({ text }: Word): string {
  return /^[\w.:-][\w.:/*-]*$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;
}
