import type { Rng } from '../rng.ts';
import { wipe } from '../secrets.ts';
import { DH_GROUPS, type DhGroup } from './groups.ts';
import { powerModulo } from './power.ts';
import type { DhGroupNumber, DhKeyPair } from './types.ts';

/**
 * A fresh key pair. The highest bit of the private value is set, so that all of a group have the same length.
 * @throws RangeError for a group that is not in `DH_GROUPS`.
 */
export function createDhKeyPair(group: DhGroupNumber, rng: Rng): DhKeyPair {
  const x = new Uint8Array(groupOf(group).privateOctets);
  rng.fill(x);
  x[0] = (x[0] ?? 0) | 0x80;
  return new ModpKeyPair(groupOf(group), x);
}

/**
 * The key pair of a known private value, most significant octet first.
 * @throws RangeError unless it is at least 1 and no longer than the group.
 */
export function dhKeyPairFrom(group: DhGroupNumber, privateValue: Uint8Array): DhKeyPair {
  const { octets } = groupOf(group);
  if (privateValue.length > octets || privateValue.every((octet) => octet === 0)) {
    throw new RangeError(`privateValue must be at least 1 and at most ${octets} octets`);
  }
  return new ModpKeyPair(groupOf(group), privateValue.slice());
}

function groupOf(number: DhGroupNumber): DhGroup {
  if (!Object.hasOwn(DH_GROUPS, number)) throw new RangeError(`group ${number} is not known`);
  return DH_GROUPS[number];
}

class ModpKeyPair implements DhKeyPair {
  readonly group: DhGroupNumber;
  readonly publicValue: Uint8Array;
  readonly #modp: DhGroup;
  readonly #x: Uint8Array;
  #wiped = false;

  constructor(modp: DhGroup, x: Uint8Array) {
    this.group = modp.number;
    this.#modp = modp;
    this.#x = x;
    this.publicValue = toOctets(powerModulo(modp.generator, x, modp.prime), modp.octets);
  }

  agree(peerPublicValue: Uint8Array): Uint8Array | undefined {
    if (this.#wiped) throw new TypeError('this private value was wiped');
    const { octets, prime } = this.#modp;
    if (peerPublicValue.length !== octets) return undefined;
    const y = toInteger(peerPublicValue);
    if (!(y > 1n && y < prime - 1n)) return undefined;
    return toOctets(powerModulo(y, this.#x, prime), octets);
  }

  wipe(): void {
    this.#wiped = true;
    wipe(this.#x);
  }
}

function toInteger(octets: Uint8Array): bigint {
  let hex = '0x0';
  for (const octet of octets) hex += octet.toString(16).padStart(2, '0');
  return BigInt(hex);
}

function toOctets(value: bigint, octets: number): Uint8Array {
  const hex = value.toString(16).padStart(2 * octets, '0');
  return Uint8Array.from({ length: octets }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}
