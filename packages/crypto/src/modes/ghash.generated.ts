// Written by test/support/unroll.ts, one line a round: change it there.
import { word } from '../memory.ts';

/** SP 800-38D §6.4: Y = (Y XOR X) times H for each block X; entry n of place i is n * H * x^(4 i + 3). */
export function absorbGhash(table: Int32Array, y: Int32Array, view: DataView, from: number, to: number): void {
  let a = word(y, 0);
  let b = word(y, 1);
  let c = word(y, 2);
  let d = word(y, 3);
  for (let at = from; at < to; at += 16) {
    a ^= view.getInt32(at + 0);
    b ^= view.getInt32(at + 4);
    c ^= view.getInt32(at + 8);
    d ^= view.getInt32(at + 12);
    let p = 0, q = 0, r = 0, s = 0, e = 0;
    e = 0 | ((a >>> 26) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 64 | ((a >>> 22) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 128 | ((a >>> 18) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 192 | ((a >>> 14) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 256 | ((a >>> 10) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 320 | ((a >>> 6) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 384 | ((a >>> 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 448 | ((a << 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 512 | ((b >>> 26) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 576 | ((b >>> 22) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 640 | ((b >>> 18) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 704 | ((b >>> 14) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 768 | ((b >>> 10) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 832 | ((b >>> 6) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 896 | ((b >>> 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 960 | ((b << 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1024 | ((c >>> 26) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1088 | ((c >>> 22) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1152 | ((c >>> 18) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1216 | ((c >>> 14) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1280 | ((c >>> 10) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1344 | ((c >>> 6) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1408 | ((c >>> 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1472 | ((c << 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1536 | ((d >>> 26) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1600 | ((d >>> 22) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1664 | ((d >>> 18) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1728 | ((d >>> 14) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1792 | ((d >>> 10) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1856 | ((d >>> 6) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1920 | ((d >>> 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    e = 1984 | ((d << 2) & 60); p ^= word(table, e); q ^= word(table, e | 1); r ^= word(table, e | 2); s ^= word(table, e | 3);
    a = p; b = q; c = r; d = s;
  }
  y[0] = a;
  y[1] = b;
  y[2] = c;
  y[3] = d;
}
