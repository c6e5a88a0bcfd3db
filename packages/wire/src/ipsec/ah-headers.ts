import { readU32 } from '../integers.ts';
import * as ip from '../ip/ip-view.ts';
import * as ipv4 from '../ip/ipv4-view.ts';

/** IPv4 options that no router changes, by their type octet (RFC 4302 Appendix A1). */
const IMMUTABLE_OPTIONS: ReadonlySet<number> = new Set([130, 133, 134, 148, 149]);
const END_OF_OPTIONS = 0;
const NO_OPERATION = 1;
const LOOSE_SOURCE_ROUTE = 131;
const STRICT_SOURCE_ROUTE = 137;
/** Where the first address of a source route is in it, and where its pointer says that it would be (RFC 791 §3.1). */
const ROUTE_AT = 3;
const FIRST_POINTER = 4;

const HOP_BY_HOP = 0;
const ROUTING = 43;
const DESTINATION_OPTIONS = 60;
const PAD1 = 0;
/** The bit of an option's type that says that its data may change on the way (RFC 8200 §4.2). */
const MAY_CHANGE = 0x20;
/** Routing headers whose end is told by their addresses alone (RFC 2460 §4.4, RFC 6275 §6.4). */
const SOURCE_ROUTE_TYPE = 0;
const HOME_ADDRESS_TYPE = 2;

/**
 * Makes of the headers from `at` to `ahAt` what both ends authenticate (RFC 4302 §3.3.3.1): what is mutable becomes zero,
 * what can be predicted what it will be when the packet arrives. False, with some of it done, for options of no form, and
 * for a routing header whose end nobody can tell.
 *
 * @param direction `in` at the end of the way, where nothing is left to predict.
 */
export function prepareAhHeaders(memory: Uint8Array, at: number, ahAt: number, direction: 'out' | 'in'): boolean {
  return ip.version(memory, at) === 4
    ? authenticateIpv4(memory, at, direction === 'out')
    : authenticateIpv6(memory, at, ahAt, direction === 'out');
}

/** RFC 4302 §3.3.3.1.1, Appendix A1. */
function authenticateIpv4(memory: Uint8Array, at: number, isBeforeRoute: boolean): boolean {
  ipv4.setTos(memory, at, 0);
  ipv4.setFragmentation(memory, at, false, false, 0);
  ipv4.setTtl(memory, at, 0);
  memory.fill(0, at + 10, at + 12);
  const end = at + ipv4.headerOctets(memory, at);
  for (let optionAt = at + ipv4.HEADER_OCTETS; optionAt < end; ) {
    const type = memory[optionAt] ?? 0;
    if (type === END_OF_OPTIONS) return true;
    if (type === NO_OPERATION) {
      optionAt += 1;
      continue;
    }
    const octets = optionAt + 1 < end ? (memory[optionAt + 1] ?? 0) : 0;
    if (octets < 2 || optionAt + octets > end) return false;
    const isRoute = type === LOOSE_SOURCE_ROUTE || type === STRICT_SOURCE_ROUTE;
    if (isRoute && isBeforeRoute && !predictDestination(memory, at, optionAt, octets)) return false;
    if (!IMMUTABLE_OPTIONS.has(type)) memory.fill(0, optionAt, optionAt + octets);
    optionAt += octets;
  }
  return true;
}

/** The destination will be the last address of the route, unless it was the last already (RFC 791 §3.1). */
function predictDestination(memory: Uint8Array, at: number, optionAt: number, octets: number): boolean {
  const addresses = octets - ROUTE_AT;
  const pointer = memory[optionAt + 2] ?? 0;
  if (addresses < 0 || addresses % 4 !== 0 || pointer < FIRST_POINTER || pointer % 4 !== 0) return false;
  if (pointer < octets) ipv4.setDestination(memory, at, readU32(memory, optionAt + octets - 4));
  return true;
}

/** RFC 4302 §3.3.3.1.2, Appendix A2. */
function authenticateIpv6(memory: Uint8Array, at: number, ahAt: number, isBeforeRoute: boolean): boolean {
  memory[at] = 0x60;
  memory.fill(0, at + 1, at + 4);
  memory[at + 7] = 0;
  let next = memory[at + 6] ?? 0;
  for (let headerAt = at + 40; headerAt < ahAt; ) {
    const end = headerAt + ip.extensionOctets(memory, headerAt);
    if (end > ahAt) return false;
    const isGood =
      next === ROUTING
        ? predictRoute(memory, at, headerAt, end, isBeforeRoute)
        : (next === HOP_BY_HOP || next === DESTINATION_OPTIONS) && zeroOptions(memory, headerAt + 2, end);
    if (!isGood) return false;
    next = memory[headerAt] ?? 0;
    headerAt = end;
  }
  return true;
}

function zeroOptions(memory: Uint8Array, from: number, end: number): boolean {
  for (let at = from; at < end; ) {
    const type = memory[at] ?? 0;
    if (type === PAD1) {
      at += 1;
      continue;
    }
    const octets = at + 1 < end ? (memory[at + 1] ?? 0) + 2 : end;
    if (at + octets > end) return false;
    if ((type & MAY_CHANGE) !== 0) memory.fill(0, at + 2, at + octets);
    at += octets;
  }
  return true;
}

/** Sends the packet along its route, hop by hop, as RFC 2460 §4.4 does. */
function predictRoute(memory: Uint8Array, at: number, headerAt: number, end: number, isBeforeRoute: boolean): boolean {
  const type = memory[headerAt + 2] ?? 0;
  const left = memory[headerAt + 3] ?? 0;
  if (left === 0) return true;
  if (!isBeforeRoute || (type !== SOURCE_ROUTE_TYPE && type !== HOME_ADDRESS_TYPE)) return false;
  const addresses = (end - headerAt - 8) / 16;
  if (!Number.isInteger(addresses) || left > addresses) return false;
  const destinationAt = at + 24;
  for (let hop = addresses - left; hop < addresses; hop++) {
    swap(memory, destinationAt, headerAt + 8 + hop * 16);
  }
  memory[headerAt + 3] = 0;
  return true;
}

function swap(memory: Uint8Array, one: number, other: number): void {
  for (let i = 0; i < 16; i++) {
    const octet = memory[one + i] ?? 0;
    memory[one + i] = memory[other + i] ?? 0;
    memory[other + i] = octet;
  }
}
