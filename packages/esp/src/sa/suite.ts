import { type EspSuite, espSuite } from '@espalier/crypto';

/** How an SA is to be, as far as it bears on its suite. */
interface Wanted {
  readonly esn?: boolean;
  readonly allowUnauthenticated?: boolean;
}

/**
 * The suite of an SA.
 * @throws RangeError for one that is not known; TypeError for one that does not authenticate, unless that is allowed, and
 * then with ESN, whose high half it could not protect (RFC 4303 §2.2.1).
 */
export function saSuite(suite: EspSuite | string, { esn = false, allowUnauthenticated = false }: Wanted): EspSuite {
  const known = espSuite(suite);
  if (!known.unauthenticated) return known;
  if (!allowUnauthenticated) {
    throw new TypeError(
      `suite: ${known.name} authenticates nothing, which only allowUnauthenticated takes (RFC 8221 §4)`,
    );
  }
  if (esn) throw new TypeError(`esn: needs authentication, which ${known.name} has not (RFC 4303 §2.2.1)`);
  return known;
}
