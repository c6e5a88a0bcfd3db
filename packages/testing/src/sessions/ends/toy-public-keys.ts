import {
  DH_GROUPS,
  type DhGroupNumber,
  type DhKeyPair,
  type DhSide,
  type Engine,
  hash,
  type PublicKey,
  type Rng,
  type Signatures,
} from '@espalier/crypto';
import { concat, equalOctets, fromHex, toHex } from '@espalier/wire';
import { Chance, seededChoices } from '../../network/chance.ts';
import { publicKeyOf } from './signing-keys.ts';

/** A prime of 61 bits, and what is raised modulo it. */
const P = 2n ** 61n - 1n;
const G = 5n;

/**
 * The engine with public-key work that costs nothing and protects nothing: public values, secrets and signatures have the
 * length of the real ones alone. So a session is all parsing and state.
 */
export function toyPublicKeys(engine: Engine): Engine {
  return {
    name: `${engine.name}, toy public keys`,
    supports: (suite) => engine.supports(suite),
    allocate: (octets) => engine.allocate(octets),
    release: (memory) => engine.release(memory),
    createEspTransform: (options) => engine.createEspTransform(options),
    createIcvTransform: (options) => engine.createIcvTransform(options),
    signatures: TOY_SIGNATURES,
    createDhKeyPair: (group, rng) =>
      DH_GROUPS[group].name.startsWith('modp') ? toyKeyPair(group, rng) : toyPointPair(group, rng),
    createPrivateGroupKeyPair: ({ prime }, rng) => toySide(prime.length, rng),
  };
}

const POINTS = 4;
/** Points are checked by whoever is sent them, so they are real: a few of each group, drawn once. */
const points = new Map<DhGroupNumber, readonly Uint8Array[]>();

function pointsOf(group: DhGroupNumber): readonly Uint8Array[] {
  const known = points.get(group);
  if (known !== undefined) return known;
  const rng = new Chance(seededChoices(group)).rng();
  const drawn = Array.from({ length: POINTS }, () => DH_GROUPS[group].createKeyPair(rng).publicValue);
  points.set(group, drawn);
  return drawn;
}

/** What two agree on is a hash of both points, of anybody's that is none of these and their own, too. */
function toyPointPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  const chosen = new Uint8Array(1);
  rng.fill(chosen);
  const known = pointsOf(group);
  const publicValue = known[(chosen[0] ?? 0) % POINTS] ?? new Uint8Array(0);
  const { secretOctets } = DH_GROUPS[group];
  return {
    group,
    publicValue,
    agree(value) {
      if (!DH_GROUPS[group].isPublicValue(value)) return undefined;
      const both = [toHex(publicValue), toHex(value)].sort().map(fromHex);
      return repeatedTo(secretOctets, hash('sha2-512', ...both));
    },
    wipe() {
      chosen.fill(0);
    },
  };
}

/**
 * Diffie-Hellman modulo 2^61 - 1, as safe as none: values are as long as those of the group, and that is all that they have of
 * it. So of groups of curves they are no points, which only who does not look takes for some.
 */
export function toyKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  return { group, ...toySide(DH_GROUPS[group].octets, rng) };
}

function toySide(octets: number, rng: Rng): DhSide {
  const x = new Uint8Array(8);
  rng.fill(x);
  const exponent = toInteger(x) | 1n;
  return {
    publicValue: toOctets(power(G, exponent), octets),
    agree(value) {
      const y = toInteger(value.subarray(-8));
      if (value.length !== octets || y < 2n) return undefined;
      return toOctets(power(y % P, exponent), octets);
    },
    wipe() {
      x.fill(0);
    },
  };
}

/** Whoever has the public key can sign: of keys that sessions here have. */
const TOY_SIGNATURES: Signatures = {
  sign: (key, signed) => toySignature(publicKeyOf(key), signed),
  verify: (key, signed, signature) => equalOctets(signature, toySignature(key, signed)),
};

function toySignature(key: PublicKey, signed: Uint8Array): Uint8Array {
  const [name, octets] = key.kind === 'rsa' ? [key.modulus, key.modulus.length] : [key.point, key.point.length - 1];
  return repeatedTo(octets, hash('sha2-512', name, signed));
}

function repeatedTo(octets: number, once: Uint8Array): Uint8Array {
  return concat(...Array.from({ length: Math.ceil(octets / once.length) }, () => once)).slice(0, octets);
}

function power(base: bigint, exponent: bigint): bigint {
  let [result, square] = [1n, base];
  for (let e = exponent; e > 0n; e >>= 1n) {
    if (e & 1n) result = (result * square) % P;
    square = (square * square) % P;
  }
  return result;
}

function toInteger(octets: Uint8Array): bigint {
  return octets.reduce((value, octet) => (value << 8n) | BigInt(octet), 0n);
}

function toOctets(value: bigint, length: number): Uint8Array {
  const octets = new Uint8Array(length);
  for (let [at, left] = [length - 1, value]; left > 0n; at--, left >>= 8n) octets[at] = Number(left & 0xffn);
  return octets;
}
