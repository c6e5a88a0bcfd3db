import type { Instant } from '@espalier/wire';
import { oneOf, requireMethods } from '../arguments.ts';
import { type Datagram, datagramIn, packetAround } from './packets.ts';

/**
 * What can be on a network: it takes packets and time, and says what it has to send and when it wants to be woken. Any
 * sans-I/O endpoint is one by a few lines: see `ofDatagrams` and `ofGateway`.
 */
export interface Node {
  /** A whole IP packet comes. */
  handlePacket(now: Instant, packet: Uint8Array): void;
  /** What is due at `now`. */
  handleTimeout(now: Instant): void;
  /** The next whole IP packet to send; undefined when none waits. */
  pollTransmit(): Uint8Array | undefined;
  /** When to call `handleTimeout`, on the node's own clock; undefined while nothing is to come. */
  pollTimeout(): { readonly at: Instant } | undefined;
}

/** @throws TypeError that names what a node does not have. */
export function requireNode(node: Node): void {
  requireMethods('node', node, 'handlePacket', 'handleTimeout', 'pollTransmit', 'pollTimeout');
}

/** A sans-I/O endpoint on UDP: `IkeEndpoint` of `@espalier/ike` is one. */
export interface DatagramEndpoint {
  handleDatagram(now: Instant, from: Datagram['source'], to: Datagram['destination'], octets: Uint8Array): unknown;
  handleTimeout(now: Instant): void;
  pollTransmit(): Datagram | undefined;
  pollTimeout(): { readonly at: Instant } | undefined;
}

/** The part of `Gateway` of `@espalier/gateway` that is on the outside. */
export interface OutsideOfGateway {
  handleOutside(now: Instant, packet: Uint8Array): unknown;
  handleDatagram(now: Instant, from: Datagram['source'], to: Datagram['destination'], octets: Uint8Array): unknown;
  handleTimeout(now: Instant): void;
  pollTransmit():
    | { readonly kind: 'packet'; readonly octets: Uint8Array }
    | ({ readonly kind: 'datagram' } & Datagram)
    | undefined;
  pollTimeout(): { readonly at: Instant } | undefined;
}

/** An endpoint on UDP as a node: what reaches it whole and with a right checksum is handed in, and nothing else. @throws TypeError for what is none. */
export function ofDatagrams(endpoint: DatagramEndpoint): Node {
  requireMethods('endpoint', endpoint, 'handleDatagram', 'handleTimeout', 'pollTransmit', 'pollTimeout');
  return {
    handlePacket(now, packet) {
      const datagram = datagramIn(packet);
      if (datagram !== undefined) {
        endpoint.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
      }
    },
    handleTimeout: (now) => endpoint.handleTimeout(now),
    pollTransmit() {
      const datagram = endpoint.pollTransmit();
      return datagram && packetAround(datagram);
    },
    pollTimeout: () => endpoint.pollTimeout(),
  };
}

/** The outside of a gateway as a node. `outside`: as in its options, whether it has sockets or takes whole packets. @throws TypeError or RangeError that names what is bad. */
export function ofGateway(gateway: OutsideOfGateway, outside: 'ip' | 'udp' = 'ip'): Node {
  oneOf('outside', outside, ['ip', 'udp']);
  const handles = outside === 'ip' ? 'handleOutside' : 'handleDatagram';
  requireMethods('gateway', gateway, handles, 'handleTimeout', 'pollTransmit', 'pollTimeout');
  const transmit = {
    pollTransmit() {
      const out = gateway.pollTransmit();
      return out?.kind === 'datagram' ? packetAround(out) : out?.octets;
    },
    handleTimeout: (now: Instant) => gateway.handleTimeout(now),
    pollTimeout: () => gateway.pollTimeout(),
  };
  if (outside === 'ip') return { ...transmit, handlePacket: (now, packet) => void gateway.handleOutside(now, packet) };
  return {
    ...transmit,
    handlePacket(now, packet) {
      const datagram = datagramIn(packet);
      if (datagram !== undefined) gateway.handleDatagram(now, datagram.source, datagram.destination, datagram.octets);
    },
  };
}
