import { copyOctets, type PublicKey, type SignatureCurve } from '@espalier/crypto';
import { readChoice, readObject } from './read.ts';

const CURVES: readonly SignatureCurve[] = ['P-256', 'P-384', 'P-521'];

/** Octets of a number of a key: above all that is verified. What is below and of no use is for its verifier to say. */
const NUMBER_MOST = 4096;

/** A copy. @throws TypeError or RangeError unless it has the form of a key, whatever it is good for. */
export function readPublicKey(argument: string, value: unknown): PublicKey {
  const { kind } = readObject<PublicKey>(argument, value);
  if (readChoice(`${argument}.kind`, kind, ['rsa', 'ecdsa']) === 'rsa') {
    const { modulus, exponent } = readObject<Extract<PublicKey, { kind: 'rsa' }>>(argument, value);
    return {
      kind: 'rsa',
      modulus: readNumber(`${argument}.modulus`, modulus),
      exponent: readNumber(`${argument}.exponent`, exponent),
    };
  }
  const { curve, point } = readObject<Extract<PublicKey, { kind: 'ecdsa' }>>(argument, value);
  return {
    kind: 'ecdsa',
    curve: readChoice(`${argument}.curve`, curve, CURVES),
    point: readNumber(`${argument}.point`, point),
  };
}

function readNumber(argument: string, value: unknown): Uint8Array {
  const octets = copyOctets(argument, value);
  if (octets.length <= NUMBER_MOST) return octets;
  throw new RangeError(`${argument}: must have at most ${NUMBER_MOST} octets`);
}
