import type { AhSuite, EspKeys, EspSuite } from '@espalier/crypto';

/** What is known of one IKE SA: whatever of these there is. Tables of Wireshark hold the cookie and the cipher's key. */
export interface IkeSaKeys {
  /** Lower-case hexadecimal, 16 digits. */
  readonly initiatorCookie: string;
  /** The key of the cipher (RFC 2409 Appendix B). */
  readonly encryption?: Uint8Array;
  readonly skeyid?: Uint8Array;
  readonly skeyidD?: Uint8Array;
  readonly skeyidA?: Uint8Array;
  readonly skeyidE?: Uint8Array;
  /** g^xy, as long as the group says. */
  readonly sharedSecret?: Uint8Array;
}

/** What is known of one direction of an SA beside its keys. */
export interface SaKeys {
  /** Undefined for any. */
  readonly spi: number | undefined;
  /** Which addresses it is between: as key tables write them. */
  readonly source: string;
  readonly destination: string;
  /** As the file names the algorithms. */
  readonly algorithms: string;
  /** 64 bits of sequence number; undefined where the file does not say. */
  readonly esn: boolean | undefined;
  /** The high half that it begins with. */
  readonly sequenceHigh: number | undefined;
}

/** The keys of one direction of an AH SA. */
export interface AhSaKeys extends SaKeys {
  /** None where the library has no such suite. */
  readonly suites: readonly { readonly suite: AhSuite; readonly key: Uint8Array }[];
}

/** The keys of one direction of an ESP SA. */
export interface EspSaKeys extends SaKeys {
  /** What they may mean: more than one where the file leaves the ICV open. None where the library has no such suite. */
  readonly suites: readonly { readonly suite: EspSuite; readonly keys: EspKeys }[];
  /** The file says that the ICV cannot be checked: so many octets of it are passed over; 0 where there is none. */
  readonly uncheckedIcvOctets: number | undefined;
}

/** All keys for a capture. */
export interface KeyRing {
  readonly ike: readonly IkeSaKeys[];
  readonly esp: readonly EspSaKeys[];
  readonly ah: readonly AhSaKeys[];
  readonly preSharedKeys: readonly Uint8Array[];
  /** Private values of Diffie-Hellman, of either side: which group and exchange they are of shows by their public values. */
  readonly dhPrivateValues: readonly Uint8Array[];
  /** What was passed over in key files, for people; never keys. */
  readonly notes: readonly string[];
}

export const NO_KEYS: KeyRing = { ike: [], esp: [], ah: [], preSharedKeys: [], dhPrivateValues: [], notes: [] };
