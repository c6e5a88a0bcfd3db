/**
 * Writes the compression functions of MD5, SHA-1 and SHA-256 and the product of GHASH with every round spelled out and
 * no state but local variables: two times as fast as loops over an array, and nothing to wipe.
 */

const NOTE = '// Written by test/support/unroll.ts, one line a round: change it there.';

/** The name at each place after `round` rounds: variables keep their values, and the names move one place on. */
function namesAt(names: string, round: number): string[] {
  return Array.from(names, (_, i) => names.charAt((i - round + 16 * names.length) % names.length));
}

const rotl = (x: string, n: number): string => `((${x} << ${n}) | (${x} >>> ${32 - n}))`;
const rotr = (x: string, n: number): string => rotl(x, 32 - n);
const xor = (...terms: string[]): string => `(${terms.join(' ^ ')})`;
const sum = (...terms: string[]): string => `(${terms.join(' + ')}) | 0`;
const choose = (x: string, y: string, z: string): string => `(${z} ^ (${x} & (${y} ^ ${z})))`;
const majority = (x: string, y: string, z: string): string => `((${x} & ${y}) | (${z} & (${x} | ${y})))`;
const constant = (k: number): string => String(k | 0);
const w = (t: number): string => `w${t & 15}`;

interface Compression {
  readonly name: string;
  readonly clause: string;
  /** The variables of the chaining value, one letter each. */
  readonly names: string;
  readonly littleEndian: boolean;
  readonly rounds: readonly string[];
}

function compression({ name, clause, names, littleEndian, rounds }: Compression): string {
  const variables = Array.from(names);
  const declare = rounds.some((line) => line.startsWith('w')) ? 'let' : 'const';
  return `${[
    NOTE,
    "import { word } from '../../memory.ts';",
    '',
    `/** ${clause}: absorbs the block of 64 octets at \`at\`. */`,
    `export function ${name}(state: Int32Array, view: DataView, at: number): void {`,
    ...Array.from(
      { length: 16 },
      (_, t) => `  ${declare} ${w(t)} = view.getInt32(at + ${4 * t}${littleEndian ? ', true' : ''});`,
    ),
    ...variables.map((v, i) => `  let ${v} = word(state, ${i});`),
    ...rounds.map((line) => `  ${line}`),
    ...variables.map((v, i) => `  state[${i}] = word(state, ${i}) + ${v};`),
    '}',
  ].join('\n')}\n`;
}

const SHA1_K = [0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6];

function sha1Round(t: number): string {
  const [a = '', b = '', c = '', d = '', e = ''] = namesAt('abcde', t);
  const extend = t < 16 ? '' : `${w(t)} ^= ${w(t - 3)} ^ ${w(t - 8)} ^ ${w(t - 14)}; ${w(t)} = ${rotl(w(t), 1)}; `;
  const phase = Math.floor(t / 20);
  const f = [choose(b, c, d), xor(b, c, d), majority(b, c, d), xor(b, c, d)][phase] ?? '';
  const next = sum(e, rotl(a, 5), f, constant(SHA1_K[phase] ?? 0), w(t));
  return `${extend}${e} = ${next}; ${b} = ${rotl(b, 30)};`;
}

/** The first 32 bits of the fractional parts of the cube roots of the first 64 primes (FIPS 180-4 §4.2.2). */
function sha256Constants(): number[] {
  const primes: number[] = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p !== 0)) primes.push(n);
  return primes.map((p) => Number(cubeRoot(BigInt(p) << 96n) & 0xffffffffn));
}

function cubeRoot(n: bigint): bigint {
  let root = 0n;
  for (let bit = 1n << 40n; bit > 0n; bit >>= 1n) if ((root + bit) ** 3n <= n) root += bit;
  return root;
}

const SHA256_K = sha256Constants();

function sha256Round(t: number): string {
  const [a = '', b = '', c = '', d = '', e = '', f = '', g = '', h = ''] = namesAt('abcdefgh', t);
  const big0 = xor(rotr(a, 2), rotr(a, 13), rotr(a, 22));
  const big1 = xor(rotr(e, 6), rotr(e, 11), rotr(e, 25));
  const [x, y] = [w(t - 15), w(t - 2)];
  const small0 = xor(rotr(x, 7), rotr(x, 18), `(${x} >>> 3)`);
  const small1 = xor(rotr(y, 17), rotr(y, 19), `(${y} >>> 10)`);
  const extend = t < 16 ? '' : `${w(t)} = ${sum(w(t), small0, w(t - 7), small1)}; `;
  const t1 = sum(h, big1, choose(e, f, g), constant(SHA256_K[t] ?? 0), w(t));
  return `${extend}${h} = ${t1}; ${d} = ${sum(d, h)}; ${h} = ${sum(h, big0, majority(a, b, c))};`;
}

const MD5_ROTATIONS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
];

function md5Round(t: number): string {
  const [a = '', b = '', c = '', d = ''] = namesAt('abcd', t);
  const phase = t >> 4;
  const f = [choose(b, c, d), choose(d, b, c), xor(b, c, d), xor(c, `(${b} | ~${d})`)][phase] ?? '';
  const x = w([t, 5 * t + 1, 3 * t + 5, 7 * t][phase] ?? 0);
  const sine = constant(Math.floor(Math.abs(Math.sin(t + 1)) * 2 ** 32));
  const rotation = MD5_ROTATIONS[phase]?.[t & 3] ?? 0;
  return `${a} = ${sum(a, f, x, sine)}; ${a} = ${sum(rotl(a, rotation), b)};`;
}

function rounds(count: number, round: (t: number) => string): string[] {
  return Array.from({ length: count }, (_, t) => round(t));
}

/** GHASH's product: for each of 32 places of four bits, the four words of one entry of the table are added in. */
function ghash(): string {
  const names = ['a', 'b', 'c', 'd'];
  const places = Array.from({ length: 32 }, (_, place) => {
    const bits = names[place >> 3] ?? '';
    const shift = 26 - 4 * (place & 7);
    const nibble = shift >= 0 ? `((${bits} >>> ${shift}) & 60)` : `((${bits} << ${-shift}) & 60)`;
    const add = ['p', 'q', 'r', 's'].map((v, i) => `${v} ^= word(table, e${i > 0 ? ` | ${i}` : ''});`);
    return `    e = ${64 * place} | ${nibble}; ${add.join(' ')}`;
  });
  return `${[
    NOTE,
    "import { word } from '../memory.ts';",
    '',
    '/** SP 800-38D §6.4: Y = (Y XOR X) times H for each block X; entry n of place i is n * H * x^(4 i + 3). */',
    'export function absorbGhash(table: Int32Array, y: Int32Array, view: DataView, from: number, to: number): void {',
    ...names.map((v, i) => `  let ${v} = word(y, ${i});`),
    '  for (let at = from; at < to; at += 16) {',
    ...names.map((v, i) => `    ${v} ^= view.getInt32(at + ${4 * i});`),
    '    let p = 0, q = 0, r = 0, s = 0, e = 0;',
    ...places,
    '    a = p; b = q; c = r; d = s;',
    '  }',
    ...names.map((v, i) => `  y[${i}] = ${v};`),
    '}',
  ].join('\n')}\n`;
}

/** Each generated file by its path in `src`. */
export const UNROLLED: Readonly<Record<string, string>> = {
  'hash/digest/md5.generated.ts': compression({
    name: 'compressMd5',
    clause: 'RFC 1321 §3.4',
    names: 'abcd',
    littleEndian: true,
    rounds: rounds(64, md5Round),
  }),
  'hash/digest/sha1.generated.ts': compression({
    name: 'compressSha1',
    clause: 'FIPS 180-4 §6.1.2',
    names: 'abcde',
    littleEndian: false,
    rounds: rounds(80, sha1Round),
  }),
  'hash/digest/sha256.generated.ts': compression({
    name: 'compressSha256',
    clause: 'FIPS 180-4 §6.2.2',
    names: 'abcdefgh',
    littleEndian: false,
    rounds: rounds(64, sha256Round),
  }),
  'modes/ghash.generated.ts': ghash(),
};
