/** What HMAC must know of a hash: its compression function, and how a message is padded to whole blocks. */
export interface Digest {
  /** Octets of the result. */
  readonly octets: number;
  readonly blockOctets: number;
  /** Octets of the message's length at the end of the last block. */
  readonly lengthOctets: number;
  /** The order of octets in words; MD5 alone has the least significant first. */
  readonly littleEndian: boolean;
  /** The chaining value before the first block. */
  readonly initial: readonly number[];
  /** Absorbs the block at `at` into the chaining value. */
  compress(state: Int32Array, view: DataView, at: number): void;
}
