import type { Identification } from '@espalier/wire';
import type { IkeProposal } from '../../types.ts';

/** That the peer is who it says it is. Only what has verified it makes one, and no IKE SA is established without. */
export class Proof {
  /** Whom the peer has proved to be: a copy. */
  readonly identity: Identification;
  /** How. */
  readonly by: IkeProposal['authentication'];
  /** Makes the type nominal: an object of the same shape proves nothing. */
  readonly #isVerified = true;

  constructor({ idType, protocol, port, data }: Identification, by: IkeProposal['authentication']) {
    this.identity = { idType, protocol, port, data: Uint8Array.from(data) };
    this.by = by;
  }

  get isVerified(): boolean {
    return this.#isVerified;
  }
}
