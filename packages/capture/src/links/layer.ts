/** Who says what comes next, and with which numbers. */
export type Registry =
  /** LINKTYPE_* (https://www.tcpdump.org/linktypes.html). */
  | 'link-type'
  /** https://www.iana.org/assignments/ieee-802-numbers */
  | 'ether-type'
  /** Protocols of PPP (RFC 1661 §2). */
  | 'ppp'
  /** https://www.iana.org/assignments/protocol-numbers */
  | 'protocol'
  /** A destination port of UDP. */
  | 'udp-port';

/** Where a layer is found, or what it says that it carries. */
export type Key = readonly [Registry, number];

/** What a layer says of what lies in it. */
export type Inside =
  /** Something that a registry numbers, from `at` on; up to `end` where the layer says so itself. */
  | { readonly key: Key; readonly at: number; readonly end?: number }
  /** An IP packet of either family, from `at` on. */
  | { readonly ip: true; readonly at: number; readonly end?: number; readonly note?: string }
  /** Nothing that could be read on. */
  | { readonly stop: string };

/** One header in front of IP: a link's, or a tunnel's. One file each; `layers.ts` lists them. */
export interface Layer {
  /** For people. */
  readonly name: string;
  readonly found: readonly Key[];
  /**
   * What is inside, of octets that lie from `at` to `end`. It may read past the end, where everything is zero: what begins
   * behind it is taken for cut off.
   */
  read(octets: Uint8Array, at: number, end: number): Inside;
}
