/** A field of a protocol, and the octets that it is. */
export interface Field {
  readonly name: string;
  readonly value: string;
  /** Octets of its buffer, from one to before another. */
  readonly from: number;
  readonly to: number;
  readonly fields?: readonly Field[];
}

/** Octets, and what is read in them. */
export interface Buffer {
  readonly name: string;
  readonly octets: Uint8Array;
  readonly fields: readonly Field[];
}

export type Buffers = readonly Buffer[];
