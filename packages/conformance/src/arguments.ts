import type { Endpoint } from '@espalier/ike';
import { formatAddress, formatPrefix, parseAddress, parsePrefix, requireObject } from '@espalier/wire';

const PORT_MOST = 0xffff;

/** In canonical form; `least`: 0 where any port that is free will do. @throws TypeError or RangeError that names what is bad. */
export function readEndpoint(argument: string, endpoint: Endpoint, least: 0 | 1): Endpoint {
  requireObject(argument, endpoint);
  const { address, port } = endpoint;
  return { address: readAddress(`${argument}.address`, address), port: readPort(`${argument}.port`, port, least) };
}

/** In canonical form. @throws TypeError or RangeError that names what is bad. */
export function readAddress(argument: string, address: string): string {
  return named(argument, 'an IP address', address, () => formatAddress(parseAddress(address)));
}

/** @throws RangeError that names what is bad. */
export function readPort(argument: string, port: number, least: 0 | 1): number {
  if (Number.isInteger(port) && port >= least && port <= PORT_MOST) return port;
  throw new RangeError(`${argument} must be a port, from ${least} to ${PORT_MOST}: ${port}`);
}

/** In canonical form. @throws TypeError or RangeError that names what is bad. */
export function readPrefix(argument: string, prefix: string): string {
  return named(argument, 'a prefix, ADDRESS/LENGTH', prefix, () => formatPrefix(parsePrefix(prefix)));
}

/** @throws RangeError that names the argument and what it may be. */
export function readChoice<T>(argument: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value);
  if (choice === undefined) throw new RangeError(`${argument} must be one of ${choices.join(', ')}: ${String(value)}`);
  return choice;
}

/** @throws TypeError that names the argument. */
export function requireText(argument: string, value: unknown): void {
  if (typeof value !== 'string' || value === '') throw new TypeError(`${argument} must be a string, and not empty`);
}

function named<T>(argument: string, kind: string, value: unknown, read: () => T): T {
  if (typeof value !== 'string') throw new TypeError(`${argument} must be a string`);
  try {
    return read();
  } catch {
    throw new RangeError(`${argument} must be ${kind}: ${value}`);
  }
}
