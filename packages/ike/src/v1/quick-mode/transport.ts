import {
  type DecodedPayload,
  equalIdentification,
  formatAddress,
  ID_TYPE,
  type Identification,
  type Payload,
} from '@espalier/wire';
import type { NatFindings } from '../../nat/discovery.ts';
import { originalAddressesIn, originalAddressPayload } from '../../nat/payloads.ts';
import type { Path } from '../../path.ts';
import { refuse } from '../../refusals.ts';
import type { Tolerance } from '../../tolerances.ts';
import type { ChildPolicy, Role } from '../../types.ts';
import { addressId } from '../identities.ts';

/** From where to where a peer's packets go as the peer sends them, before any NAT (RFC 3947 §5.2): canonical text. */
export interface OriginalAddresses {
  /** What the peer takes for the address of this side. */
  readonly local: string;
  /** What the peer has for an address of its own. */
  readonly remote: string;
}

/** Between which gateways a child is negotiated, and which of them are behind NATs. */
export interface Gateways {
  readonly path: Path;
  readonly nat?: NatFindings | undefined;
}

/** A client identity as it is seen from here, and what it takes to see it so. */
export interface SeenIdentity {
  readonly identity: Identification;
  readonly tolerated: readonly Tolerance[];
}

/**
 * The client identity of one end as it is seen from here. In transport mode a gateway speaks for itself alone: for its
 * own address, which behind a NAT only itself knows; that of the NAT is seen in its place. Undefined for any other.
 */
export function seenIdentity(
  id: Identification,
  end: keyof Path,
  { path, nat }: Gateways,
  { mode = 'tunnel' }: Pick<ChildPolicy, 'mode'>,
): SeenIdentity | undefined {
  if (mode === 'tunnel') return { identity: id, tolerated: [] };
  const { idType, protocol, port } = id;
  const gateway = { ...addressId(path[end].address), protocol, port };
  if (equalIdentification(id, gateway)) return { identity: id, tolerated: [] };
  const isBehindNat = end === 'local' ? nat?.isLocalBehind : nat?.isRemoteBehind;
  if (isBehindNat !== true) return undefined;
  if (idType === ID_TYPE.ipv4Address || idType === ID_TYPE.ipv6Address) return { identity: gateway, tolerated: [] };
  return idType === ID_TYPE.fqdn ? { identity: gateway, tolerated: ['name-for-address'] } : undefined;
}

/** NAT-OAi and NAT-OAr as this side has the addresses (RFC 3947 §5.2); none in tunnel mode, or without a NAT. */
export function originalAddresses(
  { path, nat }: Gateways,
  { mode }: Pick<ChildPolicy, 'mode'>,
  role: Role,
): readonly Payload[] {
  if (mode !== 'transport' || nat === undefined) return [];
  const { method } = nat;
  const [initiator, responder] = role === 'initiator' ? [path.local, path.remote] : [path.remote, path.local];
  return [initiator, responder].map(({ address }) => {
    const { idType, data } = addressId(address);
    return originalAddressPayload(method, { idType, address: data });
  });
}

/**
 * What the peer tells of the addresses; undefined where it tells nothing. Peers of the older drafts tell their own address
 * alone.
 * @param role Of this side.
 */
export function readOriginalAddresses(
  payloads: readonly DecodedPayload[],
  { path, nat }: Gateways,
  { mode }: ChildPolicy,
  role: Role,
): OriginalAddresses | undefined {
  if (mode !== 'transport' || nat === undefined) return undefined;
  const told = originalAddressesIn(nat.method, payloads);
  const [first, second] = told.map(({ address }) => formatAddress(address));
  if (first === undefined) return undefined;
  if (second !== undefined) {
    return role === 'initiator' ? { local: first, remote: second } : { local: second, remote: first };
  }
  return nat.method.isDraft ? { local: path.local.address, remote: first } : refuse('missing-payload');
}
