import type { NegotiatedChild } from '@espalier/ike';
import {
  checkIdentification,
  formatPrefix,
  ID_TYPE,
  type Identification,
  identificationText,
  parsePrefix,
  prefixNetwork,
} from '@espalier/wire';
import type { Prefix, Selectors } from '../config.ts';

const ADDRESSES: readonly number[] = [ID_TYPE.ipv4Address, ID_TYPE.ipv4Subnet, ID_TYPE.ipv6Address, ID_TYPE.ipv6Subnet];

/** What a child was agreed on for, as selectors of an SPD; undefined for what these cannot say. */
export function selectorsOf({ localIdentity, remoteIdentity }: NegotiatedChild): Required<Selectors> | undefined {
  const local = prefixOf(localIdentity);
  const remote = prefixOf(remoteIdentity);
  if (local === undefined || remote === undefined) return undefined;
  return familyOf(local) === familyOf(remote) ? { local, remote } : undefined;
}

/** Of an address or subnet, for every protocol and port. */
function prefixOf(id: Identification): Prefix | undefined {
  const isWhole = id.protocol === 0 && id.port === 0;
  if (!isWhole || !ADDRESSES.includes(id.idType) || checkIdentification(id) !== undefined) return undefined;
  const prefix = parsePrefix(identificationText(id));
  return formatPrefix({ address: prefixNetwork(prefix), length: prefix.length });
}

function familyOf(prefix: Prefix): number {
  return parsePrefix(prefix).address.length;
}
