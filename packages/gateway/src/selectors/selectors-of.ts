import type { Endpoint, NegotiatedChild } from '@espalier/ike';
import { checkIdentification, ID_TYPE, type Identification, identificationText } from '@espalier/wire';
import { formatAddressRange, readAddressRange } from './address-set.ts';
import { hasPorts } from './packet-fields.ts';

/** What was agreed on, in the words of `Selectors`; what is undefined is anything. */
export interface AgreedSelectors {
  /** Prefixes, or ranges. */
  readonly local: string;
  readonly remote: string;
  readonly protocol?: number;
  readonly localPort?: number;
  readonly remotePort?: number;
}

const ADDRESSES: readonly number[] = [
  ID_TYPE.ipv4Address,
  ID_TYPE.ipv4Subnet,
  ID_TYPE.ipv4Range,
  ID_TYPE.ipv6Address,
  ID_TYPE.ipv6Subnet,
  ID_TYPE.ipv6Range,
];

/**
 * What a child was agreed on for (RFC 2407 §4.6.2), as selectors of an SPD; undefined for what these cannot say, or what
 * no packet is.
 */
export function selectorsOf(child: NegotiatedChild): AgreedSelectors | undefined {
  const { localIdentity, remoteIdentity } = child;
  const [local, remote] = [rangeOf(localIdentity, child.local, child), rangeOf(remoteIdentity, child.remote, child)];
  if (local === undefined || remote === undefined || local.first.length !== remote.first.length) return undefined;
  const addresses = { local: formatAddressRange(local), remote: formatAddressRange(remote) };
  const protocol = localIdentity.protocol || remoteIdentity.protocol;
  const isOne = [0, protocol].includes(localIdentity.protocol) && [0, protocol].includes(remoteIdentity.protocol);
  const [localPort, remotePort] = [localIdentity.port, remoteIdentity.port];
  const asksPorts = localPort !== 0 || remotePort !== 0;
  if (!isOne || (asksPorts && !hasPorts(protocol))) return undefined;
  return {
    ...addresses,
    ...(protocol === 0 ? {} : { protocol }),
    ...(localPort === 0 ? {} : { localPort }),
    ...(remotePort === 0 ? {} : { remotePort }),
  };
}

/** In transport mode packets have the address at which the peer is seen, whatever it takes for its own (RFC 3947 §5.2). */
function rangeOf(
  id: Identification,
  { address }: Endpoint,
  { mode }: NegotiatedChild,
): ReturnType<typeof readAddressRange> | undefined {
  if (mode === 'transport') return readAddressRange(address);
  const isAddresses = ADDRESSES.includes(id.idType) && checkIdentification(id) === undefined;
  return isAddresses ? readAddressRange(identificationText(id)) : undefined;
}
