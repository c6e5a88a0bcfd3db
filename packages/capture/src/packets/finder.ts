import {
  AH_HEADER_OCTETS,
  ahNextHeader,
  ahOctets,
  checksum,
  ESP_HEADER_OCTETS,
  instant,
  ip,
  ipv4,
  PROTOCOL,
  pseudoHeaderSum,
  Reassembler,
  readU16,
  TCP_MESSAGE_OCTETS,
  UDP_HEADER_OCTETS,
  writeU16,
} from '@espalier/wire';
import type { Frame } from '../formats/frame.ts';
import type { Key } from '../links/layer.ts';
import { layerOf } from '../links/layers.ts';
import { hasName, keyText } from '../links/names.ts';
import type { Carried, CarriedWhere, Found, SeenLayer, Unread } from './carried.ts';
import { datagramUse, isEspLong, looksLikeIsakmp } from './datagram.ts';
import { icmpError } from './icmp-error.ts';
import { type SeenIp, seenIp } from './ip-header.ts';
import { decompressed } from './ipcomp.ts';
import { endPoint, type Ports, portUse } from './ports.ts';
import { inPacket } from './rebuilt.ts';
import { TcpStreams, tcpPorts } from './tcp-streams.ts';

/** Headers of one frame, one in the other. */
const MOST_LAYERS = 32;

/** What a frame needs to have for this. */
export type FrameToRead = Pick<Frame, 'time' | 'linkType' | 'octets'> & Partial<Pick<Frame, 'originalOctets'>>;

/** What went between two sockets. */
export interface Datagram {
  readonly source: { readonly address: string; readonly port: number };
  readonly destination: { readonly address: string; readonly port: number };
  readonly octets: Uint8Array;
}

/** Where one has come to in a frame. */
interface Place {
  readonly octets: Uint8Array;
  readonly at: number;
  readonly end: number;
  readonly layers: readonly SeenLayer[];
  readonly notes: readonly string[];
  /** Whether `octets` are those of the frame. */
  readonly isInFrame: boolean;
  /** Whether the snap length has cut the frame. */
  readonly isCut: boolean;
  readonly time: number;
}

/**
 * Takes frames in order and finds what belongs to IPsec in them, through links, tunnels, fragments and segments. What is
 * not read is told, with why. State is what waits: fragments and segments, within the limits of their classes.
 */
export class PacketFinder {
  readonly #ports: Ports;
  readonly #reassembler = new Reassembler();
  readonly #streams = new TcpStreams();
  #carried: Carried[] = [];
  #unread: Unread[] = [];

  /** @param ports UDP and TCP ports at which IKE or ESP is looked for, beside 500, 848 and 4500. */
  constructor(ports: Iterable<number> = []) {
    this.#ports = new Set(ports);
  }

  /** Datagrams of which fragments were missing, or are. */
  get datagramsIncomplete(): number {
    const { expired, evicted } = this.#reassembler.counters;
    return this.#reassembler.datagramsHeld + expired + evicted;
  }

  /** Connections in which a message, or a segment, waits for what is in front of it or behind. */
  get streamsIncomplete(): number {
    return this.#streams.incomplete;
  }

  /** Whether UDP between these ports is read: IKE and ESP may be in it, or in what it carries. */
  readonly isUdpRead = (source: number, destination: number): boolean =>
    portUse(this.#ports, source, destination) !== undefined || layerOf(['udp-port', destination]) !== undefined;

  find({ time, linkType, octets, originalOctets = octets.length }: FrameToRead): Found {
    this.#begin();
    const isCut = originalOctets > octets.length;
    const place = { octets, at: 0, end: octets.length, layers: [], notes: [], isInFrame: true, isCut, time };
    this.#enter(['link-type', linkType], place);
    return { carried: this.#carried, unread: this.#unread };
  }

  /** Of an IP packet that came out of another one: `layers` are those around it. */
  findInside(packet: Uint8Array, time: number, layers: readonly SeenLayer[]): Found {
    this.#begin();
    const place = {
      octets: packet,
      at: 0,
      end: packet.length,
      layers,
      notes: [],
      isInFrame: false,
      isCut: false,
      time,
    };
    this.#ip(place);
    return { carried: this.#carried, unread: this.#unread };
  }

  /** Of a UDP datagram that nothing is around. */
  findDatagram({ source, destination, octets }: Datagram): Found {
    this.#begin();
    const use = portUse(this.#ports, source.port, destination.port) ?? 'either';
    const found = datagramUse(use, octets, 0);
    const ends = {
      source: endPoint(source.address, source.port),
      destination: endPoint(destination.address, destination.port),
      from: source.address,
      to: destination.address,
      at: undefined,
      headers: undefined,
      missing: 0,
      layers: [],
    };
    if (found === undefined || (found.kind === 'esp' && !isEspLong(octets, found.skip))) {
      this.#pass('malformed', 'UDP between VPN ports with less than a message');
    } else {
      const { kind, skip, note } = found;
      const what = { ...ends, octets: octets.subarray(skip), notes: note === undefined ? [] : [note] };
      this.#carried.push(kind === 'esp' ? { kind, encapsulation: 'udp', ...what } : { kind, ...what });
    }
    return { carried: this.#carried, unread: this.#unread };
  }

  #begin(): void {
    this.#carried = [];
    this.#unread = [];
  }

  /** Goes through layers until there is IP, or an end. */
  #enter(key: Key, place: Place): undefined {
    const layer = layerOf(key);
    if (layer === undefined) return this.#pass(isOther(key) ? 'other' : 'not-understood', keyText(key));
    if (place.layers.length >= MOST_LAYERS) return this.#pass('not-understood', `more than ${MOST_LAYERS} headers`);
    const inside = layer.read(place.octets, place.at, place.end);
    if ('stop' in inside) return this.#pass(place.at >= place.end ? 'cut' : 'other', inside.stop);
    const next = {
      ...place,
      at: inside.at,
      end: Math.min(place.end, inside.end ?? place.end),
      layers: layer.name === '' ? place.layers : [...place.layers, seen(layer.name, place)],
      notes: 'ip' in inside && inside.note !== undefined ? [...place.notes, inside.note] : place.notes,
    };
    if (inside.at > place.end) {
      return this.#pass(
        place.isCut ? 'cut' : 'malformed',
        `${layer.name || keyText(key)} header that is not there whole`,
      );
    }
    if ('ip' in inside) this.#ip(next);
    else this.#enter(inside.key, next);
  }

  #ip(place: Place): undefined {
    const packet = seenIp(place.octets, place.at, place.end);
    if (packet === 'cut') return this.#pass(place.isCut ? 'cut' : 'malformed', 'IP header that is not there whole');
    if (typeof packet === 'string') return this.#pass('malformed', packet);
    const { from, to, missing } = packet;
    const cut = missing > 0 && !place.isCut ? [`the packet is ${missing} octets longer than its frame`] : [];
    const inside = {
      ...place,
      at: packet.payloadAt,
      end: packet.end,
      layers: [...place.layers, seen(`IPv${ip.version(place.octets, place.at)} ${from} > ${to}`, place)],
      notes: [...place.notes, ...packet.notes, ...cut],
    };
    if (inside.layers.length > MOST_LAYERS) return this.#pass('not-understood', `more than ${MOST_LAYERS} headers`);
    if (packet.isFragment) return this.#fragment(inside, packet);
    this.#payload(packet.protocol, inside, packet);
  }

  #fragment(place: Place, packet: SeenIp): undefined {
    if (packet.missing > 0) return this.#cutFragment(place, packet);
    const result = this.#reassembler.accept(instant(Math.max(0, place.time) * 1000), fragmentOf(place.octets, packet));
    if (result.kind === 'pending') return undefined;
    if (result.kind === 'refused') return this.#pass('malformed', `fragment: ${result.reason}`);
    const whole = result.packet;
    const inner = seenIp(whole, 0, whole.length);
    if (typeof inner === 'string') return this.#pass('malformed', `datagram of fragments: ${inner}`);
    const layers = [...place.layers.slice(0, -1), { name: `IP fragments ${packet.from} > ${packet.to}`, at: -1 }];
    const inside = { ...place, octets: whole, at: inner.payloadAt, end: inner.end, layers, isInFrame: false };
    this.#payload(inner.protocol, inside, inner);
  }

  /** What the first one shows is worth a look; those behind it show nothing. */
  #cutFragment(place: Place, packet: SeenIp): undefined {
    const offset = ip.fragmentOffset(place.octets, packet.at, packet.end);
    if (offset > 0) return this.#pass('cut', 'fragment that is not there whole');
    const notes = [...place.notes, 'the first fragment of a datagram, and not there whole'];
    return this.#payload(packet.protocol, { ...place, notes }, packet);
  }

  #payload(protocol: number, place: Place, packet: SeenIp): undefined {
    switch (protocol) {
      case PROTOCOL.esp:
        return this.#esp(place, packet);
      case PROTOCOL.ah:
        return this.#ah(place, packet);
      case PROTOCOL.ipcomp:
        return this.#ipcomp(place, packet);
      case PROTOCOL.udp:
        return this.#udp(place, packet);
      case PROTOCOL.tcp:
        return this.#tcp(place, packet);
      case PROTOCOL.icmp:
      case PROTOCOL.icmpv6:
        return this.#icmp(protocol === PROTOCOL.icmp ? 4 : 6, place, packet);
      default:
        return this.#enter(['protocol', protocol], place);
    }
  }

  #esp(place: Place, packet: SeenIp): undefined {
    if (place.end - place.at < ESP_HEADER_OCTETS) return this.#pass('cut', 'ESP header that is not there whole');
    this.#carried.push({ kind: 'esp', encapsulation: 'ip', ...where(place, packet, undefined, place.at, place.end) });
  }

  #ah(place: Place, packet: SeenIp): undefined {
    const { octets, at, end } = place;
    if (end - at < AH_HEADER_OCTETS) return this.#pass('cut', 'AH header that is not there whole');
    this.#carried.push({ kind: 'ah', ...where(place, packet, undefined, at, end) });
    const behind = at + ahOctets(octets, at);
    if (behind > end) return;
    const layers = [...place.layers, seen('AH', place)];
    this.#payload(ahNextHeader(octets, at), { ...place, at: behind, layers }, packet);
  }

  /** Read on in a packet that was never compressed. */
  #ipcomp(place: Place, packet: SeenIp): undefined {
    if (place.layers.length >= MOST_LAYERS) return this.#pass('not-understood', `more than ${MOST_LAYERS} headers`);
    if (packet.missing > 0) return this.#pass('cut', 'IPComp that is not there whole');
    const headers = place.octets.subarray(packet.at, packet.payloadAt);
    const most = ipv4.MAX_PACKET_OCTETS - headers.length;
    const plain = decompressed(place.octets.subarray(place.at, place.end), most);
    if (typeof plain === 'string') return this.#pass('not-understood', plain);
    const whole = inPacket(headers, plain.nextHeader, plain.octets);
    const inside = seenIp(whole, 0, whole.length);
    if (typeof inside === 'string') return this.#pass('malformed', `IPComp: ${inside}`);
    const layers = [...place.layers, seen('IPComp', place)];
    const end = inside.end;
    this.#payload(
      inside.protocol,
      { ...place, octets: whole, at: inside.payloadAt, end, layers, isInFrame: false },
      inside,
    );
  }

  #udp(place: Place, packet: SeenIp): undefined {
    const { octets, at, end } = place;
    if (end - at < UDP_HEADER_OCTETS) return this.#pass('cut', 'UDP header that is not there whole');
    const [source, destination] = [readU16(octets, at), readU16(octets, at + 2)] as const;
    const told = readU16(octets, at + 4);
    const ownEnd = told < UDP_HEADER_OCTETS ? end : Math.min(end, at + told);
    const missing = told < UDP_HEADER_OCTETS ? packet.missing : Math.max(0, at + told - end);
    const inside = { ...place, at: at + UDP_HEADER_OCTETS, end: ownEnd };
    const use = portUse(this.#ports, source, destination);
    if (use === undefined) return this.#otherUdp(inside, source, destination, missing);
    const payload = octets.subarray(inside.at, ownEnd);
    const found = datagramUse(use, payload, missing);
    if (found === undefined)
      return this.#pass(missing > 0 ? 'cut' : 'malformed', 'UDP between VPN ports with less than a message');

    const isOdd = told < UDP_HEADER_OCTETS || at + told > end + packet.missing;
    const notes = [
      ...(isOdd ? [`the length of its UDP header is ${told}: read to the end of the packet`] : []),
      ...(found.note === undefined ? [] : [found.note]),
      ...(found.kind === 'isakmp' && !isOdd && missing === 0 && isSummedWrong(octets, at, ownEnd, place, packet)
        ? ['its UDP checksum is wrong, as checksum offload leaves it']
        : []),
    ];
    const ends = {
      ...where(
        { ...inside, notes: [...place.notes, ...notes] },
        packet,
        [source, destination],
        inside.at + found.skip,
        ownEnd,
      ),
      missing,
    };
    if (found.kind !== 'esp') {
      this.#carried.push({ kind: found.kind, ...ends });
      return;
    }
    if (!isEspLong(payload, found.skip)) return this.#pass('cut', 'ESP header that is not there whole');
    this.#carried.push({ kind: 'esp', encapsulation: 'udp', ...ends });
  }

  #otherUdp(place: Place, source: number, destination: number, missing: number): undefined {
    const key = ['udp-port', destination] as const;
    if (layerOf(key) !== undefined) return this.#enter(key, place);
    const payload = place.octets.subarray(place.at, place.end);
    if (looksLikeIsakmp(payload, 0, missing) || (payload.length > 32 && looksLikeIsakmp(payload, 4, missing))) {
      return this.#pass(
        'not-understood',
        `UDP port ${Math.min(source, destination)}, with what looks like ISAKMP: ask for that port`,
      );
    }
    const [least, most] = source < destination ? [source, destination] : [destination, source];
    const named = [least, most].find((port) => hasName(['udp-port', port]));
    this.#pass('other', named === undefined ? 'UDP between other ports' : keyText(['udp-port', named]));
  }

  #tcp(place: Place, packet: SeenIp): undefined {
    const [source, destination] = tcpPorts(place.octets, place.at);
    const use = portUse(this.#ports, source, destination);
    if (use === undefined || use === 'ike') return this.#pass('other', keyText(['protocol', PROTOCOL.tcp]));
    if (packet.missing > 0) return this.#pass('cut', 'TCP segment that is not there whole');
    const ends = { source: endPoint(packet.from, source), destination: endPoint(packet.to, destination) };
    const result = this.#streams.take(`${ends.source} ${ends.destination}`, place.octets.subarray(place.at, place.end));
    if (result === undefined) return this.#pass('malformed', 'TCP header that contradicts itself');
    const notes = result.note === undefined ? place.notes : [...place.notes, result.note];
    for (const { kind, octets } of result.frames) {
      const own = {
        ...where({ ...place, notes }, packet, [source, destination], place.at, place.end),
        octets,
        at: undefined,
      };
      if (kind === 'ike') this.#carried.push({ kind: 'isakmp', ...own });
      else if (octets.length >= ESP_HEADER_OCTETS && octets.length <= TCP_MESSAGE_OCTETS)
        this.#carried.push({ kind: 'esp', encapsulation: 'tcp', ...own });
    }
  }

  #icmp(version: 4 | 6, place: Place, packet: SeenIp): undefined {
    const error = icmpError(version, place.octets, place.at, place.end, this.#ports);
    if (error === undefined)
      return this.#pass('other', keyText(['protocol', version === 4 ? PROTOCOL.icmp : PROTOCOL.icmpv6]));
    this.#carried.push({ kind: 'icmp', error, ...where(place, packet, undefined, place.at, place.end) });
  }

  #pass(kind: Unread['kind'], why: string): undefined {
    this.#unread.push({ kind, why });
  }
}

/** What is known to hold no IPsec of its own is told otherwise than what might. */
function isOther(key: Key): boolean {
  return key[0] !== 'link-type' && hasName(key);
}

function seen(name: string, { at, isInFrame }: Place): SeenLayer {
  return { name, at: isInFrame ? at : -1 };
}

function where(
  place: Place,
  packet: SeenIp,
  ports: readonly [number, number] | undefined,
  at: number,
  end: number,
): CarriedWhere {
  return {
    source: endPoint(packet.from, ports?.[0]),
    destination: endPoint(packet.to, ports?.[1]),
    from: packet.from,
    to: packet.to,
    octets: place.octets.subarray(at, end),
    at: place.isInFrame ? at : undefined,
    headers: place.octets.subarray(packet.at, packet.payloadAt),
    missing: packet.missing,
    layers: place.layers,
    notes: place.notes,
  };
}

/** The fragment alone, with a header as its sender's NIC has completed it. */
function fragmentOf(octets: Uint8Array, { at, end, isSummedWrong: isWrong }: SeenIp): Uint8Array {
  const own = octets.subarray(at, end);
  if (!isWrong) return own;
  const mended = Uint8Array.from(own);
  writeU16(mended, 10, 0);
  writeU16(mended, 10, checksum(mended, 0, ipv4.headerOctets(mended, 0)));
  return mended;
}

/** Zero: the sender has computed none. */
function isSummedWrong(octets: Uint8Array, at: number, end: number, place: Place, packet: SeenIp): boolean {
  if (readU16(octets, at + 6) === 0 || !place.isInFrame) return false;
  const source = ip.sourceOctets(octets, packet.at);
  const destination = ip.destinationOctets(octets, packet.at);
  return checksum(octets, at, end, pseudoHeaderSum({ source, destination }, PROTOCOL.udp, end - at)) !== 0;
}
