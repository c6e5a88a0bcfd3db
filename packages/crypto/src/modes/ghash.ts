import { word } from '../memory.ts';
import { wipe } from '../secrets.ts';
import { absorbGhash } from './ghash.generated.ts';

/** Words of the table: for each of the 32 places of four bits in a block, 16 products of four words. */
const TABLE_WORDS = 32 * 16 * 4;

/** GHASH (SP 800-38D §6.4) under one H: a block costs 32 look-ups in a table of 8 KiB, and no reduction. */
export class Ghash {
  readonly #table: Int32Array;
  readonly #y: Int32Array = new Int32Array(4);

  /** Takes H from the 16 octets of `view`. */
  constructor(view: DataView) {
    this.#table = multiplesOf(view);
  }

  start(): void {
    this.#y.fill(0);
  }

  /** Absorbs whole blocks. */
  absorb(view: DataView, from: number, to: number): void {
    absorbGhash(this.#table, this.#y, view, from, to);
  }

  write(view: DataView, at: number): void {
    for (let i = 0; i < 4; i++) view.setInt32(at + 4 * i, word(this.#y, i));
  }

  wipe(): void {
    wipe(this.#table, this.#y);
  }
}

/** The product of H with every value of four bits at every place (SP 800-38D §6.3: the leftmost bit is x^0). */
function multiplesOf(h: DataView): Int32Array {
  const table = new Int32Array(TABLE_WORDS);
  let [p, q, r, s] = [h.getInt32(0), h.getInt32(4), h.getInt32(8), h.getInt32(12)];
  for (let bit = 0; bit < 128; bit++) {
    const place = 64 * (bit >> 2);
    const value = 8 >> (bit & 3);
    for (let entry = 0; entry < 16; entry++) {
      if ((entry & value) === 0) continue;
      const at = place + 4 * entry;
      table[at] = word(table, at) ^ p;
      table[at + 1] = word(table, at + 1) ^ q;
      table[at + 2] = word(table, at + 2) ^ r;
      table[at + 3] = word(table, at + 3) ^ s;
    }
    const overflow = -(s & 1);
    s = (r << 31) | (s >>> 1);
    r = (q << 31) | (r >>> 1);
    q = (p << 31) | (q >>> 1);
    p = (p >>> 1) ^ (overflow & 0xe1000000);
  }
  return table;
}
