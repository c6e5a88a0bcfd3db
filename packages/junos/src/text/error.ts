/** A place in the text: line and column count from 1, columns in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** The text is not a configuration that can be carried out. Never quotes a pre-shared key. */
export class JunosError extends Error {
  override readonly name = 'JunosError';
  readonly line: number;
  readonly column: number;
  /** What could stand at that place. */
  readonly expected: string;

  constructor(position: Position, expected: string, problem: string) {
    super(`line ${position.line}, column ${position.column}: ${problem}`);
    this.line = position.line;
    this.column = position.column;
    this.expected = expected;
  }
}

/** Refuses what stands at `position`; `found` is left out where it could be a secret. */
export function unexpected(position: Position, expected: string, found?: string): JunosError {
  return new JunosError(position, expected, `expected ${expected}${found === undefined ? '' : `, found ${found}`}`);
}

/** Refuses what is right in Junos but cannot be carried out here. */
export function unsupported(position: Position, what: string, expected: string): JunosError {
  return new JunosError(position, expected, `not supported yet: ${what} (expected ${expected})`);
}

/** `a`, `a or b`, `a, b or c`. */
export function alternatives(names: readonly string[]): string {
  const last = names.at(-1) ?? 'nothing';
  return names.length < 2 ? last : `${names.slice(0, -1).join(', ')} or ${last}`;
}
