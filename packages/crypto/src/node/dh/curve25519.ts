import { createPrivateKey, createPublicKey, diffieHellman, type KeyObject } from 'node:crypto';
import { curve25519Group, isOfHighOrder } from '../../dh/curve25519.ts';
import type { DhPowers } from '../../dh/key-pair.ts';
import type { DhGroup } from '../../dh/types.ts';
import { join } from '../../memory.ts';
import { wipe } from '../../secrets.ts';

/** What a key begins with in DER (RFC 8410 §4, §7): all but its 32 octets. */
const PRIVATE = Buffer.from('302e020100300506032b656e04220420', 'hex');
const PUBLIC = Buffer.from('302a300506032b656e032100', 'hex');

/** Curve25519 (RFC 8031) by OpenSSL. */
export function nodeCurve25519Group(): DhGroup {
  return curve25519Group(OPENSSL_POWERS);
}

const OPENSSL_POWERS: DhPowers = {
  publicValue: (privateValue) => {
    const key = createPublicKey(privateKey(privateValue)).export({ format: 'der', type: 'spki' });
    return Uint8Array.from(key.subarray(PUBLIC.length));
  },
  secret: (privateValue, value) => {
    if (!isOfHighOrder(value)) return undefined;
    const publicKey = createPublicKey({ key: Buffer.concat([PUBLIC, value]), format: 'der', type: 'spki' });
    const secret = diffieHellman({ privateKey: privateKey(privateValue), publicKey });
    const own = Uint8Array.from(secret);
    secret.fill(0);
    return own;
  },
};

function privateKey(privateValue: Uint8Array): KeyObject {
  const der = join([PRIVATE, privateValue]);
  const key = createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
  wipe(der);
  return key;
}
