import { word } from '../../memory.ts';
import { SP } from './boxes.ts';

/** Where the F-function leaves its two words. */
export interface Halves {
  left: number;
  right: number;
}

/** F(x, k) (RFC 3713 §2.4.1) of a word and its right neighbour that were XORed with the subkey. */
export function camelliaF(left: number, right: number, out: Halves): void {
  const table = SP;
  const u =
    word(table, left >>> 24) ^
    word(table, 256 | ((left >>> 16) & 255)) ^
    word(table, 512 | ((left >>> 8) & 255)) ^
    word(table, 768 | (left & 255));
  const d =
    u ^
    word(table, right & 255) ^
    word(table, 256 | (right >>> 24)) ^
    word(table, 512 | ((right >>> 16) & 255)) ^
    word(table, 768 | ((right >>> 8) & 255));
  out.left = d;
  out.right = d ^ ((u >>> 8) | (u << 24));
}
