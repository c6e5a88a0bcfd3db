import { DH_GROUPS, type DhGroupNumber, type DhKeyPair, type Engine, type Rng } from '@espalier/crypto';

const PRIME = 2n ** 61n - 1n;
const GENERATOR = 37n;

/** `engine` with Diffie-Hellman modulo 2^61 - 1: as safe as none, for tests in which it is not the point. */
export function toyDhEngine(engine: Engine): Engine {
  return { ...engine, name: `${engine.name} with toy DH`, createDhKeyPair };
}

function createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  const seed = new Uint8Array(7);
  rng.fill(seed);
  const x = seed.reduce((sum, octet) => sum * 256n + BigInt(octet), 2n);
  const length = DH_GROUPS[group].octets;
  return {
    group,
    publicValue: octetsOf(power(GENERATOR, x), length),
    agree: (peer) => (peer.length === length ? octetsOf(power(numberOf(peer) % PRIME, x), length) : undefined),
    wipe: () => {},
  };
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = base, left = exponent; left > 0n; left >>= 1n, square = (square * square) % PRIME) {
    if (left & 1n) result = (result * square) % PRIME;
  }
  return result;
}

function numberOf(octets: Uint8Array): bigint {
  return octets.reduce((sum, octet) => sum * 256n + BigInt(octet), 0n);
}

function octetsOf(value: bigint, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let i = length - 1, rest = value; rest > 0n; i--, rest >>= 8n) octets[i] = Number(rest & 0xffn);
  return octets;
}
