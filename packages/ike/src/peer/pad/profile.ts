import type { Identification } from '@espalier/wire';
import { FRAGMENT_OCTETS, NONCE_OCTETS } from '../../limits.ts';
import type { NatTraversal } from '../../nat/discovery.ts';
import { natMethodsFor } from '../../nat/methods.ts';
import { isShared } from '../../nat/ports.ts';
import { isFixed, type Path } from '../../path.ts';
import type { Environment } from '../../runtime/environment.ts';
import { termsOf } from '../../terms.ts';
import type { ExchangeMode, IkeProposal, PeerConfig, Role } from '../../types.ts';
import { fitsSide } from '../../v1/authentication/xauth.ts';
import { addressId, type PeerIdentity } from '../../v1/identities.ts';
import type { Phase1Context } from '../../v1/phase1/phase1.ts';

export function modeOf({ mode = 'main' }: PeerConfig): ExchangeMode {
  return mode;
}

export function localIdentityOf({ localIdentity, local }: PeerConfig): Identification {
  return localIdentity ?? addressId(local.address);
}

export function remoteIdentityOf({ remoteIdentity, remote }: PeerConfig): PeerIdentity {
  if (remoteIdentity !== undefined) return remoteIdentity;
  return isFixed(remote) ? addressId(remote.address) : 'any';
}

/** With what a phase 1 between these ends is run, in a role. `initialContact`: whether to say that nothing is left from before. */
export function phase1Context(
  config: PeerConfig,
  { engine, rng, keyLog, keyPairs, allowsShortRsa, signingPace }: Environment,
  path: Path,
  role: Role,
  initialContact: () => boolean,
): Phase1Context {
  const { fragmentOctets = FRAGMENT_OCTETS } = config;
  return {
    engine,
    rng,
    keyLog,
    peer: config.name,
    proposals: proposalsIn(config, role),
    lifetime: config.lifetime,
    lifetimeKilobytes: config.lifetimeKilobytes,
    localIdentity: localIdentityOf(config),
    remoteIdentity: remoteIdentityOf(config),
    isKnownByAddress: config.remoteIdentity === undefined && isFixed(config.remote),
    preSharedKey: config.preSharedKey,
    xauth: config.xauth,
    modeConfig: config.modeConfig,
    credentials: config.credentials,
    allowsShortRsa,
    maySign: () => signingPace.admits(path.remote.address),
    nonceOctets: NONCE_OCTETS,
    terms: termsOf(config),
    sharedKeyPair: (group) => keyPairs.pair(group),
    initialContact,
    fragmentOctets: fragmentOctets === 'off' ? undefined : fragmentOctets,
    natTraversal: natTraversalOf(config, path, role),
  };
}

/** At port 4500 itself ESP has no other marker than none: there is nothing to go before it to port 500. */
function natTraversalOf(
  { natTraversal = 'auto', natTraversalForms }: PeerConfig,
  path: Path,
  role: Role,
): NatTraversal | undefined {
  if (natTraversal === 'off') return undefined;
  const methods = natMethodsFor(natTraversalForms, role);
  return {
    path,
    methods: isShared(path.local) ? methods.filter(({ floats }) => floats) : methods,
    force: natTraversal === 'force',
  };
}

/** What can be agreed on in a role: who begins Aggressive Mode has one group, the first (RFC 2409 §5). */
export function proposalsIn({ mode, proposals, xauth }: PeerConfig, role: Role): readonly IkeProposal[] {
  const fitting = proposals.filter((one) => fitsSide(one, role, xauth));
  if (mode !== 'aggressive' || role === 'responder') return fitting;
  return fitting.filter(({ group }) => group === fitting[0]?.group);
}
