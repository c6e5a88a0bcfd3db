import {
  type Attribute,
  attributeNumber,
  CONFIGURATION_ATTRIBUTE,
  concat,
  formatAddress,
  formatPrefix,
  maskLength,
  parseAddress,
  parsePrefix,
  prefixMask,
  prefixNetwork,
  UNITY_ATTRIBUTE,
} from '@espalier/wire';
import { defined } from '../../../configuration/read.ts';
import { CONFIGURED_MOST, MESSAGE_TEXT_MOST } from '../../../limits.ts';
import type { AssignedConfiguration } from '../../../types.ts';
import { octetsOf, textOf } from '../text.ts';

const IPV4 = 4;
const IPV6 = 16;
/** Address, netmask, protocol, two ports. */
const UNITY_NETWORK = 14;
const NOTHING = new Uint8Array(0);
const U16 = 0xffff;
const U32 = 0xffffffff;

/** A configuration as a REPLY or a SET has it. Addresses are TLV always: some peers refuse others. */
export function configurationAttributes(
  configuration: AssignedConfiguration,
  { unity }: { readonly unity: boolean },
): readonly Attribute[] {
  const { addresses, netmask, expirySeconds, dns, nbns, dhcp, subnets, applicationVersion } = configuration;
  const attribute = CONFIGURATION_ATTRIBUTE;
  return [
    ...each(addresses, (address) => ofFamily(address, attribute.ip4Address, attribute.ip6Address)),
    ...(netmask === undefined ? [] : [{ type: attribute.ip4Netmask, value: parseAddress(netmask) }]),
    ...(expirySeconds === undefined ? [] : [{ type: attribute.addressExpiry, value: u32(expirySeconds) }]),
    ...each(dns, (address) => ofFamily(address, attribute.ip4Dns, attribute.ip6Dns)),
    ...each(nbns, (address) => ofFamily(address, attribute.ip4Nbns, attribute.ip6Nbns)),
    ...each(dhcp, (address) => ofFamily(address, attribute.ip4Dhcp, attribute.ip6Dhcp)),
    ...each(subnets, subnetAttribute),
    ...text(attribute.applicationVersion, applicationVersion),
    ...(unity ? unityAttributes(configuration) : []),
  ];
}

function unityAttributes(configuration: AssignedConfiguration): readonly Attribute[] {
  const { banner, savePassword, domain, splitDns, splitInclude, splitExclude, pfsGroup } = configuration;
  const { natTraversalPort, backupServers } = configuration;
  const attribute = UNITY_ATTRIBUTE;
  return [
    ...text(attribute.banner, banner),
    ...(savePassword === undefined ? [] : [{ type: attribute.savePassword, value: savePassword ? 1 : 0 }]),
    ...text(attribute.defaultDomain, domain),
    ...text(attribute.splitDns, splitDns?.join(',')),
    ...networks(attribute.splitInclude, splitInclude),
    ...networks(attribute.splitExclude, splitExclude),
    ...(natTraversalPort === undefined ? [] : [{ type: attribute.natTraversalPort, value: natTraversalPort }]),
    ...(pfsGroup === undefined ? [] : [{ type: attribute.pfs, value: pfsGroup }]),
    ...text(attribute.backupServers, backupServers?.join(',')),
  ];
}

/** What of a configuration attributes tell; what cannot be read is as if it were not there. */
export function readConfiguration(attributes: readonly Attribute[]): AssignedConfiguration {
  const { ip4Address, ip6Address, ip4Netmask, ip4Dns, ip6Dns, ip4Nbns, ip6Nbns, ip4Dhcp, ip6Dhcp } =
    CONFIGURATION_ATTRIBUTE;
  const { addressExpiry, applicationVersion } = CONFIGURATION_ATTRIBUTE;
  const {
    banner,
    savePassword,
    defaultDomain,
    splitDns,
    splitInclude,
    splitExclude,
    natTraversalPort,
    pfs,
    backupServers,
  } = UNITY_ATTRIBUTE;
  const both = (four: number, six: number): readonly string[] =>
    [...addressesIn(attributes, four, IPV4), ...addressesIn(attributes, six, IPV6)].slice(0, CONFIGURED_MOST);
  const saves = numberIn(attributes, savePassword, U16);
  const expirySeconds = numberIn(attributes, addressExpiry, U32);
  return defined<AssignedConfiguration>({
    addresses: [addressesIn(attributes, ip4Address, IPV4), addressesIn(attributes, ip6Address, IPV6)].flatMap((found) =>
      found.slice(0, 1),
    ),
    netmask: addressesIn(attributes, ip4Netmask, IPV4)[0],
    // A time of zero is none: what is given is given.
    expirySeconds: expirySeconds === 0 ? undefined : expirySeconds,
    dns: some(both(ip4Dns, ip6Dns)),
    nbns: some(both(ip4Nbns, ip6Nbns)),
    dhcp: some(both(ip4Dhcp, ip6Dhcp)),
    subnets: some(subnetsIn(attributes)),
    applicationVersion: textIn(attributes, applicationVersion),
    banner: textIn(attributes, banner),
    savePassword: saves === undefined ? undefined : saves === 1,
    domain: textIn(attributes, defaultDomain),
    splitDns: some(listIn(attributes, splitDns)),
    splitInclude: some(networksIn(attributes, splitInclude)),
    splitExclude: some(networksIn(attributes, splitExclude)),
    natTraversalPort: numberIn(attributes, natTraversalPort, U16),
    pfsGroup: numberIn(attributes, pfs, U16),
    backupServers: some(listIn(attributes, backupServers)),
  });
}

/** What a client asks for: empty attributes, and the addresses that it would like to have. */
export function requestAttributes(request: ConfigurationRequest): readonly Attribute[] {
  const { ipv4, ipv6, wishes, applicationVersion, unity } = request;
  const attribute = CONFIGURATION_ATTRIBUTE;
  const wished = (octets: number): Uint8Array =>
    wishes.map(parseAddress).find((address) => address.length === octets) ?? NOTHING;
  const empty = (...types: readonly number[]): readonly Attribute[] => types.map((type) => ({ type, value: NOTHING }));
  return [
    ...(ipv4
      ? [
          { type: attribute.ip4Address, value: wished(IPV4) },
          ...empty(attribute.ip4Netmask, attribute.ip4Dns, attribute.ip4Nbns, attribute.ip4Subnet),
        ]
      : []),
    ...(ipv6
      ? [{ type: attribute.ip6Address, value: wished(IPV6) }, ...empty(attribute.ip6Dns, attribute.ip6Subnet)]
      : []),
    ...empty(attribute.addressExpiry),
    { type: attribute.applicationVersion, value: octetsOf(applicationVersion) },
    ...(unity ? empty(...UNITY_ASKED) : []),
  ];
}

const UNITY_ASKED: readonly number[] = [
  UNITY_ATTRIBUTE.banner,
  UNITY_ATTRIBUTE.savePassword,
  UNITY_ATTRIBUTE.defaultDomain,
  UNITY_ATTRIBUTE.splitDns,
  UNITY_ATTRIBUTE.splitInclude,
  UNITY_ATTRIBUTE.splitExclude,
  UNITY_ATTRIBUTE.pfs,
  UNITY_ATTRIBUTE.backupServers,
];

/** What a client asks for. */
export interface ConfigurationRequest {
  readonly ipv4: boolean;
  readonly ipv6: boolean;
  readonly wishes: readonly string[];
  readonly applicationVersion: string;
  readonly unity: boolean;
}

export function readRequest(attributes: readonly Attribute[]): ConfigurationRequest {
  const { ip4Address, ip6Address, applicationVersion } = CONFIGURATION_ATTRIBUTE;
  const has = (wanted: number): boolean => attributes.some(({ type }) => type === wanted);
  return {
    ipv4: has(ip4Address),
    ipv6: has(ip6Address),
    wishes: [...addressesIn(attributes, ip4Address, IPV4), ...addressesIn(attributes, ip6Address, IPV6)],
    applicationVersion: textIn(attributes, applicationVersion) ?? '',
    unity: attributes.some(({ type }) => type >= UNITY_ATTRIBUTE.banner && type <= UNITY_ATTRIBUTE.ddnsHostName),
  };
}

/** What a SET is acknowledged with: its attributes, empty (draft-dukes-ike-mode-cfg-02 §3.1). */
export function acknowledging(attributes: readonly Attribute[]): readonly Attribute[] {
  return [...new Set(attributes.map(({ type }) => type))].map((type) => ({ type, value: NOTHING }));
}

function each(list: readonly string[] | undefined, make: (one: string) => Attribute): readonly Attribute[] {
  return (list ?? []).map(make);
}

function ofFamily(text: string, four: number, six: number): Attribute {
  const value = parseAddress(text);
  return { type: value.length === IPV4 ? four : six, value };
}

function subnetAttribute(text: string): Attribute {
  const prefix = parsePrefix(text);
  const { length, address } = prefix;
  const network = prefixNetwork(prefix);
  return address.length === IPV4
    ? { type: CONFIGURATION_ATTRIBUTE.ip4Subnet, value: concat(network, prefixMask(length, IPV4)) }
    : { type: CONFIGURATION_ATTRIBUTE.ip6Subnet, value: concat(network, Uint8Array.of(length)) };
}

function networks(type: number, prefixes: readonly string[] | undefined): readonly Attribute[] {
  if (prefixes === undefined || prefixes.length === 0) return [];
  const value = prefixes.map(parsePrefix).map((prefix) => {
    const network = new Uint8Array(UNITY_NETWORK);
    network.set(prefixNetwork(prefix));
    network.set(prefixMask(prefix.length, IPV4), IPV4);
    return network;
  });
  return [{ type, value: concat(...value) }];
}

function text(type: number, value: string | undefined): readonly Attribute[] {
  return value === undefined ? [] : [{ type, value: octetsOf(value) }];
}

function u32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Of IPv6 with or without a length of prefix behind the address. */
function addressesIn(attributes: readonly Attribute[], wanted: number, octets: number): readonly string[] {
  return valuesIn(attributes, wanted)
    .map((value) => (octets === IPV6 && value.length === IPV6 + 1 ? value.subarray(0, IPV6) : value))
    .filter((value) => value.length === octets && value.some((octet) => octet !== 0))
    .slice(0, CONFIGURED_MOST)
    .map((value) => formatAddress(value));
}

function subnetsIn(attributes: readonly Attribute[]): readonly string[] {
  const { ip4Subnet, ip6Subnet } = CONFIGURATION_ATTRIBUTE;
  const four = valuesIn(attributes, ip4Subnet).flatMap((value) => network(value.subarray(0, 2 * IPV4)));
  const six = valuesIn(attributes, ip6Subnet).flatMap((value) => {
    const length = value[IPV6] ?? 0xff;
    return value.length === IPV6 + 1 && length <= 128 ? prefixText(value.subarray(0, IPV6), length) : [];
  });
  return [...four, ...six].slice(0, CONFIGURED_MOST);
}

/** strongSwan's are without protocol and ports where they are set by hand. */
function networksIn(attributes: readonly Attribute[], wanted: number): readonly string[] {
  return valuesIn(attributes, wanted)
    .flatMap((value) => {
      const size = value.length % UNITY_NETWORK === 0 ? UNITY_NETWORK : 2 * IPV4;
      const count = Math.min(Math.floor(value.length / size), CONFIGURED_MOST);
      return Array.from({ length: count }, (_, i) => value.subarray(i * size, i * size + 2 * IPV4));
    })
    .flatMap(network)
    .slice(0, CONFIGURED_MOST);
}

/** Of an address and a netmask. */
function network(octets: Uint8Array): readonly string[] {
  if (octets.length !== 2 * IPV4) return [];
  const length = maskLength(octets.subarray(IPV4));
  return length === undefined ? [] : prefixText(octets.subarray(0, IPV4), length);
}

function prefixText(address: Uint8Array, length: number): readonly string[] {
  return [formatPrefix({ address: prefixNetwork({ address, length }), length })];
}

function textIn(attributes: readonly Attribute[], wanted: number): string | undefined {
  const [value] = valuesIn(attributes, wanted);
  const said = value && textOf(value, MESSAGE_TEXT_MOST);
  return said === '' ? undefined : said;
}

/** Separated by commas, spaces or NULs, in one attribute or several. */
function listIn(attributes: readonly Attribute[], wanted: number): readonly string[] {
  return valuesIn(attributes, wanted)
    .flatMap((value) =>
      textOf(
        value.map((octet) => (octet === 0 ? COMMA : octet)),
        MESSAGE_TEXT_MOST,
      ).split(/[,\s]+/),
    )
    .filter((one) => one !== '')
    .slice(0, CONFIGURED_MOST);
}

const COMMA = 0x2c;

function numberIn(attributes: readonly Attribute[], wanted: number, most: number): number | undefined {
  const attribute = attributes.find(({ type }) => type === wanted);
  const number = attribute && attributeNumber(attribute);
  return number !== undefined && number <= most ? number : undefined;
}

function valuesIn(attributes: readonly Attribute[], wanted: number): readonly Uint8Array[] {
  return attributes.flatMap(({ type, value }) => (type === wanted && typeof value !== 'number' ? [value] : []));
}

function some(list: readonly string[]): readonly string[] | undefined {
  return list.length === 0 ? undefined : list;
}
