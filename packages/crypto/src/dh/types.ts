/** MODP groups by their IKE number (RFC 2409 §6, RFC 3526). */
export type DhGroupNumber = 1 | 2 | 5 | 14 | 15 | 16;

/** One party's side of a Diffie-Hellman exchange. */
export interface DhKeyPair {
  readonly group: DhGroupNumber;
  /** g^x, left-padded with zeros to the length of the group (RFC 2409 §5). */
  readonly publicValue: Uint8Array;
  /**
   * g^xy, left-padded to the length of the group; undefined where the peer's value has a wrong length or is not
   * strictly between 1 and p - 1 (RFC 2412 §2, RFC 6989 §2.1).
   */
  agree(peerPublicValue: Uint8Array): Uint8Array | undefined;
  /** Forgets the private value. `agree` throws TypeError afterwards. */
  wipe(): void;
}
