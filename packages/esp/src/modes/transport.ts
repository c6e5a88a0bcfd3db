import { ip, ipv4, onesSum, PROTOCOL, UDP_HEADER_OCTETS } from '@espalier/wire';
import type { Descriptors } from '../batch/descriptors.ts';
import type { EspLayout } from '../esp/layout.ts';
import type { EspRefusal } from '../sa/refusals.ts';
import type { ChecksumRepair } from './checksum-repair.ts';
import { clearHeadersFault, clearOctets, headFault, moveClearHeaders, protocolBehind } from './clear-headers.ts';
import { BAD_NEXT_HEADER, type InboundMode, type OutboundMode } from './mode.ts';
import { setUdpChecksum, setUdpLength, type UdpPorts, udpTemplate } from './udp.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const ESP = PROTOCOL.esp;
const UDP = PROTOCOL.udp;
const NOT_NEXT = BAD_NEXT_HEADER;
const MAX_IPV4_OCTETS = ipv4.MAX_PACKET_OCTETS;
const MAX_IPV6_OCTETS = ip.MAX_PACKET_OCTETS;

/** Extension headers that come before ESP and are never in it (RFC 8200 §4.1). */
const HOP_BY_HOP = 0;
const FRAGMENT = 44;

/**
 * ESP goes between a packet's headers and its payload: behind the IPv4 header and its options; behind those extension
 * headers of IPv6 that routers read, so that destination options for the last host are in it (RFC 4303 §3.1.1).
 */
export class OutboundTransport implements OutboundMode {
  readonly frontOctets: number;
  readonly safeOctets: number;
  readonly coversPayload: boolean;
  readonly #layout: EspLayout;
  readonly #udp: Uint8Array;

  /** @throws RangeError for a port that is none. */
  constructor(layout: EspLayout, udp: UdpPorts | undefined) {
    this.#layout = layout;
    this.#udp = udpTemplate('udp', udp);
    this.frontOctets = this.#udp.length;
    this.coversPayload = this.#udp.length > 0;
    this.safeOctets = MAX_IPV4_OCTETS - this.frontOctets - layout.payloadOffset - layout.mostAfterPayload;
  }

  fault(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    return clearHeadersFault(memory, at, octets);
  }

  isTooLong(memory: Uint8Array, at: number, octets: number): boolean {
    const clear = clearOctets(memory, at, octets);
    const sealed = clear + this.frontOctets + this.#layout.espOctets(octets - clear);
    return sealed > (ip.version(memory, at) === 4 ? MAX_IPV4_OCTETS : MAX_IPV6_OCTETS);
  }

  clearOctets(memory: Uint8Array, at: number, octets: number): number {
    return clearOctets(memory, at, octets);
  }

  nextHeader(memory: Uint8Array, at: number, payloadAt: number): number {
    return protocolBehind(memory, at, payloadAt - at);
  }

  write(memory: Uint8Array, at: number, espAt: number, espOctets: number): void {
    const udp = this.#udp;
    const { payloadOffset } = this.#layout;
    const clear = espAt + payloadOffset - at;
    const headAt = at - payloadOffset - udp.length;
    const headEnd = headAt + clear;
    const octets = clear + udp.length + espOctets;
    moveClearHeaders(memory, at, headAt, clear, octets, udp.length > 0 ? UDP : ESP);
    if (ip.version(memory, headAt) === 4) ipv4.setHeaderChecksum(memory, headAt);
    if (udp.length === 0) return;
    memory.set(udp, headEnd);
    setUdpLength(memory, headEnd, udp.length + espOctets);
  }

  cover(memory: Uint8Array, at: number, octets: number): void {
    if (ip.version(memory, at) === 4) return;
    const udpAt = ip.payloadAt(memory, at, at + octets);
    const sourceAt = ip.sourceAt(memory, at);
    const pseudoHeader = onesSum(memory, sourceAt, sourceAt + 32, UDP + at + octets - udpAt);
    setUdpChecksum(memory, udpAt, at + octets, pseudoHeader);
  }
}

/** What was in ESP comes behind the headers that were in front of it, and they say again what it is. */
export class InboundTransport implements InboundMode {
  readonly leavesUnmarked = false;
  readonly #repair: ChecksumRepair | undefined;

  constructor(repair: ChecksumRepair | undefined) {
    this.#repair = repair;
  }

  fault(memory: Uint8Array, packets: Descriptors, index: number): EspRefusal | undefined {
    const fault = headFault(memory, packets, index);
    if (fault !== undefined) return fault;
    const espAt = packets.offset(index);
    const at = espAt - packets.headOctets(index);
    const end = espAt + packets.length(index);
    const behindHeaders = ip.payloadAt(memory, at, end);
    const protocol = ip.protocol(memory, at, end);
    const leadsHere =
      (protocol === ESP && behindHeaders === espAt) ||
      (protocol === UDP && behindHeaders + UDP_HEADER_OCTETS === espAt);
    return leadsHere ? undefined : 'bad-outer';
  }

  carriedOctets(_memory: Uint8Array, _payloadAt: number, payloadOctets: number, nextHeader: number): number {
    return nextHeader === HOP_BY_HOP || nextHeader === FRAGMENT ? NOT_NEXT : payloadOctets;
  }

  isCongested(): boolean {
    return false;
  }

  deliver(
    memory: Uint8Array,
    packets: Descriptors,
    index: number,
    payloadAt: number,
    carriedOctets: number,
    nextHeader: number,
  ): number {
    const espAt = packets.offset(index);
    const cameAt = espAt - packets.headOctets(index);
    const clear = ip.payloadAt(memory, cameAt, espAt) - cameAt;
    const at = payloadAt - clear;
    moveClearHeaders(memory, cameAt, at, clear, clear + carriedOctets, nextHeader);
    this.#repair?.repair(memory, at, payloadAt + carriedOctets);
    return at;
  }
}
