import { createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import type { DhPowers } from '../../dh/key-pair.ts';
import type { ModpParameters } from '../../dh/modp-groups.ts';
import { toOctets } from '../../integers.ts';
import { join } from '../../memory.ts';
import type { OwnOctets } from '../../octets.ts';
import { wipe } from '../../secrets.ts';

/**
 * A group's powers by keys that are read in DER (PKCS #3 §9, RFC 5958, RFC 5280): OpenSSL knows the groups again, and tests no
 * prime. Undefined where the platform reads no such keys.
 */
export function keyedPowers({ prime, octets }: ModpParameters): DhPowers | undefined {
  const group = sequence(DH_KEY_AGREEMENT, sequence(integer(toOctets(prime, octets)), integer(Uint8Array.of(2))));
  const privateKey = (x: Uint8Array): ReturnType<typeof createPrivateKey> => {
    const secret = integer(x);
    const der = sequence(integer(Uint8Array.of(0)), group, element(0x04, secret));
    try {
      return createPrivateKey({ key: Buffer.from(der.buffer), format: 'der', type: 'pkcs8' });
    } finally {
      wipe(secret);
      wipe(der);
    }
  };
  const publicKey = (y: Uint8Array): ReturnType<typeof createPublicKey> => {
    const der = sequence(group, element(0x03, join([Uint8Array.of(0), integer(y)])));
    return createPublicKey({ key: Buffer.from(der.buffer), format: 'der', type: 'spki' });
  };
  const powers: DhPowers = {
    publicValue: (x) =>
      padded(publicValueIn(createPublicKey(privateKey(x)).export({ format: 'der', type: 'spki' })), octets),
    secret: (x, y) => {
      const secret = diffieHellman({ privateKey: privateKey(x), publicKey: publicKey(y) });
      const own = padded(secret, octets);
      secret.fill(0);
      return own;
    },
  };
  try {
    powers.publicValue(Uint8Array.of(2));
    return powers;
  } catch {
    return undefined;
  }
}

/** 1.2.840.113549.1.3.1. */
const DH_KEY_AGREEMENT = Buffer.from('06092a864886f70d010301', 'hex');

function sequence(...parts: readonly Uint8Array[]): OwnOctets {
  return element(0x30, join(parts));
}

/** Of a whole number, the most significant octet first. */
function integer(octets: Uint8Array): OwnOctets {
  const digits = withoutZeros(octets);
  const isNegative = ((digits[0] ?? 0) & 0x80) !== 0;
  return element(0x02, isNegative || digits.length === 0 ? join([Uint8Array.of(0), digits]) : digits);
}

function element(tag: number, content: Uint8Array): OwnOctets {
  const { length } = content;
  const head =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 0xff];
  return join([Uint8Array.from(head), content]);
}

/** The public value in a SubjectPublicKeyInfo of OpenSSL's: the integer in its bit string, behind the algorithm. */
function publicValueIn(der: Uint8Array): Uint8Array {
  const algorithm = elementAt(der, elementAt(der, 0).from);
  const bits = elementAt(der, algorithm.to);
  const value = elementAt(der, bits.from + 1);
  return withoutZeros(der.subarray(value.from, value.to));
}

/** Where the content of the element at `at` lies. */
function elementAt(der: Uint8Array, at: number): { readonly from: number; readonly to: number } {
  const first = der[at + 1] ?? 0;
  const more = first < 0x80 ? 0 : first & 0x7f;
  let length = more === 0 ? first : 0;
  for (let i = 0; i < more; i++) length = (length << 8) | (der[at + 2 + i] ?? 0);
  const from = at + 2 + more;
  return { from, to: from + length };
}

function withoutZeros(octets: Uint8Array): Uint8Array {
  const first = octets.findIndex((octet) => octet !== 0);
  return first < 0 ? octets.subarray(octets.length) : octets.subarray(first);
}

/** A value in as many octets as p has. */
export function padded(value: Uint8Array, octets: number): OwnOctets {
  const whole = new Uint8Array(octets);
  whole.set(value, octets - value.length);
  return whole;
}
