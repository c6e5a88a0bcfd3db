import { createECDH, type ECDH } from 'node:crypto';
import { type EcpNumber, ecpGroup, uncompressed } from '../../dh/ecp.ts';
import type { DhPowers } from '../../dh/key-pair.ts';
import type { DhGroup } from '../../dh/types.ts';

/** What OpenSSL calls them. */
const CURVES: Readonly<Record<EcpNumber, string>> = { 19: 'prime256v1', 20: 'secp384r1', 21: 'secp521r1' };

/** An ECP group (RFC 5903) by OpenSSL. */
export function nodeEcpGroup(number: EcpNumber): DhGroup {
  return ecpGroup(number, opensslPowers(CURVES[number]));
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
