/** The parts of a TOS octet or traffic class (RFC 2474 §3, RFC 3168 §5). */
const DSCP_MASK = 0xfc;
const ECN_MASK = 3;
const NOT_ECT = 0;
const ECT_1 = 1;
const ECT_0 = 2;
const CE = 3;

/** What a packet out of a tunnel has for a DSCP: its own, or that of the outer header (RFC 2983 §3). */
export type DscpInside = 'keep' | 'copy';

/** TOS of the outer header: DSCP as inside or fixed (RFC 4301 §5.1.2), ECN as inside or none (RFC 6040 §4.1). */
export class OuterTos {
  /** Bits that come from inside, and those that do not. */
  readonly #mask: number;
  readonly #fixed: number;

  constructor(dscp: number | 'copy', ecn: 'normal' | 'compatibility') {
    this.#mask = (dscp === 'copy' ? ~ECN_MASK & 0xff : 0) | (ecn === 'normal' ? ECN_MASK : 0);
    this.#fixed = dscp === 'copy' ? 0 : dscp << 2;
  }

  around(innerTos: number): number {
    return (innerTos & this.#mask) | this.#fixed;
  }
}

/** TOS of the inner header after decapsulation (RFC 6040 §4.2, figure 4); -1 where the packet must be dropped. */
export function decapsulatedTos(innerTos: number, outerTos: number): number {
  const inner = innerTos & ECN_MASK;
  const outer = outerTos & ECN_MASK;
  if (outer === CE) return inner === NOT_ECT ? -1 : innerTos | CE;
  if (outer === ECT_1 && inner === ECT_0) return (innerTos & ~ECN_MASK) | ECT_1;
  return innerTos;
}

/** The same, with the DSCP of the outer header. */
export function decapsulatedWithDscp(innerTos: number, outerTos: number): number {
  return decapsulatedTos((outerTos & DSCP_MASK) | (innerTos & ECN_MASK), outerTos);
}
