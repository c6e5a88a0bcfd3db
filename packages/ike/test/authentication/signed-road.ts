import type { AuthenticationName, Credentials } from '@espalier/ike';
import type { PeerChanges } from '../support/pair.ts';
import { identityOf, privateKeyOf, publicKeyOf } from '../support/signing.ts';
import { Road, type RoadOptions } from '../transaction/road.ts';

const RSA = 'rsa-signature';

export interface RoadSigned {
  readonly mode: 'main' | 'aggressive';
  readonly authentication: AuthenticationName;
}

/** R2 is on the road; in hybrid authentication it has no key of its own. */
export function signedRoad(
  { mode, authentication }: RoadSigned,
  changes: { R2?: PeerChanges; R3?: PeerChanges } = {},
  options: RoadOptions = {},
): Road {
  const hybrid = authentication.startsWith('hybrid');
  const keys = (own: Credentials['privateKey'], remote: Credentials['remoteKey']): PeerChanges => ({
    credentials: { ...(own === undefined ? {} : { privateKey: own }), remoteKey: remote },
  });
  return new Road({
    ...options,
    mode,
    authentication,
    R2: {
      localIdentity: identityOf('R2'),
      remoteIdentity: identityOf('R3'),
      ...keys(hybrid ? undefined : privateKeyOf('R2', RSA), publicKeyOf('R3', RSA)),
      ...changes.R2,
    },
    R3: {
      localIdentity: identityOf('R3'),
      remoteIdentity: identityOf('R2'),
      preSharedKey: 'ask',
      ...keys(privateKeyOf('R3', RSA), hybrid ? 'ask' : publicKeyOf('R2', RSA)),
      ...changes.R3,
    },
  });
}
