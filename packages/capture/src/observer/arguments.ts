import { type Engine, nobleEngine } from '@espalier/crypto';
import { formatAddress, parseAddress, requireMembers, requireObject } from '@espalier/wire';
import type { Frame } from '../formats/frame.ts';
import { type KeyRing, NO_KEYS } from '../keys/key-ring.ts';
import type { Datagram } from '../packets/finder.ts';
import { OBSERVER_LIMITS, type ObserverLimits } from './limits.ts';

export interface ObserverOptions {
  /** What decrypts ESP. Default the portable one. */
  readonly engine?: Engine;
  /** What `readKeys` has read. Default none. */
  readonly keys?: KeyRing;
  /** UDP and TCP ports at which IKE and ESP are looked for, beside 500, 848 and 4500. */
  readonly ports?: Iterable<number>;
  readonly limits?: Partial<ObserverLimits>;
}

/** A frame as the observer takes it. */
export type ObservedFrame = Pick<Frame, 'number' | 'time' | 'linkType' | 'octets'> &
  Partial<Pick<Frame, 'originalOctets'>>;

/** A datagram without a frame. */
export type ObservedDatagram = Datagram & Pick<Frame, 'number' | 'time'>;

const MAX_PORT = 0xffff;
const LIMITS = {
  conversations: true,
  ikeSas: true,
  exchanges: true,
  sas: true,
  unread: true,
} as const satisfies Record<keyof ObserverLimits, true>;

/** What an observer runs on, once it has been looked at. */
export interface CheckedOptions {
  readonly engine: Engine;
  readonly keys: KeyRing;
  readonly ports: readonly number[];
  readonly limits: ObserverLimits;
}

/** @throws TypeError or RangeError, naming the option. */
export function readOptions(options: ObserverOptions): CheckedOptions {
  requireObject('options', options);
  const { engine = nobleEngine(), keys = NO_KEYS, ports = [], limits = {} } = options;
  requireObject('engine', engine);
  if (typeof engine.createEspTransform !== 'function') throw new TypeError('engine must be an Engine');
  requireObject('keys', keys);
  if (!(Array.isArray(keys.ike) && Array.isArray(keys.esp))) throw new TypeError('keys must be what readKeys gives');
  return { engine, keys, ports: readPorts(ports), limits: readLimits(limits) };
}

/** @throws TypeError or RangeError, naming the member. Octets are looked at by whoever takes them. */
export function requireFrame({ number, time, linkType }: Pick<ObservedFrame, 'number' | 'time' | 'linkType'>): void {
  requireNumber('number', number);
  requireTime(time);
  requireNumber('linkType', linkType);
}

/** Seconds since 1970, any at all. @throws TypeError or RangeError. */
export function requireTime(time: number): void {
  requireNumber('time', time);
  if (!Number.isFinite(time)) throw new RangeError('time must be finite');
}

/** One address has one spelling. @throws TypeError or RangeError, naming the member. */
export function readEnd(argument: string, end: Datagram['source']): Datagram['source'] {
  requireObject(argument, end);
  const { address, port } = end;
  requirePort(`${argument}.port`, port);
  if (typeof address !== 'string') throw new TypeError(`${argument}.address must be a string`);
  return { address: canonical(`${argument}.address`, address), port };
}

function canonical(argument: string, address: string): string {
  try {
    return formatAddress(parseAddress(address));
  } catch {
    throw new RangeError(`${argument} is not an IP address: ${JSON.stringify(address)}`);
  }
}

export function requireNumber(argument: string, value: unknown): asserts value is number {
  if (typeof value !== 'number') throw new TypeError(`${argument} must be a number`);
}

function readPorts(ports: Iterable<number>): readonly number[] {
  if (typeof ports?.[Symbol.iterator] !== 'function') throw new TypeError('ports must be iterable');
  return Array.from(ports, (port, index) => {
    requirePort(`ports[${index}]`, port);
    return port;
  });
}

function requirePort(argument: string, port: number): void {
  requireNumber(argument, port);
  if (!(Number.isInteger(port) && port >= 0 && port <= MAX_PORT))
    throw new RangeError(`${argument} must be an integer from 0 to ${MAX_PORT}`);
}

function readLimits(limits: Partial<ObserverLimits>): ObserverLimits {
  requireObject('limits', limits);
  requireMembers('limits', limits, LIMITS);
  for (const [name, most] of Object.entries(limits)) {
    if (!(Number.isInteger(most) && most >= 0)) throw new RangeError(`limits.${name} must be a whole number`);
  }
  return { ...OBSERVER_LIMITS, ...limits };
}
