import {
  copyOctets,
  copySecret,
  modulusBits,
  type PrivateKey,
  type PublicKey,
  privateKeyFault,
  publicKeyFault,
  type SignatureCurve,
  wipe,
} from '@espalier/crypto';
import { modulusBitsLeast } from '../v1/authentication/key-strength.ts';
import { type Legacy, requireAllowed } from './proposals.ts';
import { readChoice, readObject, type Unread } from './read.ts';

type RsaPublicKey = Extract<PublicKey, { kind: 'rsa' }>;
type EcdsaPublicKey = Extract<PublicKey, { kind: 'ecdsa' }>;
type RsaPrivateKey = Extract<PrivateKey, { kind: 'rsa' }>;
type EcdsaPrivateKey = Extract<PrivateKey, { kind: 'ecdsa' }>;

const KINDS: readonly PublicKey['kind'][] = ['rsa', 'ecdsa'];
const CURVES: readonly SignatureCurve[] = ['P-256', 'P-384', 'P-521'];

/** Octets of a number of a key: above all that is verified. What is below and of no use is for its verifier to say. */
const NUMBER_MOST = 4096;

/** A copy. @throws TypeError or RangeError unless it has the form of a key, whatever it is good for. */
export function readPublicKey(argument: string, value: unknown): PublicKey {
  const { kind } = readObject<PublicKey>(argument, value);
  if (readChoice(`${argument}.kind`, kind, KINDS) === 'rsa') {
    return readRsaPublicKey(argument, readObject(argument, value));
  }
  const { curve, point } = readObject<EcdsaPublicKey>(argument, value);
  return {
    kind: 'ecdsa',
    curve: readChoice(`${argument}.curve`, curve, CURVES),
    point: readNumber(`${argument}.point`, point, copyOctets),
  };
}

/** As `readPublicKey`. @throws RangeError, too, for one that verifies nothing, or is legacy and not allowed. */
export function readUsablePublicKey(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): PublicKey {
  const key = readPublicKey(argument, value);
  requireUsable(argument, publicKeyFault(key));
  requireStrong(argument, key, allowed);
  return key;
}

/** A copy to be overwritten by `wipePrivateKey`. @throws TypeError or RangeError unless it can sign. */
export function readPrivateKey(argument: string, value: unknown, allowed: ReadonlySet<Legacy>): PrivateKey {
  const { kind } = readObject<PrivateKey>(argument, value);
  const key =
    readChoice(`${argument}.kind`, kind, KINDS) === 'rsa'
      ? readRsaPrivateKey(argument, readObject(argument, value))
      : readEcdsaPrivateKey(argument, readObject(argument, value));
  try {
    requireUsable(argument, privateKeyFault(key));
    requireStrong(argument, key, allowed);
    return key;
  } catch (error) {
    wipePrivateKey(key);
    throw error;
  }
}

/** Overwrites what is secret. */
export function wipePrivateKey(key: PrivateKey): void {
  if (key.kind === 'ecdsa') wipe(key.scalar);
  else wipe(...SECRETS.map((name) => key[name]));
}

const SECRETS = ['privateExponent', 'prime1', 'prime2', 'exponent1', 'exponent2', 'coefficient'] as const;

function readRsaPublicKey(argument: string, { modulus, exponent }: Unread<RsaPublicKey>): RsaPublicKey {
  return {
    kind: 'rsa',
    modulus: readNumber(`${argument}.modulus`, modulus, copyOctets),
    exponent: readNumber(`${argument}.exponent`, exponent, copyOctets),
  };
}

function readRsaPrivateKey(argument: string, fields: Unread<RsaPrivateKey>): RsaPrivateKey {
  const secret = (name: (typeof SECRETS)[number]): Uint8Array =>
    readNumber(`${argument}.${name}`, fields[name], copySecret);
  return {
    ...readRsaPublicKey(argument, fields),
    privateExponent: secret('privateExponent'),
    prime1: secret('prime1'),
    prime2: secret('prime2'),
    exponent1: secret('exponent1'),
    exponent2: secret('exponent2'),
    coefficient: secret('coefficient'),
  };
}

function readEcdsaPrivateKey(argument: string, { curve, scalar }: Unread<EcdsaPrivateKey>): EcdsaPrivateKey {
  return {
    kind: 'ecdsa',
    curve: readChoice(`${argument}.curve`, curve, CURVES),
    scalar: readNumber(`${argument}.scalar`, scalar, copySecret),
  };
}

function readNumber(
  argument: string,
  value: unknown,
  copy: (argument: string, value: unknown) => Uint8Array,
): Uint8Array {
  const octets = copy(argument, value);
  if (octets.length <= NUMBER_MOST) return octets;
  throw new RangeError(`${argument}: must have at most ${NUMBER_MOST} octets`);
}

function requireUsable(argument: string, fault: string | undefined): void {
  if (fault !== undefined) throw new RangeError(`${argument}: cannot be used (${fault})`);
}

function requireStrong(argument: string, key: PublicKey | PrivateKey, allowed: ReadonlySet<Legacy>): void {
  if (key.kind === 'rsa' && modulusBits(key) < modulusBitsLeast(false)) requireAllowed(argument, 'rsa1024', allowed);
}
