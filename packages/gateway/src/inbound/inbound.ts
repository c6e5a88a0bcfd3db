import type { Endpoint } from '@espalier/ike';
import {
  AH_HEADER_OCTETS,
  ahSignedSpi,
  classifyAtIkePort,
  classifyUdpEncapsulated,
  ESP_HEADER_OCTETS,
  espSignedSpi,
  formatAddress,
  type Instant,
  ip,
  NAT_TRAVERSAL_PORT,
  NON_IKE_MARKER_OCTETS,
  PROTOCOL,
  Reassembler,
  readU16,
  UDP_HEADER_OCTETS,
} from '@espalier/wire';
import type { Audit } from '../audit.ts';
import { packetAround, sourceOf, unwrapDatagram } from '../packets/carrier.ts';
import type { Datagram, Doors } from '../packets/doors.ts';
import { octetsOf, wholePacket } from '../packets/ip-packet.ts';
import { withoutNonIkeMarker } from '../packets/non-ike-marker.ts';
import { IKE_PORT } from '../policy/ike-peers.ts';
import type { LocalAddresses } from '../policy/local-addresses.ts';
import type { Policies } from '../policy/policies.ts';
import { ACCEPTED, type GatewayRefusal, type Outcome, type RefusalCounter, refusedByIke } from '../refusals.ts';
import type { FiledPairs } from '../sas/filed-pairs.ts';
import type { KeyManagement } from '../sas/key-management.ts';
import type { Protector } from '../tunnels/live-tunnels.ts';
import type { Opening } from './opening.ts';
import { readPathNews } from './path-news.ts';

/** Inbound IP traffic processing, from the outside to the inside (RFC 4301 §5.2): what arrives, and whose it is. */
export class InboundProcessing {
  readonly #localAddresses: LocalAddresses;
  readonly #policies: Policies<Protector>;
  readonly #keys: KeyManagement;
  readonly #pairs: FiledPairs;
  readonly #refusals: RefusalCounter;
  readonly #doors: Doors;
  readonly #opening: Opening;
  readonly #audit: Audit;
  readonly #reassembler = new Reassembler();
  #keepalives = 0;

  constructor(
    localAddresses: LocalAddresses,
    policies: Policies<Protector>,
    keys: KeyManagement,
    pairs: FiledPairs,
    refusals: RefusalCounter,
    doors: Doors,
    opening: Opening,
    audit: Audit,
  ) {
    this.#localAddresses = localAddresses;
    this.#policies = policies;
    this.#keys = keys;
    this.#pairs = pairs;
    this.#refusals = refusals;
    this.#doors = doors;
    this.#opening = opening;
    this.#audit = audit;
  }

  /** NAT keepalives that came (RFC 3948 §4). */
  get keepalives(): number {
    return this.#keepalives;
  }

  /** Takes whole IP packets; writes what becomes of each into `outcomes`, and returns how many there were. */
  take(now: Instant, packets: Iterable<Uint8Array>, outcomes: Outcome[]): number {
    this.#opening.begin(outcomes);
    let index = 0;
    try {
      for (const packet of packets) {
        const outcome = this.#takePacket(now, packet, index);
        if (!outcome.ok) this.#audit.packet(now, outcome, packet);
        outcomes[index] = outcome;
        index += 1;
      }
    } finally {
      this.#opening.openAll(now);
    }
    return index;
  }

  /** The same for payloads of UDP. */
  takeDatagrams(now: Instant, datagrams: Iterable<Datagram>, outcomes: Outcome[]): number {
    this.#opening.begin(outcomes);
    let index = 0;
    try {
      for (const datagram of datagrams) {
        const outcome = this.#takeDatagram(now, plain(datagram), index);
        if (!outcome.ok) this.#audit.datagram(now, outcome, datagram);
        outcomes[index] = outcome;
        index += 1;
      }
    } finally {
      this.#opening.openAll(now);
    }
    return index;
  }

  #takePacket(now: Instant, octets: Uint8Array, origin: number): Outcome {
    const packet = wholePacket(octetsOf('packet', octets));
    if (packet === undefined) return this.#refusals.refuse('malformed-packet');
    if (!this.#localAddresses.isDestinationOf(packet)) return this.#takeClear(now, packet);
    if (!ip.isFragment(packet, 0, packet.length)) return this.#takeWhole(now, packet, origin);
    const result = this.#reassembler.accept(now, packet);
    if (result.kind === 'pending') return ACCEPTED.held;
    return result.kind === 'whole'
      ? this.#takeWhole(now, result.packet, origin)
      : this.#refusals.refuse('bad-fragment');
  }

  #takeWhole(now: Instant, packet: Uint8Array, origin: number): Outcome {
    switch (ip.protocol(packet, 0, packet.length)) {
      case PROTOCOL.esp:
        return this.#takeEsp(now, packet, origin);
      case PROTOCOL.ah:
        return this.#takeAh(now, packet, origin);
      case PROTOCOL.udp:
        return this.#takeUdp(now, packet, origin);
      case PROTOCOL.icmp:
      case PROTOCOL.icmpv6:
        return this.#takePathNews(now, packet);
      default:
        return this.#takeOwn(packet, 'unexpected-protocol');
    }
  }

  /** What comes in the clear to this gateway itself: as a host it takes what its policies let pass (RFC 4301 §5.2). */
  #takeOwn(packet: Uint8Array, otherwise: GatewayRefusal): Outcome {
    const action = this.#policies.lookUpOwn(packet);
    if (action.kind === 'protect' && action.target.mode === 'transport') return this.#refusals.refuse('unprotected');
    return action.kind === 'bypass' ? this.#bypass(packet) : this.#refusals.refuse(otherwise);
  }

  #bypass(packet: Uint8Array): Outcome {
    this.#doors.inside.push({ packet: packet.slice(), insideInterface: undefined });
    return ACCEPTED.bypassed;
  }

  #takeEsp(now: Instant, packet: Uint8Array, origin: number): Outcome {
    const espAt = ip.payloadAt(packet, 0, packet.length);
    if (packet.length < espAt + ESP_HEADER_OCTETS) return this.#refusals.refuse('malformed-packet');
    const entry = this.#pairs.findInbound(packet, espAt);
    if (entry === undefined) return this.#refuseSpi(now, packet, 'esp', espSignedSpi(packet, espAt));
    return this.#opening.take(now, entry, packet, espAt, ip.tos(packet, 0), origin);
  }

  #takeAh(now: Instant, packet: Uint8Array, origin: number): Outcome {
    const ahAt = ip.payloadAt(packet, 0, packet.length);
    if (packet.length < ahAt + AH_HEADER_OCTETS) return this.#refusals.refuse('malformed-packet');
    const entry = this.#pairs.findInboundAh(packet, ahAt);
    if (entry === undefined) return this.#refuseSpi(now, packet, 'ah', ahSignedSpi(packet, ahAt));
    return this.#opening.takeAh(now, entry, packet, ahAt, origin);
  }

  #refuseSpi(now: Instant, packet: Uint8Array, protocol: 'esp' | 'ah', spi: number): Outcome {
    const end = (octets: Uint8Array): Endpoint => ({ address: formatAddress(octets), port: IKE_PORT });
    const [from, to] = [end(ip.sourceOctets(packet, 0)), end(ip.destinationOctets(packet, 0))];
    this.#noteUnknownSpi(now, from, to, protocol, spi);
    return this.#refusals.refuse('unknown-spi');
  }

  /** What IKE does about it may end SAs whose packets came before. */
  #noteUnknownSpi(now: Instant, from: Endpoint, to: Endpoint, protocol: 'esp' | 'ah', spi: number): void {
    this.#opening.openAll(now);
    this.#keys.unknownSpi(now, from, to, protocol, spi);
  }

  #takeUdp(now: Instant, packet: Uint8Array, origin: number): Outcome {
    const udpAt = ip.payloadAt(packet, 0, packet.length);
    if (isForOther(packet, udpAt)) return this.#takeOwn(packet, 'unexpected-datagram');
    if (isNatTraversal(packet, udpAt) && classifyUdpEncapsulated(packet, udpAt + UDP_HEADER_OCTETS) === 'esp') {
      return this.#takeEspInUdpAt(now, packet, udpAt, origin);
    }
    if (isMarkedEsp(packet, udpAt))
      return this.#takeEspInUdpAt(now, withoutNonIkeMarker(packet), udpAt, origin, packet);
    const datagram = unwrapDatagram(packet, udpAt);
    return datagram === undefined
      ? this.#refusals.refuse('malformed-packet')
      : this.#takeDatagram(now, datagram, origin);
  }

  /**
   * Of what it carries, its checksum, if it has one, says nothing that the ICV does not (RFC 3948 §2.1, RFC 6935 §5); of where it
   * comes from it does: a peer has not moved to where a spoilt header says. `arrived`: as it came.
   */
  #takeEspInUdpAt(
    now: Instant,
    packet: Uint8Array,
    udpAt: number,
    origin: number,
    arrived: Uint8Array = packet,
  ): Outcome {
    const espAt = udpAt + UDP_HEADER_OCTETS;
    const entry = this.#pairs.findInbound(packet, espAt);
    if (entry === undefined) return this.#refuseSpi(now, packet, 'esp', espSignedSpi(packet, espAt));
    const isElsewhere = entry.pair.inUdp && !entry.pair.isSourceOf(packet, readU16(packet, udpAt));
    const hasMoved = isElsewhere && unwrapDatagram(arrived, udpAt) !== undefined;
    const from = hasMoved ? sourceOf(packet, udpAt) : undefined;
    return this.#opening.take(now, entry, packet, espAt, ip.tos(packet, 0), origin, from);
  }

  /** What a router says of a packet of ours: believed where it quotes an SA that is (RFC 4301 §8.2.1). */
  #takePathNews(now: Instant, packet: Uint8Array): Outcome {
    const news = readPathNews(packet);
    const isOurs = news !== undefined && this.#pairs.heedPath(now, news);
    return isOurs ? ACCEPTED.accepted : this.#takeOwn(packet, 'unexpected-protocol');
  }

  #takeDatagram(now: Instant, datagram: Datagram, origin: number): Outcome {
    if (datagram.source.port === 0) return this.#refusals.refuse('unexpected-datagram');
    switch (datagram.destination.port) {
      case IKE_PORT:
        return this.#takeAtIkePort(now, datagram, origin);
      case NAT_TRAVERSAL_PORT:
        return this.#takeEncapsulated(now, datagram, origin);
      default:
        return this.#refusals.refuse('unexpected-datagram');
    }
  }

  /** Where a peer speaks of a draft of NAT traversal that has no other port, ESP and keepalives come there as well. */
  #takeAtIkePort(now: Instant, datagram: Datagram, origin: number): Outcome {
    const { octets } = datagram;
    switch (classifyAtIkePort(octets)) {
      case 'esp':
        return this.#takeEspInUdp(now, { ...datagram, octets: octets.subarray(NON_IKE_MARKER_OCTETS) }, origin);
      case 'ike':
        return this.#takeIke(now, datagram);
      case 'keepalive':
        this.#keepalives += 1;
        return ACCEPTED.held;
    }
  }

  /** RFC 3948 §2: ESP, IKE behind its marker, and keepalives share a port. */
  #takeEncapsulated(now: Instant, datagram: Datagram, origin: number): Outcome {
    switch (classifyUdpEncapsulated(datagram.octets)) {
      case 'esp':
        return this.#takeEspInUdp(now, datagram, origin);
      case 'ike':
        return this.#takeIke(now, datagram);
      case 'keepalive':
        this.#keepalives += 1;
        return ACCEPTED.held;
      case 'malformed':
        return this.#refusals.refuse('unexpected-datagram');
    }
  }

  #takeEspInUdp(now: Instant, { source, destination, octets }: Datagram, origin: number): Outcome {
    const local = this.#localAddresses.find(destination.address);
    if (local === undefined) return this.#refusals.refuse('no-policy');
    const entry = this.#pairs.findInUdp(octets, local);
    if (entry === undefined) {
      this.#noteUnknownSpi(now, source, destination, 'esp', espSignedSpi(octets, 0));
      return this.#refusals.refuse('unknown-spi');
    }
    const moved = entry.pair.inUdp && !entry.pair.isPeer(source);
    const from = moved ? source : undefined;
    // The TOS octet of the outer header stays with the socket, and so do the headers of transport mode.
    if (entry.pair.espMode === 'tunnel') return this.#opening.take(now, entry, octets, 0, 0, origin, from);
    const packet = packetAround({ source, destination, octets });
    return this.#opening.take(now, entry, packet, packet.length - octets.length, 0, origin, from);
  }

  #takeIke(now: Instant, { source, destination, octets }: Datagram): Outcome {
    // IKE may end an SA whose packets came before.
    this.#opening.openAll(now);
    const result = this.#keys.handleDatagram(now, source, destination, octets);
    return result.ok ? ACCEPTED.accepted : refusedByIke(result.reason);
  }

  /** What arrives unprotected and is for someone behind the gateway. */
  #takeClear(now: Instant, packet: Uint8Array): Outcome {
    const action = this.#policies.lookUpInbound(now, packet);
    switch (action?.kind) {
      case undefined:
        return this.#refusals.refuse('no-policy');
      case 'protect':
        return this.#refusals.refuse('unprotected');
      case 'discard':
        return this.#refusals.refuse('discarded-by-policy');
      case 'bypass':
        return this.#bypass(packet);
    }
  }
}

/** With octets whose `slice` copies. @throws TypeError that names the argument. */
function plain(datagram: Datagram): Datagram {
  if (typeof datagram?.source?.address !== 'string') throw new TypeError('source: must be an end point');
  if (typeof datagram.destination?.address !== 'string') throw new TypeError('destination: must be an end point');
  const octets = octetsOf('payload', datagram.octets);
  return octets === datagram.octets ? datagram : { ...datagram, octets };
}

/** Whether the UDP datagram at `udpAt` goes to a port that neither IKE nor ESP has. */
function isForOther(packet: Uint8Array, udpAt: number): boolean {
  const port = readU16(packet, udpAt + 2);
  return packet.length >= udpAt + UDP_HEADER_OCTETS && port !== IKE_PORT && port !== NAT_TRAVERSAL_PORT;
}

/** Whether the UDP datagram at `udpAt` goes from a port to port 4500 and ends where the packet ends. */
function isNatTraversal(packet: Uint8Array, udpAt: number): boolean {
  return goesTo(NAT_TRAVERSAL_PORT, packet, udpAt);
}

/** The same with IKE's port, and ESP behind its marker there (draft-ietf-ipsec-udp-encaps-01 §2). */
function isMarkedEsp(packet: Uint8Array, udpAt: number): boolean {
  return goesTo(IKE_PORT, packet, udpAt) && classifyAtIkePort(packet, udpAt + UDP_HEADER_OCTETS) === 'esp';
}

function goesTo(port: number, packet: Uint8Array, udpAt: number): boolean {
  return (
    packet.length >= udpAt + UDP_HEADER_OCTETS &&
    readU16(packet, udpAt) !== 0 &&
    readU16(packet, udpAt + 2) === port &&
    readU16(packet, udpAt + 4) === packet.length - udpAt
  );
}
