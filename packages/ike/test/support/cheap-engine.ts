import { DH_GROUPS, type DhGroupNumber, type DhKeyPair, type Engine, nobleEngine, type Rng } from '@espalier/crypto';

const P = 2n ** 61n - 1n;

export interface CheapEngine extends Engine {
  /** Key pairs made so far. */
  readonly keyPairs: () => number;
  /** Secrets that they have led to. */
  readonly agreements: () => number;
  /** Key pairs that have not been overwritten. */
  readonly unwiped: () => number;
}

/** An engine whose Diffie-Hellman costs nothing and protects nothing: values have the form of their group alone. */
export function cheapEngine(): CheapEngine {
  const noble = nobleEngine();
  let count = 0;
  let agreements = 0;
  const unwiped = new Set<Uint8Array>();
  return {
    name: 'cheap',
    supports: (suite) => noble.supports(suite),
    allocate: (octets) => noble.allocate(octets),
    release: (memory) => noble.release(memory),
    createEspTransform: (options) => noble.createEspTransform(options),
    createIcvTransform: (options) => noble.createIcvTransform(options),
    signatures: noble.signatures,
    createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
      count++;
      const x = new Uint8Array(8);
      rng.fill(x);
      const exponent = toInteger(x) | 1n;
      const { octets } = DH_GROUPS[group];
      unwiped.add(x);
      return {
        group,
        publicValue: toOctets(power(5n, exponent), octets),
        agree(value) {
          const y = toInteger(value);
          if (value.length !== octets || y < 2n) return undefined;
          agreements++;
          return toOctets(power(y % P, exponent), octets);
        },
        wipe() {
          unwiped.delete(x);
        },
      };
    },
    keyPairs: () => count,
    agreements: () => agreements,
    unwiped: () => unwiped.size,
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
  return BigInt(`0x0${Array.from(octets, (octet) => octet.toString(16).padStart(2, '0')).join('')}`);
}

function toOctets(value: bigint, octets: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * octets, '0');
  return Uint8Array.from({ length: octets }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
