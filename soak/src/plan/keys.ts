import { type EspKeys, espSuite, type PrivateKey, type PublicKey } from '@espalier/crypto';
import type { ManualSa } from '@espalier/gateway';
import { fromHex } from '@espalier/wire';
import type { ChildPlan } from './plan.ts';

/** Keys of worlds that do not exist: everybody knows them. */

export function sharedKey(tunnel: number): Uint8Array {
  return new TextEncoder().encode(`the key of tunnel ${tunnel}`);
}

/** Who calls by tunnel of that number. */
export function userOf(tunnel: number): { readonly userName: string; readonly password: Uint8Array } {
  return { userName: `user ${tunnel}`, password: new TextEncoder().encode(`the word of user ${tunnel}`) };
}

/** SEC 2 §2.4.2: 1 and 2 as scalars of P-256, and the points that they lead to. */
const SIGNERS = [
  {
    scalar: '0000000000000000000000000000000000000000000000000000000000000001',
    point:
      '046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c2964fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5',
  },
  {
    scalar: '0000000000000000000000000000000000000000000000000000000000000002',
    point:
      '047cf27b188d034f7e8a52380304b51ac3c08969e277f21b35a60b48fc4766997807775510db8ed040293d9ac69f7430dbba7dade63ce982299e04b79d227873d1',
  },
] as const;

/** Of the one or the other end of a tunnel. */
export function signingKey(end: 0 | 1): PrivateKey {
  return { kind: 'ecdsa', curve: 'P-256', scalar: fromHex(SIGNERS[end].scalar) };
}

export function verifyingKey(end: 0 | 1): PublicKey {
  return { kind: 'ecdsa', curve: 'P-256', point: fromHex(SIGNERS[end].point) };
}

/** What the end `from` of a child seals with, given by hand. */
export function saByHand(tunnel: number, child: number, { suite: name }: ChildPlan, from: 0 | 1): ManualSa {
  const suite = espSuite(name);
  const number = 2 * (16 * tunnel + child) + from;
  const octets = (length: number, what: number): Uint8Array =>
    Uint8Array.from({ length }, (_, i) => (number * 37 + what * 101 + i * 11 + 1) & 0xff);
  const keys: EspKeys = {
    encryption: octets(suite.encryptionKeyOctets, 1),
    salt: octets(suite.saltOctets, 2),
    integrity: octets(suite.integrityKeyOctets, 3),
  };
  return { esp: { spi: 256 + number, suite, keys } };
}
