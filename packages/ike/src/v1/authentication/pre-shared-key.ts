import { equalConstantTime } from '@espalier/crypto';
import { OAKLEY_AUTHENTICATION } from '@espalier/wire';
import { refuse } from '../../refusals.ts';
import type { AuthenticationName } from '../../types.ts';
import { skeyidOfPreSharedKey } from '../keying.ts';
import type { AuthenticationMethod } from './method.ts';
import { Proof, proofIn } from './proof.ts';

/** RFC 2409 §5.4. In Main Mode the key can be found by the peer's address only. */
export const preSharedKey: AuthenticationMethod = method('pre-shared-key', OAKLEY_AUTHENTICATION.preSharedKey);

/** The same, before one side is a user who is asked who they are (draft-beaulieu-ike-xauth-02 §7). */
export const xauthInitiatorPreSharedKey: AuthenticationMethod = method(
  'xauth-initiator-pre-shared-key',
  OAKLEY_AUTHENTICATION.xauthInitiatorPreShared,
);
export const xauthResponderPreSharedKey: AuthenticationMethod = method(
  'xauth-responder-pre-shared-key',
  OAKLEY_AUTHENTICATION.xauthResponderPreShared,
);

function method(name: AuthenticationName, number: number): AuthenticationMethod {
  return {
    number,
    sharesKey: true,
    proves: () => true,
    counts: { hash: [1, 1] },
    skeyid: ({ prf, secret, niB, nrB }) => skeyidOfPreSharedKey(prf, secret, niB, nrB),
    requests: () => [],
    prove: ({ hash }) => [{ kind: 'hash', data: hash }],
    verify({ payloads, hash, identity }) {
      if (!equalConstantTime(proofIn(payloads, 'hash'), hash)) refuse('authentication-failed');
      return new Proof(identity, name);
    },
  };
}
