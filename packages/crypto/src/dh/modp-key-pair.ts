import type { Rng } from '../rng.ts';
import { wipe } from '../secrets.ts';
import { DH_GROUPS, type DhGroup } from './groups.ts';
import type { DhGroupNumber, DhKeyPair } from './types.ts';

/** How an engine raises to a power in a group; results are left-padded to the group's length. */
export interface ModpPowers {
  /** g^x. */
  publicValue(modp: DhGroup, x: Uint8Array): Uint8Array;
  /** y^x; undefined unless 1 < y < p - 1, in exactly as many octets as p has (RFC 2412 §2, RFC 6989 §2.1). */
  secret(modp: DhGroup, x: Uint8Array, y: Uint8Array): Uint8Array | undefined;
}

/** @throws RangeError for a group that is not in `DH_GROUPS`. */
export function groupOf(number: DhGroupNumber): DhGroup {
  if (!Object.hasOwn(DH_GROUPS, number)) throw new RangeError(`group ${number} is not known`);
  return DH_GROUPS[number];
}

/** A fresh key pair. The highest bit of the private value is set, so that all of a group have the same length. */
export function drawKeyPair(modp: DhGroup, rng: Rng, powers: ModpPowers): DhKeyPair {
  const x = new Uint8Array(modp.privateOctets);
  rng.fill(x);
  x[0] = (x[0] ?? 0) | 0x80;
  return new ModpKeyPair(modp, x, powers);
}

/** The key pair of a private value, which it takes over. */
export class ModpKeyPair implements DhKeyPair {
  readonly group: DhGroupNumber;
  readonly publicValue: Uint8Array;
  readonly #modp: DhGroup;
  readonly #x: Uint8Array;
  readonly #powers: ModpPowers;
  #wiped = false;

  constructor(modp: DhGroup, x: Uint8Array, powers: ModpPowers) {
    this.group = modp.number;
    this.#modp = modp;
    this.#x = x;
    this.#powers = powers;
    this.publicValue = powers.publicValue(modp, x);
  }

  agree(peerPublicValue: Uint8Array): Uint8Array | undefined {
    if (this.#wiped) throw new TypeError('this private value was wiped');
    return this.#powers.secret(this.#modp, this.#x, peerPublicValue);
  }

  wipe(): void {
    this.#wiped = true;
    wipe(this.#x);
  }
}
