import { type HashName, hash } from '@espalier/crypto';
import { type DecodedPayload, equalOctets, type Payload, parseAddress } from '@espalier/wire';
import type { Path } from '../path.ts';
import type { Endpoint } from '../types.ts';
import type { Cookies } from '../v1/cookies.ts';
import type { NatMethod } from './methods.ts';
import { natDiscoveryPayload, natHashes } from './payloads.ts';

/** How a phase 1 looks for NATs. */
export interface NatTraversal {
  readonly path: Path;
  /** What is spoken of, in order of preference. */
  readonly methods: readonly NatMethod[];
  /** Claim to be behind a NAT, so that ESP goes in UDP in any case. */
  readonly force: boolean;
}

/** What NAT-D showed of a path on which ESP is to go in UDP. */
export interface NatFindings {
  readonly method: NatMethod;
  /** A NAT translates what is sent here: it must be kept awake. */
  readonly isLocalBehind: boolean;
  /** A NAT translates what the peer sends: its address and port may change. */
  readonly isRemoteBehind: boolean;
}

/** With what the hashes of NAT-D are made. */
export interface DiscoveryKey {
  readonly hash: HashName;
  readonly cookies: Cookies;
}

/** No datagram comes from port 0, so no hash of it can match. */
const NO_PORT = 0;

/** NAT-D of the remote end, then of the local one (RFC 3947 §3.2). */
export function natDiscovery(
  { path: { local, remote }, force }: Omit<NatTraversal, 'methods'>,
  method: NatMethod,
  key: DiscoveryKey,
): readonly Payload[] {
  return [remote, force ? { ...local, port: NO_PORT } : local].map((end) =>
    natDiscoveryPayload(method, natHash(key, end)),
  );
}

/**
 * What the peer's NAT-D say; undefined where it sent none, or there is no NAT and nobody claims one (RFC 3947 §3.2).
 * `paths`: between which ends they may say that they go.
 */
export function findNats(
  { paths, force }: { readonly paths: readonly Path[]; readonly force: boolean },
  method: NatMethod,
  key: DiscoveryKey,
  payloads: readonly DecodedPayload[],
): NatFindings | undefined {
  const [ours, ...theirs] = natHashes(method, payloads);
  if (ours === undefined) return undefined;
  const isSeen = (end: keyof Path, hash: Uint8Array): boolean =>
    paths.some((path) => equalOctets(hash, natHash(key, path[end])));
  const isLocalBehind = !isSeen('local', ours);
  const isRemoteBehind = !theirs.some((hash) => isSeen('remote', hash));
  return force || isLocalBehind || isRemoteBehind ? { method, isLocalBehind, isRemoteBehind } : undefined;
}

export function isSameNat(one: NatFindings | undefined, other: NatFindings | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const { method, isLocalBehind, isRemoteBehind } = one;
  return method === other.method && isLocalBehind === other.isLocalBehind && isRemoteBehind === other.isRemoteBehind;
}

function natHash({ hash: name, cookies }: DiscoveryKey, { address, port }: Endpoint): Uint8Array {
  // HASH = HASH(CKY-I | CKY-R | IP | Port)
  return hash(name, cookies.initiator, cookies.responder, parseAddress(address), Uint8Array.of(port >>> 8, port));
}
