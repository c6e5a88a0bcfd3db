import {
  checkIdentification,
  compareAddresses,
  equalIdentification,
  ID_TYPE,
  type Identification,
  ipv4AddressId,
  ipv6AddressId,
  NAT_TRAVERSAL_PORT,
  parseAddress,
  toHex,
} from '@espalier/wire';
import { type RefusalDetail, SHOWN_MOST } from '../explain/detail.ts';
import { nameIdentity } from '../explain/identity.ts';
import type { NatFindings } from '../nat/discovery.ts';
import { type RefusalNotify, refuse } from '../refusals.ts';
import type { Terms } from '../terms.ts';
import { areAllowed, type Tolerance } from '../tolerances.ts';
import type { ClientIdentity, PeerConfig } from '../types.ts';
import { nameKey } from './names.ts';

const UDP = 17;
const IKE_PORT = 500;
const OTHER_PORTS: readonly number[] = [0, NAT_TRAVERSAL_PORT];
const OTHER_PORT: readonly Tolerance[] = ['identity-port'];
const ADDRESSES: readonly number[] = [ID_TYPE.ipv4Address, ID_TYPE.ipv6Address];
const NAMES: readonly number[] = [ID_TYPE.fqdn, ID_TYPE.userFqdn, ID_TYPE.derAsn1Dn];

/** ID_IPV4_ADDR or ID_IPV6_ADDR of an address. @throws RangeError unless it is one. */
export function addressId(address: string): Identification {
  return parseAddress(address).length === 4 ? ipv4AddressId(address) : ipv6AddressId(address);
}

/** A copy that outlives the datagram it was decoded from. */
export function keepIdentification({ idType, protocol, port, data }: Identification): Identification {
  return { idType, protocol, port, data: data.slice() };
}

/** Whom a peer may say it is: one identity, one of several, or anybody who proves it. */
export type PeerIdentity = NonNullable<PeerConfig['remoteIdentity']>;

/** Whom phase 1 expects. */
export interface Expected {
  readonly remoteIdentity: PeerIdentity;
  /** Whether nobody has said who the peer is but by its address. */
  readonly isKnownByAddress: boolean;
  readonly terms: Terms;
}

/**
 * The identity that phase 1 authenticated must be one that is expected. Protocol and port must be 0 and 0, or UDP
 * and 500 (RFC 2407 §4.6.2); UDP and 0, or 4500, which real peers send, pass too.
 * @param notify What the peer is told of a refusal.
 * @param nat What NAT-D showed: behind a NAT nobody knows what address the peer itself has.
 * @returns What it takes to take it for one.
 * @throws Refusal where it is none.
 */
export function checkPeerIdentity(
  id: Identification,
  expected: Expected,
  { notify, nat }: { readonly notify?: RefusalNotify; readonly nat?: NatFindings | undefined } = {},
): readonly Tolerance[] {
  const ported = portsOf(id, expected);
  const meant = ported && toleratedIdentity(id, expected, nat);
  const tolerated = ported && meant && [...meant, ...ported];
  return (
    tolerated ?? refuse('invalid-identity', { notify, explain: () => identityDetail(id, expected.remoteIdentity) })
  );
}

/** What its protocol and port take; undefined where they are wrong, or that is not allowed. */
function portsOf({ protocol, port }: Identification, { terms }: Expected): readonly Tolerance[] | undefined {
  if ((protocol === 0 && port === 0) || (protocol === UDP && port === IKE_PORT)) return [];
  const isTaken = protocol === UDP && OTHER_PORTS.includes(port) && areAllowed(OTHER_PORT, terms);
  return isTaken ? OTHER_PORT : undefined;
}

/** What it takes to take an identity for one that is expected, if that is allowed; undefined where it is none. */
export function toleratedIdentity(
  id: Identification,
  { remoteIdentity, isKnownByAddress, terms }: Expected,
  nat: NatFindings | undefined,
): readonly Tolerance[] | undefined {
  if (checkIdentification(id) !== undefined) return undefined;
  const tolerated = matchPeer(id, remoteIdentity, isKnownByAddress && nat?.isRemoteBehind === true);
  return tolerated !== undefined && areAllowed(tolerated, terms) ? tolerated : undefined;
}

/** Who a peer says it is, and who it may say it is. */
export function identityDetail(id: Identification, expected: PeerIdentity): RefusalDetail {
  return {
    kind: 'identity',
    came: nameIdentity(id),
    expected: expected === 'any' ? 'any' : [expected].flat().slice(0, SHOWN_MOST).map(nameIdentity),
  };
}

function matchPeer(id: Identification, expected: PeerIdentity, isPrivate: boolean): readonly Tolerance[] | undefined {
  if (expected === 'any') return [];
  const all = [expected].flat();
  if (all.some((one) => equalIdentification(portless(id), portless(one)))) return [];
  // Of distinguished names neither case nor string types make two (RFC 5280 §7.1).
  if (mayBe(id, expected)) return id.idType === ID_TYPE.derAsn1Dn ? [] : ['name-case'];
  return isPrivate && ADDRESSES.includes(id.idType) ? ['private-identity'] : undefined;
}

/** Whether an identity is among those that are expected, whatever its protocol and port, and the case of a name. */
export function mayBe(id: Identification, expected: PeerIdentity): boolean {
  if (expected === 'any') return true;
  const key = identityKey(id);
  return [expected].flat().some((one) => one.idType === id.idType && identityKey(one) === key);
}

/** Whether a child may be for this identity at an end. */
export function mayBeFor(id: Identification, expected: ClientIdentity): boolean {
  return matchClient(id, expected)?.length === 0;
}

/** What it takes to mean what a policy is for, at one end, by this identity; undefined where something else is meant. */
export function matchClient(id: Identification, expected: ClientIdentity): readonly Tolerance[] | undefined {
  if (expected === 'any') return [];
  if (expected === 'assigned') return undefined;
  if (!isOne(expected)) return expected.within.some((whole) => identificationWithin(id, whole)) ? [] : undefined;
  if (equalIdentification(expected, id)) return [];
  if (!identificationWithin(id, expected)) return undefined;
  return identificationWithin(expected, id) ? ['addresses-respelled'] : ['identities-narrowed'];
}

/** Whether it says what a child is for, so that one can be begun for it. */
export function isOne(identity: ClientIdentity): identity is Identification {
  return identity !== 'any' && identity !== 'assigned' && !('within' in identity);
}

/** The identity as it is configured, where it is one of those; else a copy that outlives its datagram. */
export function knownIdentity(id: Identification, expected: PeerIdentity): Identification {
  if (expected === 'any') return keepIdentification(id);
  const all = [expected].flat();
  const key = NAMES.includes(id.idType) ? identityKey(id) : undefined;
  const named = all.find((one) => one.idType === id.idType && identityKey(one) === key);
  return all.find((one) => equalIdentification(one, id)) ?? named ?? keepIdentification(id);
}

/** Names a peer by its identity: the same for all spellings of protocol and port, and of a name. */
export function identityKey({ idType, data }: Identification): string {
  if (idType === ID_TYPE.derAsn1Dn) return `${idType}:${nameKey(data) ?? toHex(data)}`;
  return `${idType}:${toHex(NAMES.includes(idType) ? data.map(lowerCase) : data)}`;
}

/** Of ASCII, which names have (RFC 2407 §4.6.2.3); in other octets nothing changes. */
function lowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

/**
 * Whether every packet of `part` is one of `whole`, whose protocol 0 and port 0 are any (RFC 2407 §4.6.2): some
 * responders narrow what they are offered.
 */
export function identificationWithin(part: Identification, whole: Identification): boolean {
  if (equalIdentification(part, whole)) return true;
  if (whole.protocol !== 0 && part.protocol !== whole.protocol) return false;
  if (whole.port !== 0 && part.port !== whole.port) return false;
  const [inner, outer] = [addressRange(part), addressRange(whole)];
  if (inner === undefined || outer === undefined || inner.first.length !== outer.first.length) return false;
  return compareAddresses(outer.first, inner.first) <= 0 && compareAddresses(inner.last, outer.last) <= 0;
}

/** 4 or 16, where an identity is of addresses. */
export function addressOctets(id: Identification): number | undefined {
  return addressRange(id)?.first.length;
}

interface AddressRange {
  readonly first: Uint8Array;
  readonly last: Uint8Array;
}

function addressRange(id: Identification): AddressRange | undefined {
  if (checkIdentification(id) !== undefined) return undefined;
  const half = id.data.length / 2;
  const [first, second] = [id.data.subarray(0, half), id.data.subarray(half)];
  switch (id.idType) {
    case ID_TYPE.ipv4Address:
    case ID_TYPE.ipv6Address:
      return { first: id.data, last: id.data };
    case ID_TYPE.ipv4Subnet:
    case ID_TYPE.ipv6Subnet:
      return {
        first: first.map((octet, i) => octet & (second[i] ?? 0)),
        last: first.map((octet, i) => octet | (~(second[i] ?? 0) & 0xff)),
      };
    case ID_TYPE.ipv4Range:
    case ID_TYPE.ipv6Range:
      return { first, last: second };
    default:
      return undefined;
  }
}

function portless(id: Identification): Identification {
  return { ...id, protocol: 0, port: 0 };
}
