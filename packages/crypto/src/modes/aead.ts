/** What GCM and ChaCha20-Poly1305 differ in. */
export interface Aead {
  readonly constantTime: boolean;
  /** Takes up a packet whose nonce is the salt and the 8 octets of IV at `iv`. */
  start(view: DataView, iv: number): void;
  /** Encrypts or decrypts in place. */
  crypt(view: DataView, from: number, to: number): void;
  /** Absorbs whole blocks of 16 octets into the authenticator. */
  absorb(view: DataView, from: number, to: number): void;
  /** Writes the block of both lengths in octets. */
  writeLengths(view: DataView, at: number, aadOctets: number, octets: number): void;
  /** Writes the 16 octets of the tag. */
  writeTag(view: DataView, at: number): void;
  wipe(): void;
}
