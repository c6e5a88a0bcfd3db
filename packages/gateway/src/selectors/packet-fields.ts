import { ip, PROTOCOL, readU16 } from '@espalier/wire';
import { OPAQUE } from './number-set.ts';

const NOTHING = new Uint8Array(0);

/** Next layer protocols that selectors know more of than their number. */
export const UPPER = { dccp: 33, sctp: 132, mobility: 135, udpLite: 136 } as const;

/** Extension headers of IPv6 that may follow in a later fragment: what comes behind them is not to be seen. */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const DESTINATION_OPTIONS = 60;

/**
 * What selectors ask of one packet after the other (RFC 4301 §4.4.1.1): its addresses, and, read when they are first asked
 * for, what its next layer shows. Extension headers of IPv6 are passed over, as many as `ip` of `wire` walks. What is
 * not there, or not whole, is `OPAQUE`. Nothing here allocates.
 */
export class PacketFields {
  octets: Uint8Array = NOTHING;
  at = 0;
  end = 0;
  /** Octets of an address: 4 or 16. */
  addressOctets = 0;
  localAt = 0;
  remoteAt = 0;
  #isOutbound = true;
  #isRead = false;
  #protocol = OPAQUE;
  #localPort = OPAQUE;
  #remotePort = OPAQUE;
  #type = OPAQUE;
  #code = OPAQUE;

  /** A whole packet on its way out of the inside: its source is local. */
  outbound(octets: Uint8Array, at: number, end: number): this {
    return this.#put(octets, at, end, true);
  }

  /** A whole packet that comes in: its destination is local. */
  inbound(octets: Uint8Array, at: number, end: number): this {
    return this.#put(octets, at, end, false);
  }

  get protocol(): number {
    if (!this.#isRead) this.#read();
    return this.#protocol;
  }

  /** Of TCP, UDP, SCTP, DCCP and UDP-Lite. */
  get localPort(): number {
    if (!this.#isRead) this.#read();
    return this.#localPort;
  }

  get remotePort(): number {
    if (!this.#isRead) this.#read();
    return this.#remotePort;
  }

  get icmpType(): number {
    return isIcmp(this.protocol) ? this.#type : OPAQUE;
  }

  get icmpCode(): number {
    return isIcmp(this.protocol) ? this.#code : OPAQUE;
  }

  get mobilityType(): number {
    return isMobility(this.protocol) ? this.#type : OPAQUE;
  }

  /** Local port, or type of ICMP or of the Mobility Header: what a protocol has in the first place. */
  get upperA(): number {
    if (!this.#isRead) this.#read();
    return this.#localPort === OPAQUE ? this.#type : this.#localPort;
  }

  /** Remote port, or code of ICMP. */
  get upperB(): number {
    if (!this.#isRead) this.#read();
    return this.#remotePort === OPAQUE ? this.#code : this.#remotePort;
  }

  get isFragment(): boolean {
    return ip.isFragment(this.octets, this.at, this.end);
  }

  /** In octets; 0 in the first fragment. */
  get fragmentOffset(): number {
    return ip.fragmentOffset(this.octets, this.at, this.end);
  }

  /** A later fragment is of a datagram whose first showed these. */
  show(protocol: number, a: number, b: number): void {
    this.#isRead = true;
    this.#protocol = protocol;
    this.#put2(a, b);
  }

  #put(octets: Uint8Array, at: number, end: number, isOutbound: boolean): this {
    this.octets = octets;
    this.at = at;
    this.end = end;
    this.addressOctets = ip.addressOctets(octets, at);
    const sourceAt = ip.sourceAt(octets, at);
    const destinationAt = sourceAt + this.addressOctets;
    this.localAt = isOutbound ? sourceAt : destinationAt;
    this.remoteAt = isOutbound ? destinationAt : sourceAt;
    this.#isOutbound = isOutbound;
    this.#isRead = false;
    return this;
  }

  #read(): void {
    const { octets, at, end } = this;
    this.#isRead = true;
    this.#protocol = ip.protocol(octets, at, end);
    this.#put2(OPAQUE, OPAQUE);
    if (this.#protocol < 0) return;
    if (ip.isFragment(octets, at, end) && ip.fragmentOffset(octets, at, end) > 0) {
      if (this.addressOctets !== 4 && isHidden(this.#protocol)) this.#protocol = OPAQUE;
      return;
    }
    const upperAt = ip.payloadAt(octets, at, end);
    if (hasPorts(this.#protocol)) {
      if (upperAt + 4 > end) return;
      const source = readU16(octets, upperAt);
      const destination = readU16(octets, upperAt + 2);
      if (this.#isOutbound) this.#put2(source, destination);
      else this.#put2(destination, source);
    } else if (isIcmp(this.#protocol)) {
      if (upperAt + 2 <= end) this.#put2(octets[upperAt] ?? OPAQUE, octets[upperAt + 1] ?? OPAQUE);
    } else if (this.#protocol === UPPER.mobility && upperAt + 3 <= end)
      this.#put2(octets[upperAt + 2] ?? OPAQUE, OPAQUE);
  }

  #put2(a: number, b: number): void {
    const isPorts = hasPorts(this.#protocol);
    this.#localPort = isPorts ? a : OPAQUE;
    this.#remotePort = isPorts ? b : OPAQUE;
    this.#type = isPorts ? OPAQUE : a;
    this.#code = isPorts ? OPAQUE : b;
  }
}

/** Protocols that begin with two ports. */
export function hasPorts(protocol: number): boolean {
  switch (protocol) {
    case PROTOCOL.tcp:
    case PROTOCOL.udp:
    case UPPER.dccp:
    case UPPER.sctp:
    case UPPER.udpLite:
      return true;
    default:
      return false;
  }
}

/** Protocols that begin with a type and a code. */
export function isIcmp(protocol: number): boolean {
  return protocol === PROTOCOL.icmp || protocol === PROTOCOL.icmpv6;
}

/** The one protocol that has a type of the Mobility Header (RFC 6275 §6.1). */
export function isMobility(protocol: number): boolean {
  return protocol === UPPER.mobility;
}

function isHidden(protocol: number): boolean {
  return protocol === HOP_BY_HOP || protocol === ROUTING || protocol === DESTINATION_OPTIONS;
}
