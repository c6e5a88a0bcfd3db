import { DH_GROUPS, type DhGroupNumber, type DhKeyPair, type Engine, type Rng } from '@espalier/crypto';

/** A prime of 61 bits, and what is raised modulo it. */
const P = 2n ** 61n - 1n;
const G = 5n;

/**
 * The engine with a Diffie-Hellman exchange that costs nothing and protects nothing: values have the length of their group
 * alone. So a session is all parsing and state.
 */
export function toyDh(engine: Engine): Engine {
  return {
    name: `${engine.name}, toy Diffie-Hellman`,
    supports: (suite) => engine.supports(suite),
    allocate: (octets) => engine.allocate(octets),
    release: (memory) => engine.release(memory),
    createEspTransform: (options) => engine.createEspTransform(options),
    createIcvTransform: (options) => engine.createIcvTransform(options),
    signatures: engine.signatures,
    createDhKeyPair: toyKeyPair,
  };
}

function toyKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  const x = new Uint8Array(8);
  rng.fill(x);
  const exponent = toInteger(x) | 1n;
  const { octets } = DH_GROUPS[group];
  return {
    group,
    publicValue: toOctets(power(G, exponent), octets),
    agree(value) {
      const y = toInteger(value.subarray(-8));
      if (value.length !== octets || y < 2n) return undefined;
      return toOctets(power(y % P, exponent), octets);
    },
    wipe() {
      x.fill(0);
    },
  };
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function toInteger(octets: Uint8Array): bigint {
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function toOctets(value: bigint, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let [at, left] = [length - 1, value]; left > 0n; at--, left >>= 8n) octets[at] = Number(left & 0xffn);
  return octets;
}
