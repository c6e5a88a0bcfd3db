import { octetsView } from '@espalier/crypto';
import type { Datagram } from '@espalier/gateway';
import { formatAddress, parseAddress, requireObject } from '@espalier/wire';
import type { UdpPorts } from './ports.ts';

const MAX_PORT = 0xffff;
const FUNCTIONS = ['onEvent', 'onQuestion', 'onRefused', 'onEsp', 'openSocket'] as const;
const OF_INSIDE = ['open', 'deliver', 'close'] as const;

/** @throws TypeError, naming the option that is no function, or no inside. */
export function requireOptions(options: object & { readonly inside?: object | undefined }): void {
  requireObject('options', options);
  for (const name of FUNCTIONS) {
    const value: unknown = Reflect.get(options, name);
    if (value !== undefined) requireFunction(name, value);
  }
  const { inside } = options;
  if (inside === undefined) return;
  requireObject('inside', inside);
  for (const name of OF_INSIDE) requireFunction(`inside.${name}`, Reflect.get(inside, name));
}

/** As the addresses of datagrams are written. @throws TypeError or RangeError, naming the argument. */
export function readAddress(argument: string, address: string): string {
  return formatAddress(addressOctets(argument, address));
}

/** @throws TypeError or RangeError, naming the one that a socket cannot be bound to, or that is named twice. */
export function readAddresses(addresses: readonly string[]): readonly string[] {
  if (!Array.isArray(addresses) || addresses.length === 0)
    throw new TypeError('addresses: must be a list, and not empty');
  const read = addresses.map((address, index) => {
    const octets = addressOctets(`addresses[${index}]`, address);
    if (octets.every((octet) => octet === 0)) {
      throw new RangeError(`addresses[${index}]: must be an address that this host has, not all of them`);
    }
    return formatAddress(octets);
  });
  if (new Set(read).size < read.length) throw new RangeError('addresses: must not name one twice');
  return read;
}

/** Port 0 is any that is free where one is opened, and none where a peer is. @throws TypeError or RangeError, naming it. */
export function readPorts(argument: string, ports: UdpPorts, least: 0 | 1): UdpPorts {
  requireObject(argument, ports);
  const { ike, natTraversal } = ports;
  for (const [name, port] of Object.entries({ ike, natTraversal })) requirePort(`${argument}.${name}`, port, least);
  if (ike === natTraversal && ike !== 0) throw new RangeError(`${argument}: must be two`);
  return { ike, natTraversal };
}

/** One that is to be sent. @throws TypeError or RangeError, naming the member. */
export function requireDatagram(datagram: Datagram): void {
  requireObject('datagram', datagram);
  const { source, destination, octets } = datagram;
  requireObject('datagram.source', source);
  requireObject('datagram.destination', destination);
  requirePort('datagram.destination.port', destination.port, 1);
  octetsView('datagram.octets', octets);
}

function requirePort(argument: string, port: number, least: 0 | 1): void {
  if (!Number.isInteger(port) || port < least || port > MAX_PORT)
    throw new RangeError(`${argument}: must be a whole number from ${least} to ${MAX_PORT}`);
}

function requireFunction(argument: string, value: unknown): void {
  if (typeof value !== 'function') throw new TypeError(`${argument}: must be a function`);
}

function addressOctets(argument: string, address: string): Uint8Array {
  if (typeof address !== 'string') throw new TypeError(`${argument}: must be a string`);
  try {
    return parseAddress(address);
  } catch {
    throw new RangeError(`${argument}: not an IP address: ${JSON.stringify(address)}`);
  }
}
