import type { Endpoint } from '@espalier/ike';
import { ESP_HEADER_OCTETS, espSpi, type Instant, Ipv4Reassembler, ipv4, PROTOCOL } from '@espalier/wire';
import { unwrapDatagram } from './carrier.ts';
import type { Doors } from './doors.ts';
import { destinationAt, hasAddress, wholePacket } from './ip-packet.ts';
import type { InboundEntry, KeyManagement } from './key-management.ts';
import { MAX_PACKET_OCTETS } from './path-mtu.ts';
import { ACCEPTED, type Outcome, type RefusalCounter, refusedByIke } from './refusals.ts';
import type { Routing } from './routing.ts';
import { IKE_PORT } from './tunnel-plan.ts';

/** Inbound IP traffic processing, from the outside to the inside (RFC 4301 §5.2). */
export class InboundProcessing {
  readonly #localGateways: readonly Uint8Array[];
  readonly #routing: Routing;
  readonly #keys: KeyManagement;
  readonly #refusals: RefusalCounter;
  readonly #doors: Doors;
  readonly #reassembler = new Ipv4Reassembler();
  readonly #scratch = new Uint8Array(MAX_PACKET_OCTETS);

  /** `localGateways`: the addresses, 4 octets each, at which this gateway itself is spoken to. */
  constructor(
    localGateways: readonly Uint8Array[],
    routing: Routing,
    keys: KeyManagement,
    refusals: RefusalCounter,
    doors: Doors,
  ) {
    this.#localGateways = localGateways;
    this.#routing = routing;
    this.#keys = keys;
    this.#refusals = refusals;
    this.#doors = doors;
  }

  take(now: Instant, octets: Uint8Array): Outcome {
    const packet = wholePacket(octets);
    if (packet === undefined) return this.#refusals.refuse('malformed-packet');
    if (!this.#isForGateway(packet)) return this.#takeClear(packet);
    if (!ipv4.isFragment(packet, 0)) return this.#takeWhole(now, packet);
    const result = this.#reassembler.accept(now, packet);
    if (result.kind === 'pending') return ACCEPTED.held;
    return result.kind === 'whole' ? this.#takeWhole(now, result.packet) : this.#refusals.refuse('bad-fragment');
  }

  takeDatagram(now: Instant, from: Endpoint, to: Endpoint, payload: Uint8Array): Outcome {
    if (to.port !== IKE_PORT) return this.#refusals.refuse('unexpected-datagram');
    const result = this.#keys.handleDatagram(now, from, to, payload);
    return result.ok ? ACCEPTED.accepted : refusedByIke(result.reason);
  }

  #isForGateway(packet: Uint8Array): boolean {
    const at = destinationAt(packet);
    return this.#localGateways.some((address) => hasAddress(packet, at, address));
  }

  #takeWhole(now: Instant, packet: Uint8Array): Outcome {
    switch (ipv4.protocol(packet, 0)) {
      case PROTOCOL.esp:
        return this.#open(now, packet);
      case PROTOCOL.udp: {
        const datagram = unwrapDatagram(packet);
        if (datagram === undefined) return this.#refusals.refuse('malformed-packet');
        return this.takeDatagram(now, datagram.from, datagram.to, datagram.payload);
      }
      default:
        return this.#refusals.refuse('unexpected-protocol');
    }
  }

  #open(now: Instant, packet: Uint8Array): Outcome {
    const espAt = ipv4.headerOctets(packet, 0);
    if (packet.length < espAt + ESP_HEADER_OCTETS) return this.#refusals.refuse('malformed-packet');
    const entry = this.#keys.findInbound(espSpi(packet, espAt), packet);
    if (entry === undefined) return this.#refusals.refuse('unknown-spi');
    const { tunnel, pair } = entry;
    const opened = pair.inbound.openInto(now, packet.subarray(espAt), this.#scratch, ipv4.tos(packet, 0));
    if (opened.ok) return this.#accept(now, entry, opened.octets);
    tunnel.statistics.refused(opened.reason);
    return this.#refusals.refuseByEsp(opened.reason);
  }

  #accept(now: Instant, entry: InboundEntry, inner: Uint8Array): Outcome {
    const { tunnel, pair } = entry;
    this.#keys.confirm(now, entry);
    if (pair.inbound.lifetimeState(now) === 'soft') this.#keys.renew(now, pair);
    if (!tunnel.admits(inner)) return this.#refusals.refuse('selector-mismatch');
    tunnel.statistics.decrypted(inner.length);
    this.#doors.inside.push({ packet: inner.slice(), insideInterface: tunnel.insideInterface });
    return ACCEPTED.accepted;
  }

  /** What arrives unprotected and is for someone behind the gateway. */
  #takeClear(packet: Uint8Array): Outcome {
    const action = this.#routing.lookUpInbound(packet);
    switch (action?.kind) {
      case undefined:
        return this.#refusals.refuse('no-service-set');
      case 'protect':
        return this.#refusals.refuse('unprotected');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        this.#doors.inside.push({ packet: packet.slice(), insideInterface: undefined });
        return ACCEPTED.bypassed;
    }
  }
}
