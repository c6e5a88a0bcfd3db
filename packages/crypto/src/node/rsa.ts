import { constants, createPrivateKey, createPublicKey, privateEncrypt, publicDecrypt } from 'node:crypto';
import type { OwnOctets } from '../octets.ts';
import { equalConstantTime } from '../secrets.ts';
import type { RsaPrivateKey, RsaPublicKey } from '../signatures/keys.ts';
import type { RsaPowers } from '../signatures/rsa.ts';

const RAW = constants.RSA_NO_PADDING;

/** RSA by OpenSSL, which blinds. */
export const OPENSSL_RSA: RsaPowers = {
  private(key, block) {
    const signature = attempted(() => privateEncrypt({ key: privateKeyObject(key), padding: RAW }, block));
    const opened = signature && OPENSSL_RSA.public(key, signature);
    return opened !== undefined && equalConstantTime(opened, block) ? signature : undefined;
  },
  public: (key, block) => attempted(() => publicDecrypt({ key: publicKeyObject(key), padding: RAW }, block)),
};

/** OpenSSL throws for what is no number below n, and for a key that it does not like. */
function attempted(compute: () => Buffer): OwnOctets | undefined {
  try {
    return Uint8Array.from(compute());
  } catch {
    return undefined;
  }
}

function publicKeyObject({ modulus, exponent }: RsaPublicKey): ReturnType<typeof createPublicKey> {
  return createPublicKey({ format: 'jwk', key: { kty: 'RSA', n: text(modulus), e: text(exponent) } });
}

function privateKeyObject(key: RsaPrivateKey): ReturnType<typeof createPrivateKey> {
  return createPrivateKey({
    format: 'jwk',
    key: {
      kty: 'RSA',
      n: text(key.modulus),
      e: text(key.exponent),
      d: text(key.privateExponent),
      p: text(key.prime1),
      q: text(key.prime2),
      dp: text(key.exponent1),
      dq: text(key.exponent2),
      qi: text(key.coefficient),
    },
  });
}

function text(octets: Uint8Array): string {
  return Buffer.from(octets).toString('base64url');
}
