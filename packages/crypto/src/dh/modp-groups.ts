/** MODP groups by their IKE number (RFC 2409 §6, RFC 3526). */
export type ModpNumber = 1 | 2 | 5 | 14 | 15 | 16 | 17 | 18;

/** Those with a subgroup of prime order in which all values lie (RFC 5114 §2). */
export type SubgroupNumber = 22 | 23 | 24;

/** A MODP group: a safe prime p and the generator 2 (RFC 2409 §6, RFC 3526), or a p with a subgroup (RFC 5114 §2). */
export interface ModpParameters<N = ModpNumber | SubgroupNumber> {
  readonly number: N;
  /** Bits of p, of a public value and of a shared secret; and the same in octets. */
  readonly bits: number;
  readonly octets: number;
  readonly prime: bigint;
  readonly generator: bigint;
  /** Of the subgroup that g generates; undefined where p is safe, so that no other is worth looking for. */
  readonly order?: bigint;
  /** Octets of a private value: at least twice the group's strength (RFC 3526 §8). */
  readonly privateOctets: number;
}

/** Each group's p by its formula: 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + c). */
export const MODP_GROUPS: Readonly<Record<ModpNumber, ModpParameters>> = {
  1: modp(1, 768, 149_686n, 32),
  2: modp(2, 1024, 129_093n, 32),
  5: modp(5, 1536, 741_804n, 32),
  14: modp(14, 2048, 124_476n, 40),
  15: modp(15, 3072, 1_690_314n, 53),
  16: modp(16, 4096, 240_904n, 60),
  17: modp(17, 6144, 929_484n, 68),
  18: modp(18, 8192, 4_743_158n, 78),
};

function modp(number: ModpNumber, bits: number, c: bigint, privateOctets: number): ModpParameters {
  const n = BigInt(bits);
  let prime: bigint | undefined;
  return {
    number,
    bits,
    octets: bits / 8,
    generator: 2n,
    privateOctets,
    get prime(): bigint {
      prime ??= 2n ** n - 2n ** (n - 64n) - 1n + 2n ** 64n * (piTimesPowerOf2(n - 130n) + c);
      return prime;
    },
  };
}

/** floor(2^k * pi), by Machin's formula: pi/4 = 4 arctan(1/5) - arctan(1/239). */
function piTimesPowerOf2(k: bigint): bigint {
  const guard = 64n;
  const one = 1n << (k + guard);
  return (4n * (4n * arctanOfInverse(5n, one) - arctanOfInverse(239n, one))) >> guard;
}

/** arctan(1/x) times `one`: 1/x - 1/(3 x^3) + 1/(5 x^5) - ... */
function arctanOfInverse(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let n = 3n; power !== 0n; n += 2n) {
    power = -power / (x * x);
    sum += power / n;
  }
  return sum;
}
