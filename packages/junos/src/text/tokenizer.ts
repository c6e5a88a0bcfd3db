import { JunosError, type Position, unexpected } from './error.ts';

type Punctuation = '{' | '}' | '[' | ']' | ';';

export type Token =
  | ({ readonly kind: 'word' } & Word)
  | { readonly kind: Punctuation | 'end of text'; readonly position: Position };

/** A word, and where it stands. */
export interface Word {
  readonly text: string;
  readonly position: Position;
  /** Whether it stood in quotes. */
  readonly quoted?: boolean;
  /** Whether it had a backslash before something else than a quote or a backslash; both are kept as they stood. */
  readonly escaped?: boolean;
}

/** Characters of configuration text that are read at most. */
export const MAX_TEXT_LENGTH: number = 1 << 20;

const SPACE = /[ \t\r\n]+/y;
const LINE_COMMENT = /#[^\n]*/y;
const BLOCK_COMMENT = /\/\*[\s\S]*?\*\//y;
const PUNCTUATION = /[{}[\];]/y;
const QUOTED = /"([^"\\\r\n]*(?:\\[^\r\n][^"\\\r\n]*)*)"/y;
/** Printable ASCII without `"`, `#` and the punctuation. */
const BARE = /[!$-:<-Z\\^-z|~]+/y;

/**
 * Splits configuration text into words and punctuation. `#` opens a comment up to the end of its line; `/*`, where a
 * word could begin, one up to its closing mark. A quoted string is one word; in it `\"` and `\\` stand for `"` and `\`.
 * The last token is always `end of text`.
 *
 * @throws JunosError for text longer than `MAX_TEXT_LENGTH`, a comment or string that does not end, or a character
 * outside of comments and strings that is not printable ASCII.
 */
export function tokenize(text: string): Token[] {
  const scanner = new Scanner(text);
  const tokens: Token[] = [];
  for (;;) {
    const token = scanner.next();
    tokens.push(token);
    if (token.kind === 'end of text') return tokens;
  }
}

class Scanner {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #lineStart = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.length > MAX_TEXT_LENGTH) {
      throw new JunosError(this.#position(), `at most ${MAX_TEXT_LENGTH} characters`, 'the text is too long');
    }
  }

  next(): Token {
    while (this.#take(SPACE) ?? this.#take(LINE_COMMENT) ?? this.#take(BLOCK_COMMENT)) {}
    const position = this.#position();
    if (this.#offset === this.#text.length) return { kind: 'end of text', position };
    if (this.#text.startsWith('/*', this.#offset)) throw unexpected(position, '*/ at the end of this comment');

    const mark = this.#take(PUNCTUATION)?.[0];
    if (isPunctuation(mark)) return { kind: mark, position };
    const quoted = this.#take(QUOTED)?.[1];
    if (quoted !== undefined) return quotedWord(quoted, position);
    if (this.#text.startsWith('"', this.#offset)) {
      throw unexpected(position, 'a string that ends with " on its line').hidden();
    }
    const bare = this.#take(BARE)?.[0];
    if (bare !== undefined) return { kind: 'word', text: bare, position };
    throw unexpected(position, 'a statement', `character ${codePoint(this.#text, this.#offset)}`);
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#offset;
    const match = pattern.exec(this.#text);
    if (match) this.#advance(match[0].length);
    return match;
  }

  #advance(length: number): void {
    const end = this.#offset + length;
    for (;;) {
      const lineBreak = this.#text.indexOf('\n', this.#offset);
      if (lineBreak < 0 || lineBreak >= end) break;
      this.#line++;
      this.#lineStart = this.#offset = lineBreak + 1;
    }
    this.#offset = end;
  }

  #position(): Position {
    return { line: this.#line, column: this.#offset - this.#lineStart + 1 };
  }
}

function quotedWord(quoted: string, position: Position): Token {
  const escaped = /\\[^"\\]/.test(quoted.replace(/\\\\/g, ''));
  const text = quoted.replace(/\\(["\\])/g, '$1');
  return { kind: 'word', text, position, quoted: true, ...(escaped && { escaped }) };
}

function isPunctuation(mark: string | undefined): mark is Punctuation {
  return mark !== undefined;
}

function codePoint(text: string, offset: number): string {
  return `U+${(text.codePointAt(offset) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
