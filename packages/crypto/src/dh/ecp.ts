import type { ECDH } from '@noble/curves/abstract/weierstrass.js';
import { p256, p384, p521 } from '@noble/curves/nist.js';
import { join } from '../memory.ts';
import { octetsView } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { type DhPowers, KeyPair } from './key-pair.ts';
import { type EcpNumber, otherCurve } from './other-curves.ts';
import type { DhGroup } from './types.ts';

function curveOf(number: EcpNumber): ECDH {
  switch (number) {
    case 19:
      return p256;
    case 20:
      return p384;
    case 21:
      return p521;
    default:
      return otherCurve(number);
  }
}

/** Bits of the prime. */
const BITS: Readonly<Record<EcpNumber, number>> = {
  19: 256,
  20: 384,
  21: 521,
  25: 192,
  26: 224,
  27: 224,
  28: 256,
  29: 384,
  30: 512,
};
const FIRST_OF_BRAINPOOL = 27;

/** What stands in front of x and y where curves write both (SEC 1 §2.3.3), and in RFC 5903 does not. */
const UNCOMPRESSED = 0x04;

/** An ECP group by @noble/curves, or by what an engine has for its powers. A public value is x | y, a secret x alone. */
export function ecpGroup(number: EcpNumber, powers: DhPowers = noblePowers(number)): DhGroup {
  const bits = BITS[number];
  const octets = Math.ceil(bits / 8);
  const name = `${number < FIRST_OF_BRAINPOOL ? 'ecp' : 'brainpool'}-${bits}`;
  return {
    number,
    name,
    bits,
    octets: 2 * octets,
    secretOctets: octets,
    isPublicValue: (value) => isPoint(curveOf(number), octetsView('value', value)),
    createKeyPair: (rng) => {
      const curve = curveOf(number);
      const seed = new Uint8Array(curve.lengths.seed ?? 0);
      rng.fill(seed);
      const privateValue = curve.utils.randomSecretKey(seed);
      wipe(seed);
      return new KeyPair(number, privateValue, powers);
    },
    keyPairFrom: (privateValue) => {
      const given = octetsView('privateValue', privateValue);
      const padded = new Uint8Array(octets);
      if (given.length <= octets) padded.set(given, octets - given.length);
      if (given.length > octets || !curveOf(number).utils.isValidSecretKey(padded)) {
        throw new RangeError(`privateValue must be at least 1 and below the order of ${name}`);
      }
      return new KeyPair(number, padded, powers);
    },
  };
}

/** The point as curves write it. */
export function uncompressed(value: Uint8Array): Uint8Array {
  return join([Uint8Array.of(UNCOMPRESSED), value]);
}

function noblePowers(number: EcpNumber): DhPowers {
  return {
    publicValue: (privateValue) => curveOf(number).getPublicKey(privateValue, false).slice(1),
    secret: (privateValue, value) => {
      const curve = curveOf(number);
      if (!isPoint(curve, value)) return undefined;
      const point = curve.getSharedSecret(privateValue, uncompressed(value), false);
      const x = point.slice(1, 1 + fieldOctets(curve));
      wipe(point);
      return x;
    },
  };
}

/** Both coordinates in the length of the field, of a point on the curve; infinity has none (RFC 6989 §2.3). */
function isPoint(curve: ECDH, value: Uint8Array): boolean {
  if (value.length !== 2 * fieldOctets(curve)) return false;
  try {
    curve.Point.fromBytes(uncompressed(value)).assertValidity();
    return true;
  } catch {
    return false;
  }
}

function fieldOctets(curve: ECDH): number {
  return curve.Point.Fp.BYTES;
}
