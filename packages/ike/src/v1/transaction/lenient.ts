import { type Attribute, CONFIGURATION_ATTRIBUTE, type ConfigurationPayload, XAUTH_ATTRIBUTE } from '@espalier/wire';
import { refuse } from '../../refusals.ts';
import { areAllowed, type Leniency, type PeerTolerance } from '../../tolerances.ts';

/** What a configuration says to who forgives a peer so much, and what that took. */
export interface Lenient {
  readonly attributes: readonly Attribute[];
  readonly tolerated: readonly PeerTolerance[];
}

const { ip6Address, ip6Dns, ip6Nbns, ip6Dhcp, applicationVersion } = CONFIGURATION_ATTRIBUTE;
const { userName, message, domain } = XAUTH_ATTRIBUTE;

const TEXTS: readonly number[] = [applicationVersion, userName, message, domain];
const IPV6_ADDRESSES: readonly number[] = [ip6Address, ip6Dns, ip6Nbns, ip6Dhcp];
/** An address, and the length of a prefix. */
const PREFIXED_OCTETS = 17;
const ASCII_MOST = 0x7f;

/** What a peer is not forgiven cannot be read: it is as if it were not there. @throws Refusal for zeros behind the attributes that it is not forgiven. */
export function readLeniently({ attributes, padding = 0 }: ConfigurationPayload, leniency: Leniency): Lenient {
  const behind: readonly PeerTolerance[] = padding === 0 ? [] : ['zeros-behind-attributes'];
  if (!areAllowed(behind, { leniency })) refuse('malformed');
  const read = attributes.map((attribute) => ({ attribute, takes: takenBy(attribute) }));
  const legible = read.filter(({ takes }) => areAllowed(takes, { leniency }));
  return {
    attributes: legible.map(({ attribute }) => attribute),
    tolerated: [...new Set([...behind, ...legible.flatMap(({ takes }) => takes)])],
  };
}

function takenBy({ type, value }: Attribute): readonly PeerTolerance[] {
  if (typeof value === 'number') return [];
  if (IPV6_ADDRESSES.includes(type) && value.length === PREFIXED_OCTETS) return ['prefix-behind-address'];
  return TEXTS.includes(type) && value.some((octet) => octet > ASCII_MOST) ? ['text-not-ascii'] : [];
}
