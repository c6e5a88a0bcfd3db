import { createECDH, type ECDH, getCurves } from 'node:crypto';
import { ecpGroup, uncompressed } from '../../dh/ecp.ts';
import type { DhPowers } from '../../dh/key-pair.ts';
import type { EcpNumber } from '../../dh/other-curves.ts';
import type { DhGroup } from '../../dh/types.ts';

/** What OpenSSL calls them. */
const CURVES: Readonly<Record<EcpNumber, string>> = {
  19: 'prime256v1',
  20: 'secp384r1',
  21: 'secp521r1',
  25: 'prime192v1',
  26: 'secp224r1',
  27: 'brainpoolP224r1',
  28: 'brainpoolP256r1',
  29: 'brainpoolP384r1',
  30: 'brainpoolP512r1',
};

/** An ECP group by node:crypto; by @noble/curves where that has no such curve. */
export function nodeEcpGroup(number: EcpNumber): DhGroup {
  const curve = CURVES[number];
  return hasCurve(curve) ? ecpGroup(number, opensslPowers(curve)) : ecpGroup(number);
}

/** Asked twice: Deno's `getCurves` names secp521r1, its `createECDH` refuses it. */
function hasCurve(curve: string): boolean {
  if (!getCurves().includes(curve)) return false;
  try {
    createECDH(curve);
    return true;
  } catch {
    return false;
  }
}

function opensslPowers(curve: string): DhPowers {
  const withPrivateValue = (privateValue: Uint8Array): ECDH => {
    const ecdh = createECDH(curve);
    ecdh.setPrivateKey(privateValue);
    return ecdh;
  };
  return {
    publicValue: (privateValue) => Uint8Array.from(withPrivateValue(privateValue).getPublicKey().subarray(1)),
    secret: (privateValue, value) => {
      try {
        const secret = withPrivateValue(privateValue).computeSecret(uncompressed(value));
        const x = Uint8Array.from(secret);
        secret.fill(0);
        return x;
      } catch {
        // A point that is not on the curve, or no point.
        return undefined;
      }
    },
  };
}
