import { ip, ipv4, PROTOCOL, UDP_HEADER_OCTETS } from '@espalier/wire';
import type { Descriptors } from '../batch/descriptors.ts';
import type { EspLayout } from '../esp/layout.ts';
import type { EspRefusal } from '../sa/refusals.ts';
import { BAD_INNER, BAD_NEXT_HEADER, type InboundMode, type OutboundMode } from './mode.ts';
import type { OuterHeader } from './outer.ts';
import { type DscpInside, decapsulatedTos, decapsulatedWithDscp } from './tos.ts';

// V8 folds a module's own constants into its code; what is imported it loads, and checks, at every use.
const IPIP = PROTOCOL.ipip;
const IPV6 = PROTOCOL.ipv6;
const NOT_NEXT = BAD_NEXT_HEADER;
const NOT_INNER = BAD_INNER;
const { packetOctets, tos: tosOf } = ip;

/** What fits into UDP on IPv4. */
const MAX_UDP_PAYLOAD_OCTETS = ipv4.MAX_PACKET_OCTETS - ipv4.HEADER_OCTETS - UDP_HEADER_OCTETS;

/** A whole IP packet goes in; an outer header, if there is one, in front (RFC 4303 §3.1.2). */
export class OutboundTunnel implements OutboundMode {
  readonly frontOctets: number;
  readonly coversPayload: boolean;
  readonly #outer: OuterHeader | undefined;
  readonly safeOctets: number;

  constructor(layout: EspLayout, outer: OuterHeader | undefined) {
    this.#outer = outer;
    this.frontOctets = outer?.octets ?? 0;
    this.coversPayload = outer?.coversPayload === true;
    const most = outer === undefined ? MAX_UDP_PAYLOAD_OCTETS : outer.mostOctets - outer.octets;
    this.safeOctets = layout.mostPayloadOctets(most);
  }

  fault(memory: Uint8Array, at: number, octets: number): EspRefusal | undefined {
    return packetOctets(memory, at, at + octets) === octets ? undefined : 'bad-inner';
  }

  isTooLong(_memory: Uint8Array, _at: number, octets: number): boolean {
    return octets > this.safeOctets;
  }

  clearOctets(): number {
    return 0;
  }

  nextHeader(memory: Uint8Array, at: number): number {
    return tunnelNextHeader(memory, at);
  }

  write(memory: Uint8Array, at: number, espAt: number, espOctets: number): void {
    const { frontOctets } = this;
    this.#outer?.write(memory, espAt - frontOctets, frontOctets + espOctets, at);
  }

  cover(memory: Uint8Array, at: number, octets: number): void {
    this.#outer?.cover(memory, at, octets);
  }
}

/** A whole IP packet comes out; what was in front is of no more interest, but for its TOS. */
export class InboundTunnel implements InboundMode {
  readonly leavesUnmarked: boolean;
  readonly #takesDscp: boolean;

  constructor(dscp: DscpInside) {
    this.#takesDscp = dscp === 'copy';
    this.leavesUnmarked = !this.#takesDscp;
  }

  fault(): undefined {
    return undefined;
  }

  carriedOctets(memory: Uint8Array, payloadAt: number, payloadOctets: number, nextHeader: number): number {
    if (nextHeader !== IPIP && nextHeader !== IPV6) return NOT_NEXT;
    if ((memory[payloadAt] ?? 0) >> 4 !== (nextHeader === IPIP ? 4 : 6)) return NOT_INNER;
    return packetOctets(memory, payloadAt, payloadAt + payloadOctets);
  }

  isCongested(memory: Uint8Array, payloadAt: number, tos: number): boolean {
    return decapsulatedTos(tosOf(memory, payloadAt), tos) < 0;
  }

  deliver(memory: Uint8Array, packets: Descriptors, index: number, payloadAt: number): number {
    const before = tosOf(memory, payloadAt);
    const outer = packets.tos(index);
    const after = this.#takesDscp ? decapsulatedWithDscp(before, outer) : decapsulatedTos(before, outer);
    if (after !== before) ip.setTos(memory, payloadAt, after);
    return payloadAt;
  }
}

/** What the ESP trailer calls the IP packet at `at`: 4 or 41. */
export function tunnelNextHeader(octets: Uint8Array, at: number): number {
  return (octets[at] ?? 0) >> 4 === 4 ? IPIP : IPV6;
}
