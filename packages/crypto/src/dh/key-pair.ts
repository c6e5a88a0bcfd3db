import { octetsView } from '../octets.ts';
import { wipe } from '../secrets.ts';
import type { DhSide } from './types.ts';

/** How a group, or an engine, computes with a private value. */
export interface DhPowers {
  publicValue(privateValue: Uint8Array): Uint8Array;
  /** Undefined for what is no public value of a peer. */
  secret(privateValue: Uint8Array, peerPublicValue: Uint8Array): Uint8Array | undefined;
}

/** The key pair of a private value, which it takes over; `N`: how its group is known. */
export class KeyPair<N> implements DhSide {
  readonly group: N;
  readonly publicValue: Uint8Array;
  readonly #privateValue: Uint8Array;
  readonly #powers: DhPowers;
  #wiped = false;

  constructor(group: N, privateValue: Uint8Array, powers: DhPowers) {
    this.group = group;
    this.#privateValue = privateValue;
    this.#powers = powers;
    this.publicValue = powers.publicValue(privateValue);
  }

  agree(peerPublicValue: Uint8Array): Uint8Array | undefined {
    if (this.#wiped) throw new TypeError('this private value was wiped');
    return this.#powers.secret(this.#privateValue, octetsView('peerPublicValue', peerPublicValue));
  }

  wipe(): void {
    this.#wiped = true;
    wipe(this.#privateValue);
  }
}
