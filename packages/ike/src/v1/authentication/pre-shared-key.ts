import { equalConstantTime } from '@espalier/crypto';
import { OAKLEY_AUTHENTICATION } from '@espalier/wire';
import { only } from '../../exchange/rules.ts';
import { refuse } from '../../refusals.ts';
import { skeyidOfPreSharedKey } from '../keying.ts';
import type { AuthenticationMethod } from './method.ts';
import { Proof } from './proof.ts';

/** RFC 2409 §5.4. In Main Mode the key can be found by the peer's address only. */
export const preSharedKey: AuthenticationMethod = {
  number: OAKLEY_AUTHENTICATION.preSharedKey,
  sharesKey: true,
  counts: { hash: [1, 1] },
  skeyid: ({ hash, secret, niB, nrB }) => skeyidOfPreSharedKey(hash, secret, niB, nrB),
  prove: (hash) => [{ kind: 'hash', data: hash }],
  verify(payloads, expected, identity) {
    if (!equalConstantTime(only(payloads, 'hash').data, expected)) refuse('authentication-failed');
    return new Proof(identity, 'pre-shared-key');
  },
};
