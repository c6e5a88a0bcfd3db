/** Vectors for implementers in any language, as the JSON in `vectors/` holds them: octets in lower-case hexadecimal. */

/** What a receiver is to make of something; `reason` is the word that this library has for it. */
export type Expected = { readonly verdict: 'take' } | { readonly verdict: 'refuse'; readonly reason: string };

interface Named {
  readonly name: string;
  readonly clause: string;
  /** What the clause asks for; absent where nothing is wrong. */
  readonly says?: string;
}

/** One structure, without keys. */
export interface WireVector extends Named {
  readonly structure: string;
  readonly octets: string;
  readonly expect: Expected;
}

/** One packet through an SA that has taken those before it. */
export interface EspVector extends Named {
  readonly suite: string;
  readonly keys: { readonly encryption: string; readonly salt: string; readonly integrity: string };
  readonly spi: number;
  readonly mode: 'tunnel' | 'transport';
  /** Octets in front of the SPI: in transport mode the IP header, in tunnel mode none. */
  readonly outerOctets: number;
  /** Of the anti-replay window. */
  readonly window: number;
  /** Packets after which the SA is over; absent where it has no bound. */
  readonly packets?: number;
  /** TOS octet or traffic class of the outer header. */
  readonly outerTos: number;
  readonly before: readonly string[];
  readonly packet: string;
  /** The IP packet that comes of it, where it is taken. */
  readonly inner?: string;
  readonly expect: Expected;
}

/** One packet to be sealed by an SA that has sealed the same `before` times. */
export interface EspOutboundVector extends Named {
  readonly suite: string;
  readonly keys: EspVector['keys'];
  readonly spi: number;
  readonly mode: 'tunnel';
  readonly esn: boolean;
  /** Of the first packet that this SA seals, in decimal. */
  readonly firstSequence: string;
  readonly before: number;
  /** The IP packet, which goes on with so many `zeros`. */
  readonly inner: string;
  readonly zeros?: number;
  /** As it is in the packet; another may be drawn where the suite draws it. */
  readonly iv?: string;
  /** What comes of it, where it is taken. */
  readonly packet?: string;
  readonly expect: Expected;
}

/** A datagram that the endpoint is given, or that it sends itself. */
export interface Passed {
  /** Milliseconds. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly octets: string;
  /** Of one that the endpoint is given: whether it takes it. Absent of those that it sends. */
  readonly taken?: boolean;
}

/** What whoever runs the endpoint says when it asks: `none`: there is no such thing. */
export interface Answers {
  /** For the key that is shared with the peer. */
  readonly sharedKey?: 'none';
  /** For its own signature. */
  readonly signature?: 'none';
  /** For the peer's key: that its certificates are not believed, or a key of RSA in hexadecimal. */
  readonly peersKey?: 'none' | { readonly modulus: string; readonly exponent: string };
}

/** One datagram to an IKE endpoint that was given those before it. */
export interface IkeVector extends Named {
  readonly role: 'initiator' | 'responder';
  /** How the endpoint is configured: pre-shared key in ASCII, what it takes, its policy. */
  readonly configuration: Readonly<Record<string, unknown>>;
  /** Seeds the endpoint's cookie, nonce and private value; another implementation takes the keys instead. */
  readonly seed: number;
  readonly before: readonly Passed[];
  readonly datagram: Passed;
  /** Of the IKE SA, once there are any. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Absent where nothing is asked. */
  readonly answers?: Answers;
  readonly expect: Expected;
}

/** A peer's chain in DER, its own certificate first, and what is known of it besides. */
export interface PkiVector extends Named {
  readonly trustAnchor: string;
  /** What is asked for; absent where it is not asked what has been revoked. */
  readonly policy?: { readonly revocation: 'off' | 'required'; readonly certificatePolicies?: readonly string[] };
  /** In DER. */
  readonly crls?: readonly string[];
  readonly ocspResponses?: readonly string[];
  readonly chain: readonly string[];
  /** Zero octets behind the last of the chain; absent where there are none. */
  readonly zeros?: number;
  /** The body of the identification payload. */
  readonly identity: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly expect: Expected;
}

/** What one file holds. */
export interface VectorFile<Vector> {
  readonly format: 'espalier-vectors';
  readonly version: 1;
  readonly about: string;
  readonly vectors: readonly Vector[];
}

export function fileOf<Vector>(about: string, vectors: readonly Vector[]): VectorFile<Vector> {
  return { format: 'espalier-vectors', version: 1, about, vectors };
}
