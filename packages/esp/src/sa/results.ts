import type { Refused } from './refusals.ts';

/** A packet that was sealed. Reused: valid until the SA's next call. */
export interface Sealed {
  readonly ok: true;
  /** Where in `out` the packet begins: at its outer IP header, or at its SPI where no outer header is configured. */
  readonly offset: number;
  /** Octets of the packet. */
  readonly length: number;
  /** A new view of the packet in `out`. */
  readonly octets: Uint8Array;
}

/** A packet that was opened. Reused: valid until the SA's next call. */
export interface Opened {
  readonly ok: true;
  /** Where in `out` the IP packet begins. */
  readonly offset: number;
  /** Octets of the IP packet. */
  readonly length: number;
  /** What ESP carried: in tunnel mode 4 for IPv4, 41 for IPv6; in transport mode the protocol behind its header. */
  readonly nextHeader: number;
  /** A new view of the IP packet in `out`. */
  readonly octets: Uint8Array;
}

/** What became of a packet given to `sealInto`; `ok` tells which. */
export type SealResult = Sealed | Refused;
/** What became of a packet given to `openInto`; `ok` tells which. */
export type OpenResult = Opened | Refused;

const NOWHERE = new Uint8Array(0);

/** The one result that an SA hands out again and again. */
export class Placement implements Sealed, Opened {
  readonly ok = true;
  offset = 0;
  length = 0;
  nextHeader = 0;
  #memory: Uint8Array = NOWHERE;

  get octets(): Uint8Array {
    return this.#memory.subarray(this.offset, this.offset + this.length);
  }

  place(memory: Uint8Array, offset: number, length: number, nextHeader: number): this {
    this.#memory = memory;
    this.offset = offset;
    this.length = length;
    this.nextHeader = nextHeader;
    return this;
  }
}
