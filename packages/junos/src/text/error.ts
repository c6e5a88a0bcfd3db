import { excerptOf } from './excerpt.ts';

/** A place in the text: line and column count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** A statement that was understood but changes nothing here, or that is not read. */
export interface JunosNotice {
  readonly line: number;
  readonly column: number;
  readonly text: string;
}

/**
 * The text is not a configuration that can be carried out. The message shows the line with a mark under the column, and
 * never quotes a pre-shared key: of a line that holds a secret it shows what comes before it.
 */
export class JunosError extends Error {
  override readonly name = 'JunosError';
  readonly line: number;
  readonly column: number;
  /** What could stand at that place. */
  readonly expected: string;
  readonly #problem: string;
  /** Whether what stands there could be a secret. */
  readonly #concealed: boolean;

  constructor(
    position: Position,
    expected: string,
    problem: string,
    { concealed = false, excerpt = '' }: { readonly concealed?: boolean; readonly excerpt?: string } = {},
  ) {
    const [first = '', ...more] = problem.split('\n');
    const where = `line ${position.line}, column ${position.column}: ${first}`;
    super([where, ...(excerpt === '' ? [] : [excerpt]), ...more].join('\n'));
    this.line = position.line;
    this.column = position.column;
    this.expected = expected;
    this.#problem = problem;
    this.#concealed = concealed;
  }

  /** The same, for people who have the text in front of them. */
  shownIn(text: string): JunosError {
    if (this.#concealed) return this;
    const excerpt = excerptOf(text, this.line, this.column);
    return new JunosError(this, this.expected, this.#problem, { excerpt });
  }

  /** The same place, and more to say about it. */
  withText(problem: string): JunosError {
    return new JunosError(this, this.expected, problem, { concealed: this.#concealed });
  }

  /** The same, where what stands there could be a secret. */
  hidden(): JunosError {
    return new JunosError(this, this.expected, this.#problem, { concealed: true });
  }
}

/** Refuses what stands at `position`; `found` is left out where it could be a secret. */
export function unexpected(position: Position, expected: string, found?: string): JunosError {
  return new JunosError(position, expected, `expected ${expected}${found === undefined ? '' : `, found ${found}`}`);
}

/** Refuses what is right in Junos but cannot be carried out here yet. */
export function unsupported(position: Position, what: string, expected: string): JunosError {
  return new JunosError(position, expected, `not supported yet: ${what} (expected ${expected})`);
}

/** Refuses what is right in Junos and will not be carried out here; `reason` says what it is, and why not. */
export function ruledOut(position: Position, reason: string, expected: string): JunosError {
  return new JunosError(position, expected, `not supported: ${reason} (expected ${expected})`);
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nothing';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
