/**
 * What deployed peers do that an RFC has otherwise, and that is taken all the same: it decides no key, no hash and nobody's
 * identity. Each is counted, told once of a peer (the event 'tolerated'), and can be switched off by its name.
 */
export const TOLERANCES = [
  /** Zero octets behind a message, which some Cisco clients send: those of its Length are taken (RFC 2408 §5.1). */
  'zeros-behind-message',
  /**
   * Payloads 15 and 16, in which the drafts 04 to 08 of NAT traversal have NAT-D and NAT-OA: read where one of these was agreed on,
   * else passed over (RFC 2408 §5.4).
   */
  'draft-payloads',
  /** The encryption flag in the header of a fragment, which is in clear, as racoon has it (RFC 2408 §3.1). */
  'fragment-said-encrypted',
  /** AES without a Key Length is AES with 128 bits, where those are allowed (RFC 3602 §5.3, RFC 2409 Appendix A). */
  'key-length-missing',
  /** A Group Type beside the group's number, where it is the group's own: it says nothing more (RFC 2409 Appendix A). */
  'group-type',
  /** Several proposals of ISAKMP, or several of one protocol under one number: each is a choice (RFC 2409 §5, RFC 2408 §4.2). */
  'proposals-alike',
  /** Transforms of several groups in Aggressive Mode: those of another group than KE's are left out (RFC 2409 §5). */
  'groups-mixed',
  /** A responder that answers with its own lifetime, or with none: the shorter is used (RFC 2409 §5, RFC 2407 §4.5). */
  'lifetime-changed',
  /** A lifetime of zero is none at all (RFC 2407 §4.5). */
  'lifetime-zero',
  /** A lifetime too short to live with is raised (RFC 2407 §4.5). */
  'lifetime-raised',
  /** Perfect forward secrecy that a peer asks for and the policy does not: it costs an exchange more (RFC 2409 §5.5). */
  'pfs-unasked',
  /** The same addresses in other words: a host as a subnet, a subnet as a range, host bits set (RFC 2407 §4.6.2). */
  'addresses-respelled',
  /** An offer for a part of what the policy is for: the child is for that part (RFC 2409 §5.5). */
  'identities-narrowed',
  /** The same name with other capitals (RFC 2407 §4.6.2.3). */
  'name-case',
  /**
   * Behind a NAT, a peer known by its address alone that says the one it has itself (RFC 2407 §4.6.2, RFC 3947 §4): only
   * where a shared key or the one configured key proves who it is, never where its key comes from a certificate.
   */
  'private-identity',
  /** In transport mode behind a NAT, a name in the place of the peer's address, as Windows has it (RFC 3947 §5.2). */
  'name-for-address',
  /** In transport mode, a port returned as any, or as L2TP's, instead of the other (RFC 2409 §5.5). */
  'port-returned',
  /** A fourth message of Quick Mode, with CONNECTED, as Windows, racoon and z/OS have it (RFC 2409 §5.5, RFC 2408 §3.1). */
  'fourth-quick-message',
  /** A Delete with the SPI of its receiver, as Cisco has it (RFC 2408 §3.15). */
  'delete-of-receivers-spi',
  /** A refusal with an SPI that nobody offered, while one Quick Mode alone awaits its answer (RFC 2408 §3.14). */
  'refusal-of-unknown-spi',
  /** An identity of phase 1 for UDP and port 0 or 4500, in the place of 0 and 0, or of UDP and 500 (RFC 2407 §4.6.2). */
  'identity-port',
  /** R-U-THERE, or its answer, with the cookies in the other order, with others, with zeros or without any (RFC 3706 §5.3). */
  'probe-spi',
  /** R-U-THERE with a number that is not above that of the last one, as of a peer that has restarted (RFC 3706 §6.2). */
  'probe-sequence',
  /** INITIAL-CONTACT with the SPI of another IKE SA, where a hash covers it, with zeros or without any (RFC 2407 §4.6.3.3). */
  'initial-contact-spi',
  /** INVALID-SPI with the SPI among its data, as RFC 7296 has it (RFC 2408 §3.14.1). */
  'invalid-spi-in-data',
  /** A Delete of another DOI than IPsec's, such as 0 (RFC 2408 §3.15). */
  'delete-doi',
  /** NULs behind a password, or another secret, of XAuth: they are none of it (draft-beaulieu-ike-xauth-02 §6.2). */
  'password-nuls',
  /**
   * Texts of XAuth, and the version of an application, in UTF-8 or Latin-1 instead of ASCII (draft-beaulieu-ike-xauth-02 §6,
   * draft-dukes-ike-mode-cfg-02 §3.4).
   */
  'text-not-ascii',
  /** A length of prefix behind an address of IPv6, as RFC 7296 has it (draft-dukes-ike-mode-cfg-02 §3.4). */
  'prefix-behind-address',
  /** Up to three zero octets behind the attributes of a configuration, as libreswan has it (draft-dukes-ike-mode-cfg-02 §3.2). */
  'zeros-behind-attributes',
  /** More than a request and its reply under one message ID, each with the IV that follows (draft-dukes-ike-mode-cfg-02 §3). */
  'transactions-under-one-id',
] as const;

/** Something that is taken though an RFC has it otherwise. */
export type Tolerance = (typeof TOLERANCES)[number];

/** Those that come before it is known whose message it is: nobody can switch them off. */
type Nameless = 'zeros-behind-message' | 'draft-payloads' | 'fragment-said-encrypted';
const NAMELESS: readonly Tolerance[] = ['zeros-behind-message', 'draft-payloads', 'fragment-said-encrypted'];

/** One that a peer's configuration may switch off. */
export type PeerTolerance = Exclude<Tolerance, Nameless>;
export const PEER_TOLERANCES: readonly PeerTolerance[] = TOLERANCES.filter(isOfPeer);

/** What one peer is forgiven. */
export type Leniency = ReadonlySet<PeerTolerance>;

export const LENIENT: Leniency = new Set(PEER_TOLERANCES);

/** Everything but what is switched off. */
export function leniencyOf(tolerances: Partial<Record<PeerTolerance, boolean>> = {}): Leniency {
  if (Object.keys(tolerances).length === 0) return LENIENT;
  return new Set(PEER_TOLERANCES.filter((tolerance) => tolerances[tolerance] !== false));
}

/** Whether a peer is forgiven all of these. */
export function areAllowed(tolerated: readonly Tolerance[], { leniency }: { readonly leniency: Leniency }): boolean {
  return tolerated.every((tolerance) => !isOfPeer(tolerance) || leniency.has(tolerance));
}

function isOfPeer(tolerance: Tolerance): tolerance is PeerTolerance {
  return !NAMELESS.includes(tolerance);
}
