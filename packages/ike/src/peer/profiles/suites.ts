import { type AhSuite, ahSuite, type EspSuite, espSuite } from '@espalier/crypto';
import type { ChildPolicy, PeerConfig } from '../../types.ts';
import { PEER_PROFILES } from './profiles.ts';

const WHOLE = 'hmac-sha2-256-128';
const CUT = 'hmac-sha2-256-96';

/** A child's suites as a peer of this profile has them: some cut HMAC-SHA2-256 to 96 bits, and say so by no number. */
export function asPeerHasIt(child: ChildPolicy, { profile }: Pick<PeerConfig, 'profile'>): ChildPolicy {
  if (profile === undefined || PEER_PROFILES[profile].truncatesSha2 !== true) return child;
  const bundles = child.bundles?.map((bundle) => ({
    ...bundle,
    ...(bundle.esp === undefined ? {} : { esp: bundle.esp.map(cutEsp) }),
    ...(bundle.ah === undefined ? {} : { ah: bundle.ah.map(cutAh) }),
  }));
  return { ...child, suites: child.suites.map(cutEsp), ...(bundles === undefined ? {} : { bundles }) };
}

function cutEsp(suite: EspSuite): EspSuite {
  return !suite.own && suite.integrity === WHOLE ? espSuite(suite.name.replace(WHOLE, CUT)) : suite;
}

function cutAh(suite: AhSuite): AhSuite {
  return suite.name === WHOLE ? ahSuite(CUT) : suite;
}
