import type { OwnOctets } from './octets.ts';

/** A number from its octets, the most significant first. */
export function toInteger(octets: Uint8Array): bigint {
  let hex = '0x0';
  for (const octet of octets) hex += octet.toString(16).padStart(2, '0');
  return BigInt(hex);
}

/** The octets of a number that fits into them, the most significant first. */
export function toOctets(value: bigint, octets: number): OwnOctets {
  const hex = value.toString(16).padStart(2 * octets, '0');
  return Uint8Array.from({ length: octets }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** Bits of a number, without zeros in front. */
export function bitsOf(value: bigint): number {
  return value === 0n ? 0 : value.toString(2).length;
}

/** The x of 0 < x < modulus with x * value = 1 modulo it; undefined where there is none. */
export function inverseModulo(value: bigint, modulus: bigint): bigint | undefined {
  let [r, next] = [modulus, ((value % modulus) + modulus) % modulus];
  let [t, nextT] = [0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [t, nextT] = [nextT, t - quotient * nextT];
  }
  return r === 1n ? ((t % modulus) + modulus) % modulus : undefined;
}
