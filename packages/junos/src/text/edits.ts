import type { JunosNotice } from './error.ts';
import type { Statement } from './statement.ts';
import type { Word } from './tokenizer.ts';

/** What commands have taken out, by path: its words with a line feed between them. */
export class Edits {
  /** The word `deactivate`. */
  readonly deactivated: Map<string, Word> = new Map();
  /** How many statements stood before the command. */
  readonly deleted: Map<string, number> = new Map();
}

/** The statements that are neither deactivated nor deleted, with a notice for each that is deactivated. */
export function withoutEdited(statements: Statement[], edits: Edits, notices: JunosNotice[]): Statement[] {
  const { deactivated, deleted } = edits;
  if (deactivated.size === 0 && deleted.size === 0) return statements;
  const met = new Set<string>();
  const left = statements.flatMap((statement, order) => {
    const isOut = (path: string): boolean => {
      if (deactivated.has(path)) met.add(path);
      return deactivated.has(path) || order < (deleted.get(path) ?? 0);
    };
    return prune(statement, '', isOut);
  });
  for (const [path, { position }] of deactivated) {
    const name = path.replaceAll('\n', ' ');
    const text = met.has(path) ? `deactivate: ${name} is left out` : `deactivate: there is no ${name}`;
    notices.push({ line: position.line, column: position.column, text });
  }
  return left;
}

/** What is left of a statement whose block stands at `above`. */
function prune(statement: Statement, above: string, isOut: (path: string) => boolean): Statement[] {
  let path = above;
  for (const { text } of [statement.keyword, ...statement.values]) {
    path = path === '' ? text : `${path}\n${text}`;
    if (isOut(path)) return [];
  }
  const { list, block } = statement;
  if (list) {
    const left = list.filter(({ text }) => !isOut(`${path}\n${text}`));
    return left.length === 0 && list.length > 0 ? [] : [{ ...statement, list: left }];
  }
  return [block ? { ...statement, block: block.flatMap((inner) => prune(inner, path, isOut)) } : statement];
}
