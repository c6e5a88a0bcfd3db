import { p256, p384, p521 } from '@noble/curves/nist.js';
import { join } from '../memory.ts';
import { octetsView } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { type DhPowers, KeyPair } from './key-pair.ts';
import type { DhGroup } from './types.ts';

/** Elliptic curves over prime fields by their IKE number (RFC 5903). */
export type EcpNumber = 19 | 20 | 21;

type Curve = typeof p256;

const CURVES: Readonly<Record<EcpNumber, Curve>> = { 19: p256, 20: p384, 21: p521 };

/** What stands in front of x and y where curves write both (SEC 1 §2.3.3), and in RFC 5903 does not. */
const UNCOMPRESSED = 0x04;

/** An ECP group by @noble/curves, or by what an engine has for its powers. A public value is x | y, a secret x alone. */
export function ecpGroup(number: EcpNumber, powers: DhPowers = noblePowers(CURVES[number])): DhGroup {
  const curve = CURVES[number];
  const octets = fieldOctets(curve);
  const bits = curve.Point.Fp.BITS;
  return {
    number,
    name: `ecp-${bits}`,
    bits,
    octets: 2 * octets,
    secretOctets: octets,
    isPublicValue: (value) => isPoint(curve, octetsView('value', value)),
    createKeyPair: (rng) => {
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
      if (given.length > octets || !curve.utils.isValidSecretKey(padded)) {
        throw new RangeError(`privateValue must be at least 1 and below the order of ${`ecp-${bits}`}`);
      }
      return new KeyPair(number, padded, powers);
    },
  };
}

/** The point as curves write it. */
export function uncompressed(value: Uint8Array): Uint8Array {
  return join([Uint8Array.of(UNCOMPRESSED), value]);
}

function noblePowers(curve: Curve): DhPowers {
  return {
    publicValue: (privateValue) => curve.getPublicKey(privateValue, false).slice(1),
    secret: (privateValue, value) => {
      if (!isPoint(curve, value)) return undefined;
      const point = curve.getSharedSecret(privateValue, uncompressed(value), false);
      const x = point.slice(1, 1 + fieldOctets(curve));
      wipe(point);
      return x;
    },
  };
}

/** Both coordinates in the length of the field, of a point on the curve; infinity has none (RFC 6989 §2.3). */
function isPoint(curve: Curve, value: Uint8Array): boolean {
  if (value.length !== 2 * fieldOctets(curve)) return false;
  try {
    curve.Point.fromBytes(uncompressed(value)).assertValidity();
    return true;
  } catch {
    return false;
  }
}

function fieldOctets(curve: Curve): number {
  return curve.Point.Fp.BYTES;
}
