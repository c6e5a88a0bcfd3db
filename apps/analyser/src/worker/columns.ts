const CHUNK_BITS = 14;
const CHUNK = 1 << CHUNK_BITS;

type Cells = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/** Numbers of one kind, one a row: they grow by chunks, and are never copied. */
export class Column {
  readonly #make: new (
    length: number,
  ) => Cells;
  readonly #chunks: Cells[] = [];
  #length = 0;

  constructor(make: new (length: number) => Cells) {
    this.#make = make;
  }

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    const place = this.#length & (CHUNK - 1);
    let chunk = this.#chunks[this.#length >> CHUNK_BITS];
    if (chunk === undefined) {
      chunk = new this.#make(CHUNK);
      this.#chunks.push(chunk);
    }
    chunk[place] = value;
    this.#length += 1;
  }

  at(row: number): number {
    return this.#chunks[row >> CHUNK_BITS]?.[row & (CHUNK - 1)] ?? 0;
  }
}

const MOST_TEXTS = 400_000;

/** Texts, each kept once; when there are too many, new ones are not kept. */
export class Texts {
  readonly #texts: string[] = ['(select it to see)'];
  readonly #places = new Map<string, number>();

  place(text: string): number {
    const known = this.#places.get(text);
    if (known !== undefined) return known;
    if (this.#texts.length >= MOST_TEXTS) return 0;
    this.#places.set(text, this.#texts.length);
    return this.#texts.push(text) - 1;
  }

  at(place: number): string {
    return this.#texts[place] ?? '';
  }

  /** Which of them hold it, of either case: 1 where they do. */
  holding(part: string): Uint8Array {
    const lower = part.toLowerCase();
    return Uint8Array.from(this.#texts, (text) => (text.toLowerCase().includes(lower) ? 1 : 0));
  }
}
