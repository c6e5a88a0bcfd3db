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
