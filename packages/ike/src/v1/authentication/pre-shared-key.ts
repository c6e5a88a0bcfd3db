import { equalConstantTime, type HashName } from '@espalier/crypto';
import type { DecodedPayload, Payload } from '@espalier/wire';
import { only, type PayloadRules } from '../../exchange/rules.ts';
import { refuse } from '../../refusals.ts';
import { skeyidOfPreSharedKey } from '../keying.ts';

/** One way to authenticate phase 1: what SKEYID is made of, and what proves HASH_I or HASH_R (RFC 2409 §5). */
export interface Authentication {
  skeyid(hash: HashName, niB: Uint8Array, nrB: Uint8Array): Uint8Array;
  /** The payloads that prove a hash, beside the identification. */
  readonly counts: PayloadRules['counts'];
  prove(hash: Uint8Array): readonly Payload[];
  /** Refuses unless the payloads prove `expected`. */
  verify(payloads: readonly DecodedPayload[], expected: Uint8Array): void;
}

/** RFC 2409 §5.4. In Main Mode the key can be found by the peer's address only. */
export class PreSharedKey implements Authentication {
  readonly counts: PayloadRules['counts'] = { hash: [1, 1] };
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key.slice();
  }

  skeyid(hash: HashName, niB: Uint8Array, nrB: Uint8Array): Uint8Array {
    return skeyidOfPreSharedKey(hash, this.#key, niB, nrB);
  }

  prove(hash: Uint8Array): readonly Payload[] {
    return [{ kind: 'hash', data: hash }];
  }

  verify(payloads: readonly DecodedPayload[], expected: Uint8Array): void {
    if (!equalConstantTime(only(payloads, 'hash').data, expected)) refuse('authentication-failed');
  }

  wipe(): void {
    this.#key.fill(0);
  }
}
