// AssemblyScript source of the rounds of AES on eight blocks whose bits lie apart, so that all is logic and moves of octets.
//
// The S-box without its constant 0x63, and the inverse, are the circuits of J. Boyar and R. Peralta ("A new combinational
// logic minimization technique with applications to cryptology", 2010; "A depth-16 circuit for the AES S-box", 2011).
// x0 to x7 are the bits of an octet from the lowest one on, w0, w1 and so on the gates in their order.
import { linear, reciprocal } from './aes-tables.mjs';

const SUBSTITUTE = {
  gates: `
    x4^x2 x7^x1 x7^x4 x7^x2 x6^x5 w4^x0 w5^x4 w1^w0 w5^x7 w5^x1 w9^w3 x3^w7 w11^x2 w11^x6 w12^x0 w12^w4 w13^w2
    x0^w16 w15^w16 w15^w3 w4^w16 w1^w20 x7^w20 w7&w12 w10&w14 w24^w23 w6&x0 w26^w23 w1&w20 w9&w5 w29^w28 w8&w17
    w31^w28 w2&w16 w0&w18 w34^w33 w3&w15 w36^w33 w25^w35 w27^w37 w30^w35 w32^w37 w38^w13 w39^w19 w40^w21 w41^w22
    w42^w43 w42&w44 w45^w47 w46&w48 w49^w43 w44^w45 w43^w47 w52&w51 w53^w45 w44^w54 w48^w54 w45&w56 w57^w55
    w48^w57 w50&w59 w46^w60 w61^w58 w50^w54 w50^w61 w54^w58 w63^w62 w65&w12 w58&w14 w54&x0 w64&w20 w61&w5 w50&w17
    w63&w16 w66&w18 w62&w15 w65&w7 w58&w10 w54&w6 w64&w1 w61&w9 w50&w8 w63&w2 w66&w0 w62&w3 w82^w83 w77^w78
    w72^w80 w76^w77 w69^w79 w69^w72 w74^w75 w67^w70 w73^w74 w83^w84 w79^w87 w89^w92 w71^w85 w70^w93 w85^w96
    w81^w96 w91^w97 w88^w97 w71^w98 w100^w101 w68^w102 w98^w102 w95^w101 w87^w99 w103^w104 w92^w105 w90^w105
    w86^w104 w103^w110 w94^w109`,
  outputs: 'w108 w107 w112 w111 w110 w114 w113 w106',
};

const INVERT = {
  gates: `
    x7^x4 x6^x4 x7^x6 x4^x3 x3^x0 x1^x0 x6^w0 w1^w5 x0^w3 w2^w4 w2^w5 w3^w5 x5^w3 x6^x1 x5^w7 w4^w13 x3^w6 x5^x2
    x2^x1 x5^x3 x7^w17 w1^w17 w13^w19 w3^w18 w9^w23 w9^w18 w11^w22 w10&w21 w0&w6 w25^w27 w7&w20 w30^w27 w11&w22
    w1&w8 w26^w32 w15&w14 w35^w32 w3&w24 w16&w23 w38^w37 w2&w9 w40^w37 w29^w28 w31^w4 w34^w33 w36^w41 w42^w39
    w43^w41 w44^w39 w45^w12 w48^w49 w48&w46 w47^w51 w46^w47 w49^w51 w54&w53 w52&w50 w46&w49 w53&w57 w53^w51
    w47&w48 w50&w60 w50^w51 w47^w55 w58^w59 w49^w56 w61^w62 w64^w66 w63^w65 w63^w64 w65^w66 w68^w67 w70&w21 w66&w6
    w65&w20 w69&w22 w64&w8 w63&w14 w68&w24 w71&w23 w67&w9 w70&w10 w66&w0 w65&w7 w69&w11 w64&w1 w63&w15 w68&w3
    w71&w16 w67&w2 w78^w87 w84^w85 w80^w88 w73^w76 w74^w82 w72^w77 w75^w86 w90^w91 w76^w79 w81^w89 w83^w94 w90^w93
    w72^w74 w75^w77 w75^w88 w80^w85 w83^w87 w84^w92 w89^w95 w92^w93 w94^w96 w92^w97 w97^w98 w95^w97 w96^w100
    w99^w101 w100^w108 w101^w114 w105^w110 w103^w111 w115^w118 w107^w117 w102^w111 w112^w116 w109^w113 w104^w112
    w99^w106`,
  outputs: 'w126 w125 w124 w123 w122 w121 w120 w119',
};

/**
 * Octet `4 row + column` of plane b holds bit b of the eight blocks' octets there. The constant of SubBytes, which
 * MixColumns leaves as it is, is in the keys.
 */
export function aesCircuitsSource() {
  expectCircuit(SUBSTITUTE, (x) => [x, linear(reciprocal(x))]);
  expectCircuit(INVERT, (x) => [linear(reciprocal(x)), x]);
  return [
    MOVES,
    roundsSource('encryptPlanes', SUBSTITUTE, 'shiftRows', mixColumns('a', true)),
    roundsSource('decryptPlanes', INVERT, 'unshiftRows', unmixColumns()),
  ].join('\n');
}

/** Rows are words. */
const MOVES = `function nextRow(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 1, 2, 3, 0);
}
function rowAfterNext(x: v128): v128 {
  return v128.shuffle<u32>(x, x, 2, 3, 0, 1);
}
function shiftRows(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 1, 2, 3, 5, 6, 7, 4, 10, 11, 8, 9, 15, 12, 13, 14));
}
function unshiftRows(x: v128): v128 {
  return i8x16.swizzle(x, i8x16(0, 1, 2, 3, 7, 4, 5, 6, 10, 11, 8, 9, 13, 14, 15, 12));
}
`;

/** The rounds of FIPS 197 §5.1 or §5.3 on the planes at `planes`, in place; the round keys are planes, too. */
function roundsSource(name, { gates, outputs }, shift, mixing) {
  const circuit = parse(gates).map(
    ([a, gate, b], i) => `const w${i} = v128.${gate === '^' ? 'xor' : 'and'}(${a}, ${b});`,
  );
  const shifted = outputs.split(' ').map((wire, b) => `const a${b} = ${shift}(${wire});`);
  return `export function ${name}(planes: usize, keys: usize, rounds: usize): void {
  const end = keys + 128 * rounds;
${planes((b) => `let x${b} = ${sum(`v128.load(planes, ${16 * b})`, key(b))};`)}
  for (;;) {
    keys += 128;
${[...circuit, ...shifted].join('\n')}
    if (keys === end) {
${planes((b) => `v128.store(planes, ${sum(`a${b}`, key(b))}, ${16 * b});`)}
      return;
    }
${mixing}
  }
}
`;
}

/** Row r of the result is 2 (a(r) + a(r+1)) + a(r+1) + a(r+2) + a(r+3). */
function mixColumns(a, isKeyed) {
  const doubled = (b) => [...(b > 0 ? [`s${b - 1}`] : []), ...([0, 1, 3, 4].includes(b) ? ['s7'] : [])];
  return [
    planes((b) => `const n${b} = nextRow(${a}${b});`),
    planes((b) => `const s${b} = ${sum(`${a}${b}`, `n${b}`)};`),
    planes((b) => `x${b} = ${sum(`n${b}`, `rowAfterNext(s${b})`, ...(isKeyed ? [key(b)] : []), ...doubled(b))};`),
  ].join('\n');
}

/** AddRoundKey, then the inverse of MixColumns, which is MixColumns of a(r) + 4 (a(r) + a(r+2)). */
function unmixColumns() {
  const fourfold = ['f6', 'g', 'f0 f7', 'f1 f6', 'f2 g', 'f3 f7', 'f4', 'f5'].map((terms) => terms.split(' '));
  return [
    planes((b) => `const k${b} = ${sum(`a${b}`, key(b))};`),
    planes((b) => `const f${b} = ${sum(`k${b}`, `rowAfterNext(k${b})`)};`),
    `const g = ${sum('f6', 'f7')};`,
    planes((b) => `const m${b} = ${sum(`k${b}`, ...fourfold[b])};`),
    mixColumns('m', false),
  ].join('\n');
}

function planes(line) {
  return [0, 1, 2, 3, 4, 5, 6, 7].map(line).join('\n');
}

function key(b) {
  return `v128.load(keys, ${16 * b})`;
}

function sum(...terms) {
  return terms.reduce((left, right) => `v128.xor(${left}, ${right})`);
}

function parse(gates) {
  return gates
    .trim()
    .split(/\s+/)
    .map((text) => text.split(/([\^&])/));
}

/** @throws Error unless a circuit gives what it should. `pair`: for each of 256 octets what goes in and what comes out. */
function expectCircuit({ gates, outputs }, pair) {
  for (let octet = 0; octet < 256; octet++) {
    const [input, output] = pair(octet);
    const wires = new Map([0, 1, 2, 3, 4, 5, 6, 7].map((b) => [`x${b}`, (input >> b) & 1]));
    for (const [i, [a, gate, b]] of parse(gates).entries()) {
      wires.set(`w${i}`, gate === '^' ? wires.get(a) ^ wires.get(b) : wires.get(a) & wires.get(b));
    }
    const bits = outputs.split(' ').map((wire, b) => wires.get(wire) << b);
    if (bits.reduce((sum, bit) => sum | bit) !== output) throw new Error('a circuit of AES is wrong');
  }
}
