// AssemblyScript source of the DES S-boxes, in both forms, from the circuits of assembly/des-sboxes.json.

/** Where the four output bits of each S-box go in the half block: the permutation P of FIPS 46-3, bits from 0. */
const P = [
  [8, 16, 22, 30],
  [12, 27, 1, 17],
  [23, 15, 29, 5],
  [25, 19, 9, 0],
  [7, 13, 24, 2],
  [3, 28, 10, 18],
  [31, 11, 21, 6],
  [4, 26, 14, 20],
];

export function desSboxesSource({ circuits }) {
  return [...circuits.map(circuitSource), tableSource(circuits)].join('\n');
}

/** A function that XORs the outputs of one S-box, for 128 lanes, into the half block at `half`. */
function circuitSource({ sbox, gates, outputs }) {
  const wire = (i) => (i < 6 ? `a${i}` : `w${i}`);
  const lines = gates.map(
    ([gate, a, b], i) => `  const w${6 + i} = v128.${gate}(${b === undefined ? wire(a) : `${wire(a)}, ${wire(b)}`});`,
  );
  const stores = outputs.map((output, bit) => {
    const at = `half + ${16 * P[sbox - 1][bit]}`;
    return `  v128.store(${at}, v128.xor(v128.load(${at}), ${wire(output)}));`;
  });
  const inputs = [0, 1, 2, 3, 4, 5].map((i) => `a${i}: v128`).join(', ');
  return `export function s${sbox}(${inputs}, half: usize): void {\n${[...lines, ...stores].join('\n')}\n}\n`;
}

/** The S-boxes followed by P as eight tables of 64 words: bit 0 of the half block is the word's highest. */
function tableSource(circuits) {
  const words = circuits.flatMap((circuit) => {
    return Array.from({ length: 64 }, (_, input) => {
      const bits = evaluate(circuit, input);
      return bits.reduce((word, bit, i) => (bit === 1 ? word | (1 << (31 - P[circuit.sbox - 1][i])) : word), 0);
    });
  });
  return `export const SP: usize = memory.data<i32>([${words.join(', ')}], 16);\n`;
}

function evaluate({ gates, outputs }, input) {
  const wires = [5, 4, 3, 2, 1, 0].map((shift) => (input >> shift) & 1);
  for (const [gate, a, b] of gates) {
    const [x, y] = [wires[a], wires[b]];
    wires.push({ and: x & y, or: x | y, xor: x ^ y, andnot: x & (1 - y), not: 1 - x }[gate]);
  }
  return outputs.map((output) => wires[output]);
}
