/** A header that was read on the way to what is carried. */
export interface SeenLayer {
  /** For people. */
  readonly name: string;
  /** Octets from the beginning of the frame; -1 where what it is in came in several frames, or in another packet. */
  readonly at: number;
}

/** What of IPsec a packet carries. */
export type Carried = CarriedWhere &
  (
    | { readonly kind: 'isakmp' }
    /** From its SPI on. */
    | { readonly kind: 'esp'; readonly encapsulation: 'ip' | 'udp' | 'tcp' }
    /** From its next header on; what it protects follows by itself. */
    | { readonly kind: 'ah' }
    | { readonly kind: 'keepalive' }
    /** An error about any of those. `octets`: the message. */
    | { readonly kind: 'icmp'; readonly error: IcmpError }
  );

export interface CarriedWhere {
  /** `address:port`, `[address]:port` of IPv6, or an address where there are no ports. */
  readonly source: string;
  readonly destination: string;
  /** Addresses alone. */
  readonly from: string;
  readonly to: string;
  readonly octets: Uint8Array;
  /** Where they begin in the frame; undefined where they came in several, or out of another packet. */
  readonly at: number | undefined;
  /** Those of IP in front, extension headers too: what AH covers, and what transport mode leaves. Undefined of a mere datagram. */
  readonly headers: Uint8Array | undefined;
  /** Octets that are missing behind them: the snap length of the capture has cut them off. */
  readonly missing: number;
  readonly layers: readonly SeenLayer[];
  /** What is odd about it, and was read all the same. */
  readonly notes: readonly string[];
}

/** What a router, or the other end, says of a packet that it has not passed on (RFC 792, RFC 4443). */
export interface IcmpError {
  /** For people, for example `destination unreachable: fragmentation needed, MTU 1400`. */
  readonly text: string;
  /** The MTU that it asks for; undefined where it asks for none. */
  readonly mtu: number | undefined;
  /** Of the packet that it quotes: as of what is carried. */
  readonly source: string;
  readonly destination: string;
  readonly quoted: 'isakmp' | 'esp' | 'ah' | 'udp';
  /** Of the quoted packet; undefined where the quote ends before it. */
  readonly spi: number | undefined;
}

/** Why nothing of a frame, or of a packet in it, was read: frames with the same words count together. */
export interface Unread {
  readonly why: string;
  /**
   * `other`: no IPsec, as far as its headers tell; `not-understood`: there may be; `cut`: the snap length has cut it off;
   * `incomplete`: what waits for fragments or segments that were not captured; `malformed`: its headers contradict each other.
   */
  readonly kind: 'other' | 'not-understood' | 'cut' | 'incomplete' | 'malformed';
}

/** All that was found in one frame. */
export interface Found {
  readonly carried: readonly Carried[];
  readonly unread: readonly Unread[];
}
