import type { DecodedPayload, Identification } from '@espalier/wire';
import { all, only } from '../../exchange/rules.ts';
import { refuse } from '../../refusals.ts';
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

/**
 * What is to prove the peer, as a copy: it has one proof, of the kind that its method has.
 * @throws Refusal where there is none, and where one of the other kind is beside it.
 */
export function proofIn(payloads: readonly DecodedPayload[], kind: 'hash' | 'signature'): Uint8Array {
  const { data } = only(payloads, kind);
  if (all(payloads, kind === 'hash' ? 'signature' : 'hash').length > 0) refuse('unexpected-payload');
  return data.slice();
}
