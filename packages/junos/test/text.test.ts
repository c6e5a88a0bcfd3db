import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { describeDecoder } from '../../../test/support/decoders.ts';
import { JunosError } from '../src/text/error.ts';
import type { Statement } from '../src/text/statement.ts';
import { MAX_TEXT_LENGTH, tokenize } from '../src/text/tokenizer.ts';
import { MAX_DEPTH, parseTree, printTree } from '../src/text/tree.ts';

const at = { line: 0, column: 0 };

const word = fc
  .oneof(
    fc.constantFrom(
      'interfaces',
      'so-0/0/0',
      'lo0.0',
      '10.1.12.0/24',
      'a b',
      '',
      '"',
      '\\',
      '#',
      '/*',
      '*/',
      '{',
      '];',
      '\t',
      'set',
      'deactivate',
      'inactive:',
      'protect:',
    ),
    fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, '')),
  )
  .map((text) => ({ text, position: at }));

const words = fc.array(word, { maxLength: 3 });

const { statements } = fc.letrec<{ statements: Statement[]; statement: Statement }>((tie) => ({
  statements: fc.array(tie('statement'), { maxLength: 4, depthIdentifier: 'blocks' }),
  statement: fc.oneof(
    { depthSize: 'small', depthIdentifier: 'blocks' },
    fc.record({ keyword: word, values: words, list: fc.constant(undefined), block: fc.constant(undefined) }),
    fc.record({ keyword: word, values: words, list: words, block: fc.constant(undefined) }),
    fc.record({ keyword: word, values: words, list: fc.constant(undefined), block: tie('statements') }),
  ),
}));

/** The tree as text and structure alone. */
function shape(tree: readonly Statement[] | undefined): unknown {
  return tree?.map(({ keyword, values, list, block }) => ({
    words: [keyword, ...values].map(({ text }) => text),
    list: list?.map(({ text }) => text),
    block: shape(block),
  }));
}

function refusal(text: string): JunosError {
  try {
    parseTree(text);
  } catch (error) {
    if (error instanceof JunosError) return error;
    throw error;
  }
  throw new Error('the text was read');
}

describeDecoder({
  name: 'any text at all',
  valid: statements.map((tree) => Uint8Array.from(Buffer.from(printTree(tree), 'latin1'))),
  decode: (octets) => shape(parseTree(Buffer.from(octets).toString('latin1'))),
  errors: [JunosError],
  // A text may end behind any statement.
  prefixes: 'may-be-whole',
  growth: { octets: (count) => Buffer.from('a { b c [ d e ]; }\n'.repeat(count)), clock: performance },
  runs: 200,
});

describe('the text of a configuration', () => {
  it('is the same tree after it is printed and read again', () => {
    fc.assert(
      fc.property(statements, (tree) => {
        expect(shape(parseTree(printTree(tree)))).toEqual(shape(tree));
      }),
    );
  });

  it('is printed as Junos prints it', () => {
    const text = 'a {\n    b c [ d e ];\n    "f g" {\n    }\n}\n';
    expect(printTree(parseTree(text))).toBe(text);
  });

  it.each([
    ['a line comment', 'a # b; {\nc;'],
    ['two number signs', 'a ## b; {\nc;'],
    ['a number sign right after a word', 'a#b\nc;'],
    ['a block comment', 'a /* b; {\n */ c;'],
    ['a block comment between statements', '/* b */ a c; /* d */'],
    ['Windows line ends', 'a\r\nc;\r\n'],
    ['tabs', '\ta\tc\t;'],
    ['quotes around every word', '"a" "c";'],
  ])('reads past %s', (_, text) => {
    expect(shape(parseTree(text))).toEqual([{ words: ['a', 'c'], list: undefined, block: undefined }]);
  });

  it('takes a slash and a star inside a word as they are', () => {
    expect(shape(parseTree('so-0/0/0/*x;'))).toEqual([{ words: ['so-0/0/0/*x'], list: undefined, block: undefined }]);
  });

  it('takes backslash before a quote or a backslash as an escape', () => {
    expect(parseTree('a "\\"b\\\\";')[0]?.values[0]?.text).toBe('"b\\');
  });

  it('gives every word its line and column', () => {
    const text = 'a {\n  /* x\n y */ b "c d" [ e\n\tf ];\n}';
    const positions = tokenize(text).map((token) => [
      token.kind === 'word' ? token.text : token.kind,
      token.position.line,
      token.position.column,
    ]);
    expect(positions).toEqual([
      ['a', 1, 1],
      ['{', 1, 3],
      ['b', 3, 7],
      ['c d', 3, 9],
      ['[', 3, 15],
      ['e', 3, 17],
      ['f', 4, 2],
      [']', 4, 4],
      [';', 4, 5],
      ['}', 5, 1],
      ['end of text', 5, 2],
    ]);
  });

  it.each([
    ['a missing semicolon at the end', 'a b', 1, 4, 'a value, {, [ or ;'],
    ['a missing semicolon before a brace', 'a {\n  b\n}', 3, 1, 'a value, {, [ or ;'],
    ['a missing closing brace', 'a {\n  b;\n', 3, 1, 'a statement or }'],
    ['a closing brace too many', 'a;\n}', 2, 1, 'a statement or end of text'],
    ['a semicolon alone', 'a;;', 1, 3, 'a statement or end of text'],
    ['a block without a keyword', '{ a; }', 1, 1, 'a statement or end of text'],
    ['a list that does not end', 'a [ b;', 1, 6, 'a value or ]'],
    ['a word after a list', 'a [ b ] c;', 1, 9, ';'],
    ['a comment that does not end', 'a;\n /* b', 2, 2, '*/ at the end of this comment'],
    ['a string that does not end', 'a "b;\n";', 1, 3, 'a string that ends with "'],
    ['a control character', 'a \u0000;', 1, 3, 'a statement'],
    ['a letter that is not ASCII', 'a ä;', 1, 3, 'a statement'],
  ])('refuses %s', (_, text, line, column, expected) => {
    const error = refusal(text);
    expect(error).toMatchObject({ line, column });
    expect(error.expected).toContain(expected);
    expect(error.message).toContain(`line ${line}, column ${column}: expected ${expected}`);
  });

  it('refuses text that is longer than the limit', () => {
    expect(parseTree(`#${' '.repeat(MAX_TEXT_LENGTH - 1)}`)).toEqual([]);
    expect(refusal(`#${' '.repeat(MAX_TEXT_LENGTH)}`).expected).toBe('at most 1048576 characters');
  });

  it('refuses blocks that are nested deeper than the limit', () => {
    const nested = (depth: number) => 'a {'.repeat(depth) + '}'.repeat(depth);
    expect(parseTree(nested(MAX_DEPTH))).toHaveLength(1);
    expect(refusal(nested(MAX_DEPTH + 1)).expected).toBe('at most 32 blocks inside one another');
  });

  it('reads the longest string of escapes', () => {
    const escapes = MAX_TEXT_LENGTH / 2 - 2;
    expect(parseTree(`"${'\\"'.repeat(escapes)}";`)[0]?.keyword.text).toHaveLength(escapes);
  });
});
