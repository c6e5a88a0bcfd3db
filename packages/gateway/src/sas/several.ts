/** Values by a key that most often has one: a list is kept only where there are more. */
export class Several<Key, Value extends object> {
  readonly #byKey = new Map<Key, Value | readonly Value[]>();

  get(key: Key): readonly Value[] {
    const found = this.#byKey.get(key);
    if (found === undefined) return NONE;
    return isList(found) ? found : [found];
  }

  add(key: Key, value: Value): void {
    this.#put(key, this.get(key).concat(value));
  }

  /** Does nothing where it is not there. */
  delete(key: Key, value: Value): void {
    this.#put(
      key,
      this.get(key).filter((other) => other !== value),
    );
  }

  #put(key: Key, values: readonly Value[]): void {
    const [first] = values;
    if (first === undefined) this.#byKey.delete(key);
    else this.#byKey.set(key, values.length === 1 ? first : values);
  }
}

const NONE: readonly never[] = [];

function isList<Value extends object>(found: Value | readonly Value[]): found is readonly Value[] {
  return Array.isArray(found);
}
