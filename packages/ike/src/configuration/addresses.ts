import { copyOctets } from '@espalier/crypto';
import {
  checkIdentification,
  formatAddress,
  formatPrefix,
  type Identification,
  parseAddress,
  parsePrefix,
} from '@espalier/wire';
import type { Endpoint, RemotePattern } from '../types.ts';
import { readInteger, readList, readObject, readText } from './read.ts';

/** Octets of an identification: a message has room for two of them. */
const IDENTIFICATION_MOST = 8192;
/** Prefixes of one template. */
const PREFIXES_MOST = 4096;

/** An end point with its address in canonical form. @throws TypeError or RangeError unless it is a host's, and a port. */
export function readEndpoint(argument: string, value: unknown): Endpoint {
  const { address, port } = readObject<Endpoint>(argument, value);
  return {
    address: readAddress(`${argument}.address`, address),
    port: readInteger(`${argument}.port`, port, 1, 0xffff),
  };
}

/**
 * An end point of a datagram, as it comes with each: looked at, and not parsed. Port 0 is for the network to be blamed.
 * @throws TypeError or RangeError unless it has the form of one.
 */
export function checkEndpoint(argument: string, value: Endpoint): void {
  const { address, port } = readObject<Endpoint>(argument, value);
  readText(`${argument}.address`, address);
  readInteger(`${argument}.port`, port, 0, 0xffff);
}

/** Where a peer is, or where those of a template may come from. */
export function readRemote(argument: string, value: unknown): Endpoint | RemotePattern {
  const remote = readObject<Endpoint & RemotePattern>(argument, value);
  if ('address' in remote) return readEndpoint(argument, remote);
  const { addresses } = remote;
  if (addresses === undefined) {
    throw new TypeError(`${argument}: must be an end point, with address and port, or a pattern, with addresses`);
  }
  if (addresses === 'any') return { addresses };
  return { addresses: readList(`${argument}.addresses`, addresses, PREFIXES_MOST, readPrefix) };
}

/** A copy. @throws TypeError or RangeError unless it can be written as an ID payload (RFC 2407 §4.6.2). */
export function readIdentification(argument: string, value: unknown): Identification {
  const { idType, protocol, port, data } = readObject<Identification>(argument, value);
  const identification = {
    idType: readInteger(`${argument}.idType`, idType, 0, 0xff),
    protocol: readInteger(`${argument}.protocol`, protocol, 0, 0xff),
    port: readInteger(`${argument}.port`, port, 0, 0xffff),
    data: copyOctets(`${argument}.data`, data),
  };
  if (identification.data.length > IDENTIFICATION_MOST) {
    throw new RangeError(`${argument}.data: must have at most ${IDENTIFICATION_MOST} octets`);
  }
  if (checkIdentification(identification) !== undefined) {
    throw new RangeError(`${argument}.data: does not fit its idType`);
  }
  return identification;
}

function readAddress(argument: string, value: unknown): string {
  const address = readText(argument, value);
  const octets = parsed(argument, () => parseAddress(address));
  if (octets.every((octet) => octet === 0)) throw new RangeError(`${argument}: is no address of a host`);
  return formatAddress(octets);
}

function readPrefix(argument: string, value: unknown): string {
  const text = readText(argument, value);
  return formatPrefix(parsed(argument, () => parsePrefix(text)));
}

function parsed<T>(argument: string, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new RangeError(`${argument}: ${error instanceof Error ? error.message : 'is none'}`);
  }
}
