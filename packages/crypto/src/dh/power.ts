/**
 * base^exponent mod modulus, four bits of the exponent at a time: every four cost four squarings and one
 * multiplication, whatever they are. The exponent is in octets, most significant first, so that it can be wiped; BigInt
 * arithmetic itself is not constant-time.
 */
export function powerModulo(base: bigint, exponent: Uint8Array, modulus: bigint): bigint {
  const powers = [1n, base];
  for (let i = 2; i < 16; i++) powers.push(((powers[i - 1] ?? 0n) * base) % modulus);
  let result = 1n;
  for (const octet of exponent) {
    for (const digit of [octet >> 4, octet & 15]) {
      for (let i = 0; i < 4; i++) result = (result * result) % modulus;
      result = (result * (powers[digit] ?? 0n)) % modulus;
    }
  }
  return result;
}
