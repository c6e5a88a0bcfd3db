import { unexpected } from '../text/error.ts';
import type { Word } from '../text/tokenizer.ts';
import type { Block, Value } from './block.ts';

/** What a configuration defines by name in one place and refers to in others: policies, proposals, rules. */
export class Definitions<T> {
  readonly #kind: string;
  readonly #entries = new Map<string, { readonly name: Word; readonly value: T }>();
  readonly #used = new Set<string>();

  /** `kind` for error texts, for example `an IKE policy`. */
  constructor(kind: string, entries: readonly { readonly name: Word; readonly value: T }[] = []) {
    this.#kind = kind;
    for (const entry of entries) this.#entries.set(entry.name.text, entry);
  }

  /** The same names for what `change` makes of each. */
  map<U>(change: (value: T) => U): Definitions<U> {
    const entries = [...this.#entries.values()];
    return new Definitions(
      this.#kind,
      entries.map(({ name, value }) => ({ name, value: change(value) })),
    );
  }

  /** All of them, in the order of the text. */
  get values(): readonly T[] {
    return [...this.#entries.values()].map(({ value }) => value);
  }

  /** What a reference refers to. */
  readonly find: Value<T> = (reference) => {
    const value = this.get(reference.text);
    if (value !== undefined) return value;
    throw unexpected(reference.position, `${this.#kind} of this configuration`, `"${reference.text}"`);
  };

  /** What a reference refers to; undefined where there is nothing of the name. */
  get(name: string): T | undefined {
    const entry = this.#entries.get(name);
    if (entry !== undefined) this.#used.add(name);
    return entry?.value;
  }

  /** Notices each definition that nothing has referred to. */
  reportUnused(block: Block): void {
    for (const { name } of this.#entries.values()) {
      if (!this.#used.has(name.text)) block.notice(name.position, `nothing refers to ${this.#kind}: ${name.text}`);
    }
  }
}
