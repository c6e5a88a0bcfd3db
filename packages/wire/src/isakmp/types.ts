/**
 * ISAKMP messages as values (RFC 2408 §3, RFC 2407 §4.6, RFC 3947 §3.2 and §5.2, draft-dukes-ike-mode-cfg-02 §3).
 * Decoded octet fields are views of the datagram; whoever keeps one past the call copies it.
 */

/** The fixed header, 28 octets (RFC 2408 §3.1). */
export interface IsakmpHeader {
  /** 8 octets. */
  readonly initiatorCookie: Uint8Array;
  /** 8 octets; all zero in the first message only. */
  readonly responderCookie: Uint8Array;
  readonly nextPayload: number;
  readonly majorVersion: number;
  readonly minorVersion: number;
  readonly exchange: number;
  /** Bit set of `FLAG`. */
  readonly flags: number;
  /** 0 in phase 1. */
  readonly messageId: number;
  /** Octets of the whole message, header included. */
  readonly length: number;
}

/** What every decoded payload has beside its own fields. */
export interface PayloadOctets {
  /** The payload as received: generic header (4 octets) and body. */
  readonly raw: Uint8Array;
  /** The body as received, generic header excluded: the `_b` of RFC 2409 §3.2. */
  readonly body: Uint8Array;
}

/** A TV attribute carries a 16-bit number, a TLV attribute octets (RFC 2408 §3.3). */
export interface Attribute {
  readonly type: number;
  readonly value: number | Uint8Array;
}

/** RFC 2408 §3.6. */
export interface Transform {
  readonly number: number;
  readonly id: number;
  readonly attributes: readonly Attribute[];
}

/** RFC 2408 §3.5. Proposals with the same number are a conjunction, with different numbers a choice. */
export interface Proposal {
  readonly number: number;
  readonly protocol: number;
  /** 0 to 16 octets. */
  readonly spi: Uint8Array;
  readonly transforms: readonly Transform[];
}

/** RFC 2408 §3.4. */
export interface SaPayload {
  readonly kind: 'sa';
  readonly doi: number;
  /** Bit set; SIT_IDENTITY_ONLY is 1 (RFC 2407 §4.2). */
  readonly situation: number;
  readonly proposals: readonly Proposal[];
}

/** RFC 2408 §3.7: the public value, left-padded to the length of the group. */
export interface KeyExchangePayload {
  readonly kind: 'ke';
  readonly data: Uint8Array;
}

/** RFC 2408 §3.8, RFC 2407 §4.6.2. */
export interface Identification {
  /** ID_IPV4_ADDR = 1, ID_FQDN = 2, ... */
  readonly idType: number;
  /** IP protocol; 0 for any. */
  readonly protocol: number;
  /** UDP or TCP port; 0 for any. */
  readonly port: number;
  readonly data: Uint8Array;
}

/** RFC 2408 §3.8, RFC 2407 §4.6.2: the payload that carries an `Identification`. */
export interface IdentificationPayload extends Identification {
  readonly kind: 'id';
}

/** RFC 2408 §3.9. */
export interface CertificatePayload {
  readonly kind: 'cert';
  readonly encoding: number;
  readonly data: Uint8Array;
}

/** RFC 2408 §3.10. */
export interface CertificateRequestPayload {
  readonly kind: 'cert-request';
  readonly encoding: number;
  readonly authority: Uint8Array;
}

/** RFC 2408 §3.11. */
export interface HashPayload {
  readonly kind: 'hash';
  readonly data: Uint8Array;
}

/** RFC 2408 §3.12. */
export interface SignaturePayload {
  readonly kind: 'signature';
  readonly data: Uint8Array;
}

/** RFC 2408 §3.13. */
export interface NoncePayload {
  readonly kind: 'nonce';
  readonly data: Uint8Array;
}

/** RFC 2408 §3.14, RFC 2407 §4.6.3. */
export interface NotificationPayload {
  readonly kind: 'notification';
  readonly doi: number;
  readonly protocol: number;
  readonly notifyType: number;
  /** 0 to 16 octets. */
  readonly spi: Uint8Array;
  readonly data: Uint8Array;
}

/** RFC 2408 §3.15. All SPIs of one payload have the same length. */
export interface DeletePayload {
  readonly kind: 'delete';
  readonly doi: number;
  readonly protocol: number;
  readonly spiOctets: number;
  readonly spis: readonly Uint8Array[];
}

/** RFC 2408 §3.16. */
export interface VendorIdPayload {
  readonly kind: 'vendor-id';
  readonly data: Uint8Array;
}

/** RFC 3947 §3.2; `type` is 20, or 130 in the drafts. */
export interface NatDiscoveryPayload {
  readonly kind: 'nat-d';
  readonly type: 20 | 130;
  readonly hash: Uint8Array;
}

/** RFC 3947 §5.2; `type` is 21, or 131 in the drafts. */
export interface NatOriginalAddressPayload {
  readonly kind: 'nat-oa';
  readonly type: 21 | 131;
  /** ID_IPV4_ADDR = 1 or ID_IPV6_ADDR = 5. */
  readonly idType: number;
  readonly address: Uint8Array;
}

/** draft-dukes-ike-mode-cfg-02 §3.2: what Mode Config and XAuth say. */
export interface ConfigurationPayload {
  readonly kind: 'configuration';
  /** One of `CONFIGURATION_TYPE`. */
  readonly type: number;
  /** Tells transactions apart beside the message ID. */
  readonly identifier: number;
  readonly attributes: readonly Attribute[];
  /** Zeros behind the attributes, 1 to 3 octets; default none. */
  readonly padding?: number;
}

/** A payload of a type without a codec here: it passes as its type and octets. */
export interface UnknownPayload {
  readonly kind: 'unknown';
  readonly type: number;
  readonly data: Uint8Array;
}

/** A payload as a caller writes it. */
export type Payload =
  | SaPayload
  | KeyExchangePayload
  | IdentificationPayload
  | CertificatePayload
  | CertificateRequestPayload
  | HashPayload
  | SignaturePayload
  | NoncePayload
  | NotificationPayload
  | DeletePayload
  | VendorIdPayload
  | NatDiscoveryPayload
  | NatOriginalAddressPayload
  | ConfigurationPayload
  | UnknownPayload;

/** A payload as it was received. */
export type DecodedPayload = Payload & PayloadOctets;

/** The chain of payloads of one message or of one decrypted body. */
export interface DecodedPayloads {
  readonly payloads: readonly DecodedPayload[];
  /** Octets of the chain; what follows in a decrypted body is padding (RFC 2409 Appendix B). */
  readonly length: number;
}
