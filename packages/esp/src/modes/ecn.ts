/** Explicit Congestion Notification: the two low bits of the TOS octet or traffic class (RFC 3168 §5). */
const ECN_MASK = 3;
const NOT_ECT = 0;
const ECT_1 = 1;
const ECT_0 = 2;
const CE = 3;

/** TOS of the outer header: ECN as inside (RFC 6040 §4.1, normal mode), DSCP as inside or fixed (RFC 4301 §5.1.2). */
export function outerTos(innerTos: number, dscp: number | 'copy'): number {
  return dscp === 'copy' ? innerTos : (dscp << 2) | (innerTos & ECN_MASK);
}

/** TOS of the inner header after decapsulation (RFC 6040 §4.2, figure 4); -1 where the packet must be dropped. */
export function decapsulatedTos(innerTos: number, outerTos: number): number {
  const inner = innerTos & ECN_MASK;
  const outer = outerTos & ECN_MASK;
  if (outer === CE) return inner === NOT_ECT ? -1 : innerTos | CE;
  if (outer === ECT_1 && inner === ECT_0) return (innerTos & ~ECN_MASK) | ECT_1;
  return innerTos;
}
