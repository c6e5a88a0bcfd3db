import { compareAddresses, formatAddress, parseAddress } from '../addresses/address.ts';
import { type AddressPrefix, parsePrefix, prefixMask, prefixNetwork } from '../addresses/prefix.ts';
import { concat, copyOctets, fromAscii } from '../octets.ts';
import { ID_TYPE } from './registry/isakmp.ts';
import type { Identification } from './types.ts';

/** Selects one transport protocol and port; absent means any (RFC 2407 §4.6.2). */
export interface IdentificationPorts {
  readonly protocol?: number;
  readonly port?: number;
}

/** ID_IPV4_ADDR. @throws RangeError unless `text` is an IPv4 address. */
export function ipv4AddressId(text: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv4Address, address(text, 4), ports);
}

/** ID_IPV4_ADDR_SUBNET: network and netmask. @throws RangeError unless `prefix` is an IPv4 prefix. */
export function ipv4SubnetId(prefix: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv4Subnet, subnet(prefix, 4), ports);
}

/** ID_IPV4_ADDR_RANGE, both ends within. @throws RangeError unless they are IPv4 addresses in order. */
export function ipv4RangeId(first: string, last: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv4Range, range(first, last, 4), ports);
}

/** ID_IPV6_ADDR. @throws RangeError unless `text` is an IPv6 address. */
export function ipv6AddressId(text: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv6Address, address(text, 16), ports);
}

/** ID_IPV6_ADDR_SUBNET: network and netmask. @throws RangeError unless `prefix` is an IPv6 prefix. */
export function ipv6SubnetId(prefix: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv6Subnet, subnet(prefix, 16), ports);
}

/** ID_IPV6_ADDR_RANGE, both ends within. @throws RangeError unless they are IPv6 addresses in order. */
export function ipv6RangeId(first: string, last: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.ipv6Range, range(first, last, 16), ports);
}

/** ID_FQDN, without a terminator. @throws RangeError unless `name` is ASCII. */
export function fqdnId(name: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.fqdn, fromAscii(name), ports);
}

/** ID_USER_FQDN, `user@host`, without a terminator. @throws RangeError unless `name` is ASCII. */
export function userFqdnId(name: string, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.userFqdn, fromAscii(name), ports);
}

/** ID_KEY_ID: octets that mean something to both sides. */
export function keyId(octets: Uint8Array, ports?: IdentificationPorts): Identification {
  return identification(ID_TYPE.keyId, copyOctets('octets', octets), ports);
}

function identification(idType: number, data: Uint8Array, ports: IdentificationPorts = {}): Identification {
  return { idType, protocol: ports.protocol ?? 0, port: ports.port ?? 0, data };
}

function address(text: string, octets: number): Uint8Array {
  const parsed = parseAddress(text);
  if (parsed.length !== octets) throw new RangeError(`address must be of ${octets} octets: ${text}`);
  return parsed;
}

function subnet(text: string, octets: number): Uint8Array {
  const prefix: AddressPrefix = parsePrefix(text);
  if (prefix.address.length !== octets) throw new RangeError(`prefix must be of ${octets} octets: ${text}`);
  return concat(prefixNetwork(prefix), prefixMask(prefix.length, octets));
}

function range(first: string, last: string, octets: number): Uint8Array {
  const ends = [address(first, octets), address(last, octets)] as const;
  if (compareAddresses(ends[0], ends[1]) > 0) {
    throw new RangeError(`first must not come after last: ${formatAddress(ends[0])} > ${formatAddress(ends[1])}`);
  }
  return concat(...ends);
}
