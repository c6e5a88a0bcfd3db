import {
  CONFIGURATION_ATTRIBUTE,
  CONFIGURATION_TYPE,
  type ConfigurationPayload,
  formatAddress,
  readU32,
  UNITY_ATTRIBUTE,
  XAUTH_ATTRIBUTE,
  XAUTH_STATUS,
} from '@espalier/wire';
import { nameIn } from './names.ts';

type Value = ConfigurationPayload['attributes'][number]['value'];

const NAMES = { ...CONFIGURATION_ATTRIBUTE, ...UNITY_ATTRIBUTE, ...XAUTH_ATTRIBUTE };
const XAUTH: readonly number[] = Object.values(XAUTH_ATTRIBUTE);

/** What Mode Config or XAuth says (draft-dukes-ike-mode-cfg-02 §3): `reply, ip4Address 10.1.77.1, ip4Dns 10.1.0.53`. */
export function configurationText({ type, attributes }: ConfigurationPayload): string {
  const texts = attributes.map(({ type: attribute, value }) => {
    const name = `${XAUTH.includes(attribute) ? 'xauth ' : ''}${nameIn(NAMES, attribute)}`;
    const text = valueText(attribute, value);
    return text === undefined ? name : `${name} ${text}`;
  });
  return [nameIn(CONFIGURATION_TYPE, type), ...texts].join(', ');
}

/** Undefined for one that is empty, as what is asked for, and of what may be a secret, such as a user's password. */
function valueText(attribute: number, value: Value): string | undefined {
  if (typeof value !== 'number' && value.length === 0) return undefined;
  return WRITERS.get(attribute)?.(value);
}

type Writer = (value: Value) => string | undefined;

const number: Writer = (value) => {
  if (typeof value === 'number') return String(value);
  return value.length === 4 ? String(readU32(value, 0)) : undefined;
};

const address: Writer = (value) => {
  if (typeof value === 'number' || (value.length !== 4 && value.length < 16)) return undefined;
  const prefix = value[16];
  return `${formatAddress(value.subarray(0, 16))}${prefix === undefined ? '' : `/${prefix}`}`;
};

/** Address and mask, and more behind; several of them one behind the other. */
const networks =
  (octets: number): Writer =>
  (value) => {
    if (typeof value === 'number' || value.length % octets !== 0) return undefined;
    const starts = Array.from({ length: Math.min(MOST_NETWORKS, value.length / octets) }, (_, i) => i * octets);
    const part = (at: number) => formatAddress(value.subarray(at, at + 4));
    return starts.map((at) => `${part(at)}/${part(at + 4)}`).join(' ');
  };

const text: Writer = (value) => {
  if (typeof value === 'number') return undefined;
  const shown = value.subarray(0, MOST_TEXT);
  if (!shown.every((octet) => octet >= 0x20 && octet < 0x7f)) return undefined;
  return `'${String.fromCharCode(...shown)}${shown.length < value.length ? '...' : ''}'`;
};

const status: Writer = (value) => (typeof value === 'number' ? nameIn(XAUTH_STATUS, value) : undefined);

const MOST_NETWORKS = 16;
const MOST_TEXT = 64;

const C = CONFIGURATION_ATTRIBUTE;
const U = UNITY_ATTRIBUTE;
const X = XAUTH_ATTRIBUTE;

const WRITERS: ReadonlyMap<number, Writer> = new Map<number, Writer>([
  ...[C.ip4Address, C.ip4Netmask, C.ip4Dns, C.ip4Nbns, C.ip4Dhcp].map((name) => [name, address] as const),
  ...[C.ip6Address, C.ip6Netmask, C.ip6Dns, C.ip6Nbns, C.ip6Dhcp, C.ip6Subnet].map((name) => [name, address] as const),
  ...[C.addressExpiry, U.savePassword, U.natTraversalPort, U.pfs].map((name) => [name, number] as const),
  ...[C.applicationVersion, U.banner, U.defaultDomain, U.splitDns].map((name) => [name, text] as const),
  ...[X.userName, X.message, X.domain].map((name) => [name, text] as const),
  [C.ip4Subnet, networks(8)],
  [U.splitInclude, networks(14)],
  [U.splitExclude, networks(14)],
  [X.status, status],
]);
