/** One captured frame. */
export interface Frame {
  /** Position in the file, from 1, as Wireshark counts. */
  readonly number: number;
  /** Seconds since 1970; 0 where the file does not say. */
  readonly time: number;
  /** LINKTYPE_* of the interface, for example 1 for Ethernet. */
  readonly linkType: number;
  /** What was captured: a view of what the reader was given where it lay there whole. */
  readonly octets: Uint8Array;
  /** Octets that went by: more than `octets` has where a snap length has cut it. */
  readonly originalOctets: number;
  /** Which of the file's interfaces, from 0, counted over all sections. */
  readonly interfaceId: number;
  /** Octets from the beginning of the file, decompressed, to the first of `octets`: where they can be read again. */
  readonly offset: number;
}

/** Where reading a file ended, and why. */
export interface CaptureFault {
  /** Octets from the beginning of the file, decompressed, to what could not be read. */
  readonly offset: number;
  readonly reason: string;
}
