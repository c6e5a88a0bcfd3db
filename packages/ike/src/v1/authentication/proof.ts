import type { Identification } from '@espalier/wire';
import type { AuthenticationName } from '../../types.ts';

/** That the peer is who it says it is. Only what has verified it makes one, and no IKE SA is established without. */
export class Proof {
  /** Whom the peer has proved to be. */
  readonly identity: Identification;
  /** How. */
  readonly by: AuthenticationName;
  /** Makes the type nominal: an object of the same shape proves nothing. */
  readonly #isVerified = true;

  /** `identity`: kept as it is. */
  constructor(identity: Identification, by: AuthenticationName) {
    this.identity = identity;
    this.by = by;
  }

  get isVerified(): boolean {
    return this.#isVerified;
  }
}
