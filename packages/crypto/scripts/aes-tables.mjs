// The 16-entry tables of AES by byte permutation (after M. Hamburg, "Accelerating AES with Vector Permute
// Instructions"), derived here from the field of FIPS 197 alone.
//
// GF(2^8) is written over its subfield GF(2^4) as x = i BETA + k. With j = i + k and 1/0 out of every table,
//   io = 1 / (1/i + A/k) + j    and    jo = 1 / (1/j + A/k) + i
// determine 1/x: there are tables U and T with 1/x = U[io] + T[jo], so that any linear function of 1/x is two look-ups.

const A = 2;
const BETA = 178;
/** An index that reads as 0 and stays out of range whatever nibble is added to it. */
const INFINITY = 0x80;

export function aesTablesSource() {
  const { octet, quotient, inverse } = field();
  const { u, t } = inverseTables(octet, inverse, quotient);
  const towered = new Map();
  for (let i = 0; i < 16; i++) for (let k = 0; k < 16; k++) towered.set(times(BETA, octet[i]) ^ octet[k], (i << 4) | k);
  const tower = (x) => towered.get(x);
  const plain = new Map([...towered].map(([x, y]) => [y, x]));

  const tables = {
    INVERSE: inverse,
    QUOTIENT: quotient,
    ...nibbles('TOWER', tower),
    ...nibbles('PLAIN', (x) => plain.get(x)),
    ...pair('SUBSTITUTE', (x) => linear(x)),
    ...pair('FORWARD1', (x) => tower(linear(x))),
    ...pair('FORWARD2', (x) => tower(times(2, linear(x)))),
  };
  return Object.entries(tables)
    .map(([name, values]) => `export const ${name}: v128 = i8x16(${values.map((x) => (x << 24) >> 24).join(', ')});\n`)
    .join('');

  function pair(name, map) {
    return { [`${name}_U`]: u.map(map), [`${name}_T`]: t.map(map) };
  }

  /** A linear map of octets, by the low and the high nibble. */
  function nibbles(name, map) {
    const row = (shift) => Array.from({ length: 16 }, (_, nibble) => map(nibble << shift));
    return { [`${name}_LOW`]: row(0), [`${name}_HIGH`]: row(4) };
  }
}

/** GF(2^4) inside GF(2^8), its elements numbered as polynomials in a root of x^4 + x + 1. */
function field() {
  const power = (x, n) => (n === 0 ? 1 : times(x, power(x, n - 1)));
  const root = Array.from({ length: 256 }, (_, x) => x).find((x) => (power(x, 4) ^ x) === 1);
  const octet = Array.from({ length: 16 }, (_, nibble) => {
    return [0, 1, 2, 3].reduce((sum, bit) => ((nibble >> bit) & 1 ? sum ^ power(root, bit) : sum), 0);
  });
  const over = (x, y) => (y === 0 ? INFINITY : octet.indexOf(times(octet[x], power(octet[y], 14))));
  return {
    octet,
    inverse: octet.map((_, y) => over(1, y)),
    quotient: octet.map((_, y) => over(A, y)),
  };
}

/** U and T, by following the equations U[io] + T[jo] = 1/x from one that has a single unknown. */
function inverseTables(octet, inverse, quotient) {
  const look = (index) => inverse[index] ?? 0;
  const equations = [];
  for (let i = 0; i < 16; i++) {
    for (let k = 0; k < 16; k++) {
      const x = times(BETA, octet[i]) ^ octet[k];
      const io = look(inverse[i] ^ quotient[k]) ^ i ^ k;
      const jo = look(inverse[i ^ k] ^ quotient[k]) ^ i;
      equations.push({ io, jo, value: reciprocal(x) });
    }
  }
  const u = [];
  const t = [];
  for (let known = -1; known !== u.filter(Number.isInteger).length + t.filter(Number.isInteger).length; ) {
    known = u.filter(Number.isInteger).length + t.filter(Number.isInteger).length;
    for (const { io, jo, value } of equations) {
      const left = io > 15 ? 0 : u[io];
      const right = jo > 15 ? 0 : t[jo];
      if (left !== undefined && right === undefined) t[jo] = value ^ left;
      if (left === undefined && right !== undefined) u[io] = value ^ right;
    }
  }
  for (const { io, jo, value } of equations) {
    if (((u[io] ?? 0) ^ (t[jo] ?? 0)) !== value) throw new Error('A and BETA give no tables');
  }
  return { u: Array.from({ length: 16 }, (_, i) => u[i] ?? 0), t: Array.from({ length: 16 }, (_, i) => t[i] ?? 0) };
}

/** The affine transformation of FIPS 197 §5.1.1 without its constant 0x63. */
export function linear(x) {
  return [1, 2, 3, 4].reduce((sum, n) => sum ^ (((x << n) | (x >> (8 - n))) & 255), x);
}

export function reciprocal(x) {
  let result = 1;
  for (let i = 0; i < 254; i++) result = times(result, x);
  return result;
}

function times(a, b) {
  let product = 0;
  for (let shifted = a, bits = b; bits !== 0; bits >>= 1) {
    if (bits & 1) product ^= shifted;
    shifted = shifted & 128 ? (shifted << 1) ^ 0x11b : shifted << 1;
  }
  return product;
}
