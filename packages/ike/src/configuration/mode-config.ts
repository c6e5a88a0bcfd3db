import { parseAddress, parsePrefix } from '@espalier/wire';
import { CONFIGURED_MOST } from '../limits.ts';
import type { AssignedConfiguration, ModeConfig } from '../types.ts';
import {
  defined,
  readArray,
  readBoolean,
  readChoice,
  readInteger,
  readList,
  readObject,
  readOptional,
  readText,
} from './read.ts';

/** Octets of one text. */
const TEXT_MOST = 255;
/** Of a banner. */
const BANNER_MOST = 512;

/** @throws TypeError or RangeError, as all of these naming the argument. */
export function readModeConfig(argument: string, value: unknown): ModeConfig {
  const { side, method, families, applicationVersion } = readObject<ModeConfig>(argument, value);
  return defined<ModeConfig>({
    side: readChoice<ModeConfig['side']>(`${argument}.side`, side, ['client', 'gateway']),
    method: readOptional(`${argument}.method`, method, (at, one) => readChoice(at, one, ['pull', 'push'])),
    families: readOptional(`${argument}.families`, families, (at, list) =>
      readList(at, list, 2, (one, family) => readChoice(one, family, ['ipv4', 'ipv6'])),
    ),
    applicationVersion: readOptional(`${argument}.applicationVersion`, applicationVersion, readAscii),
  });
}

/** A copy. @throws as `readModeConfig`: for what is no address, and for more than attributes can say. */
export function readAssignedConfiguration(argument: string, value: unknown): AssignedConfiguration {
  const fields = readObject<AssignedConfiguration>(argument, value);
  const read = {
    addresses: readAddresses(`${argument}.addresses`, fields.addresses),
    netmask: readOptional(`${argument}.netmask`, fields.netmask, readIpv4),
    expirySeconds: readOptional(`${argument}.expirySeconds`, fields.expirySeconds, (at, one) =>
      readInteger(at, one, 1, 0xffffffff),
    ),
    dns: readOptional(`${argument}.dns`, fields.dns, readAddresses),
    nbns: readOptional(`${argument}.nbns`, fields.nbns, readAddresses),
    dhcp: readOptional(`${argument}.dhcp`, fields.dhcp, readAddresses),
    subnets: readOptional(`${argument}.subnets`, fields.subnets, (at, list) => readSome(at, list, readPrefix)),
    applicationVersion: readOptional(`${argument}.applicationVersion`, fields.applicationVersion, readAscii),
    banner: readOptional(`${argument}.banner`, fields.banner, (at, one) => readShortText(at, one, BANNER_MOST)),
    savePassword: readOptional(`${argument}.savePassword`, fields.savePassword, readBoolean),
    domain: readOptional(`${argument}.domain`, fields.domain, readName),
    splitDns: readOptional(`${argument}.splitDns`, fields.splitDns, (at, list) => readSome(at, list, readName)),
    splitInclude: readOptional(`${argument}.splitInclude`, fields.splitInclude, readIpv4Prefixes),
    splitExclude: readOptional(`${argument}.splitExclude`, fields.splitExclude, readIpv4Prefixes),
    pfsGroup: readOptional(`${argument}.pfsGroup`, fields.pfsGroup, (at, one) => readInteger(at, one, 1, 0xffff)),
    natTraversalPort: readOptional(`${argument}.natTraversalPort`, fields.natTraversalPort, (at, one) =>
      readInteger(at, one, 1, 0xffff),
    ),
    backupServers: readOptional(`${argument}.backupServers`, fields.backupServers, (at, list) =>
      readSome(at, list, readName),
    ),
  };
  const families = read.addresses.map((address) => parseAddress(address).length);
  if (families.length === 0) throw new RangeError(`${argument}.addresses: must have at least one`);
  if (new Set(families).size < families.length) {
    throw new RangeError(`${argument}.addresses: must have at most one of each family`);
  }
  return defined<AssignedConfiguration>(read);
}

/** Text that is written as UTF-8. @throws TypeError or RangeError unless it has at most `most` octets of it. */
export function readShortText(argument: string, value: unknown, most: number = TEXT_MOST): string {
  const text = readText(argument, value);
  if (!isWellFormed(text)) throw new RangeError(`${argument}: has half of a surrogate pair`);
  const octets = encodeURIComponent(text).replace(/%../g, '_').length;
  if (octets === 0 || octets > most) throw new RangeError(`${argument}: must have from 1 to ${most} octets of UTF-8`);
  return text;
}

function isWellFormed(text: string): boolean {
  return !/[\ud800-\udfff]/u.test(text);
}

function readSome<T>(argument: string, value: unknown, read: (argument: string, value: unknown) => T): readonly T[] {
  const values = readArray(argument, value);
  if (values.length > CONFIGURED_MOST) throw new RangeError(`${argument}: must have at most ${CONFIGURED_MOST}`);
  return values.map((one, i) => read(`${argument}[${i}]`, one));
}

function readAddresses(argument: string, value: unknown): readonly string[] {
  return readSome(argument, value, (at, one) => checked(at, one, (text) => parseAddress(text).length));
}

function readIpv4(argument: string, value: unknown): string {
  return checked(argument, value, (text) => isIpv4(parseAddress(text)));
}

function readPrefix(argument: string, value: unknown): string {
  return checked(argument, value, parsePrefix);
}

function readIpv4Prefixes(argument: string, value: unknown): readonly string[] {
  return readSome(argument, value, (at, one) => checked(at, one, (text) => isIpv4(parsePrefix(text).address)));
}

function isIpv4(address: Uint8Array): void {
  if (address.length !== 4) throw new RangeError('must be of IPv4');
}

/** Names are listed with commas between them. */
function readName(argument: string, value: unknown): string {
  const name = readShortText(argument, value);
  if (/[,\s]/.test(name)) throw new RangeError(`${argument}: must be one name`);
  return name;
}

function readAscii(argument: string, value: unknown): string {
  const text = readShortText(argument, value);
  if (/[^ -~]/.test(text)) throw new RangeError(`${argument}: must be printable ASCII`);
  return text;
}

function checked(argument: string, value: unknown, check: (text: string) => unknown): string {
  const text = readText(argument, value);
  try {
    check(text);
  } catch (error) {
    throw new RangeError(`${argument}: ${error instanceof Error ? error.message : 'is none'}`);
  }
  return text;
}
