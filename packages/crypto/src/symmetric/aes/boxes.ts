/** Multiplication by x in GF(2^8) modulo x^8 + x^4 + x^3 + x + 1 (FIPS 197 §4.2). */
export function xtimes(octet: number): number {
  return (octet << 1) ^ (octet & 0x80 ? 0x11b : 0);
}

function multiply(a: number, b: number): number {
  let product = 0;
  for (let power = a, rest = b; rest !== 0; rest >>= 1, power = xtimes(power)) if (rest & 1) product ^= power;
  return product;
}

/** SBOX (FIPS 197 §5.1.1): the inverse in GF(2^8), then an affine map. */
function substitutionBox(): Int32Array {
  const powersOf3 = [1];
  for (let i = 1; i < 255; i++) powersOf3.push(multiply(3, powersOf3[i - 1] ?? 0));
  const box = new Int32Array(256);
  box[0] = 0x63;
  powersOf3.forEach((element, i) => {
    const inverse = powersOf3[(255 - i) % 255] ?? 0;
    const twice = inverse | (inverse << 8);
    box[element] = (0x63 ^ inverse ^ (twice >> 7) ^ (twice >> 6) ^ (twice >> 5) ^ (twice >> 4)) & 0xff;
  });
  return box;
}

/**
 * A round's substitution and mixing of one octet, as a column; four tables in one, for the octet's four places in the
 * word. One array of 4 KiB leaves the processor's registers and its first cache to the rest.
 */
function roundTable(box: Int32Array, column: readonly number[]): Int32Array {
  const table = new Int32Array(1024);
  box.forEach((substitute, octet) => {
    const [a = 0, b = 0, c = 0, d = 0] = column.map((factor) => multiply(substitute, factor));
    const mixed = (a << 24) | (b << 16) | (c << 8) | d;
    for (let place = 0; place < 4; place++) {
      table[256 * place + octet] = place === 0 ? mixed : (mixed >>> (8 * place)) | (mixed << (32 - 8 * place));
    }
  });
  return table;
}

/** SBOX and INVSBOX. */
export const S: Int32Array = substitutionBox();
export const INVERSE_S: Int32Array = S.map((_, substitute) => S.indexOf(substitute));

/** SUBBYTES, SHIFTROWS and MIXCOLUMNS (FIPS 197 §5.1), and their inverses (§5.3). */
export const ENCRYPTION: Int32Array = roundTable(S, [2, 1, 1, 3]);
export const DECRYPTION: Int32Array = roundTable(INVERSE_S, [14, 9, 13, 11]);
