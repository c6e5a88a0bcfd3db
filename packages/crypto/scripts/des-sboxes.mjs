// AssemblyScript source of the DES S-boxes, in both forms, from the circuits of assembly/des/des-sboxes.json.

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
  return [...circuits.map(circuitSource), rowsSource(circuits), tableSource(), scatterSource()].join('\n');
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

/**
 * Where the output bits of each S-box lie in the octets of `ROWS`: at the bit that they have in their nibble of the half
 * block, in the low half of the octet for the first of a box that has that bit, in the high half for the second.
 */
const PLACES = P.map((targets) => {
  return targets.map((target, i) => {
    const isSecond = targets.slice(0, i).some((other) => (other & 3) === (target & 3));
    return { nibble: target >> 2, bit: 1 << (3 - (target & 3)), isSecond };
  });
});

/** The S-boxes as octets, each in four rows of sixteen by the highest bits of the input. */
function rowsSource(circuits) {
  const octets = circuits.flatMap((circuit) => {
    const places = PLACES[circuit.sbox - 1];
    return Array.from({ length: 64 }, (_, input) => {
      const bits = evaluate(circuit, input);
      return bits.reduce((octet, bit, i) => octet | (bit * places[i].bit * (places[i].isSecond ? 16 : 1)), 0);
    });
  });
  return `export const ROWS: usize = memory.data<u8>([${octets.join(', ')}], 16);\n`;
}

/**
 * The S-boxes followed by P as eight tables of 64 words: bit 0 of the half block is the word's highest. They are computed
 * from `ROWS`, of which they are four times the octets.
 */
function tableSource() {
  const places = PLACES.flatMap((targets, box) =>
    targets.map(({ bit, isSecond }, i) => [bit * (isSecond ? 16 : 1), 31 - P[box][i]]),
  );
  return `export const SP: usize = memory.data(2048, 16);
const BITS: usize = memory.data<u8>([${places.flat().join(', ')}]);
export function fillTables(): void {
  for (let i: usize = 0; i < 512; i++) {
    const octet = load<u8>(ROWS + i);
    let word: u32 = 0;
    for (let bits = BITS + 8 * (i >> 6), end = bits + 8; bits < end; bits += 2) {
      word |= (<u32>((octet & load<u8>(bits)) !== 0)) << <u32>load<u8>(bits, 1);
    }
    store<u32>(SP + 4 * i, word);
  }
}
`;
}

/** A function that XORs what `ROWS` gave for the eight S-boxes into the eight nibbles at `half`. */
function scatterSource() {
  const lines = [0, 1, 2, 3, 4, 5, 6, 7].map((nibble) => {
    const sources = PLACES.flatMap((places, box) => {
      return places.filter((place) => place.nibble === nibble).map((place) => ({ box, ...place }));
    });
    const masked = (isSecond) => {
      const terms = sources
        .filter((source) => source.isSecond === isSecond)
        .map(({ box, bit }) => `v128.and(y${box}, i8x16.splat(${isSecond ? (bit << 28) >> 24 : bit}))`);
      return terms.length === 0 ? [] : [terms.reduce((sum, term) => `v128.or(${sum}, ${term})`)];
    };
    const high = masked(true).map((term) => `v128.shr<u16>(${term}, 4)`);
    const all = [...masked(false), ...high].reduce((sum, term) => `v128.or(${sum}, ${term})`);
    const at = `half + ${16 * nibble}`;
    return `  v128.store(${at}, v128.xor(v128.load(${at}), ${all}));`;
  });
  const inputs = [0, 1, 2, 3, 4, 5, 6, 7].map((box) => `y${box}: v128`).join(', ');
  return `export function scatter(half: usize, ${inputs}): void {\n${lines.join('\n')}\n}\n`;
}

function evaluate({ gates, outputs }, input) {
  const wires = [5, 4, 3, 2, 1, 0].map((shift) => (input >> shift) & 1);
  for (const [gate, a, b] of gates) {
    const [x, y] = [wires[a], wires[b]];
    wires.push({ and: x & y, or: x | y, xor: x ^ y, andnot: x & (1 - y), not: 1 - x }[gate]);
  }
  return outputs.map((output) => wires[output]);
}
