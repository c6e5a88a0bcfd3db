import type { Word } from './tokenizer.ts';

/** `word ... word;`, `word ... [ word ... ];` or `word ... { statement ... }`. */
export interface Statement {
  readonly keyword: Word;
  readonly values: readonly Word[];
  readonly list: readonly Word[] | undefined;
  readonly block: readonly Statement[] | undefined;
  /** Whether it is one of many for the same place, as in the set form, and not the only one. */
  readonly partial?: boolean;
}
