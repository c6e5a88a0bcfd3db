import { type DecodedPayload, ENCAPSULATION_MODE, type NatDiscoveryPayload, PAYLOAD, VENDOR_ID } from '@espalier/wire';
import { hasVendorId } from '../v1/vendor-ids.ts';

/** One published form of NAT traversal: they differ in their numbers. */
export interface NatMethod {
  /** In hexadecimal. */
  readonly vendorId: string;
  /** Payload type of NAT-D. */
  readonly discovery: NatDiscoveryPayload['type'];
  /** Encapsulation Mode of ESP in UDP, tunnel mode. */
  readonly udpTunnel: number;
}

const { natD, natDDraft } = PAYLOAD;
const { udpTunnel, udpTunnelDraft } = ENCAPSULATION_MODE;

/** In order of preference: RFC 3947, then draft-ietf-ipsec-nat-t-ike-03 and -02. */
export const NAT_METHODS: readonly NatMethod[] = [
  { vendorId: VENDOR_ID.natTraversal, discovery: natD, udpTunnel },
  { vendorId: VENDOR_ID.natTraversalDraft03, discovery: natDDraft, udpTunnel: udpTunnelDraft },
  { vendorId: VENDOR_ID.natTraversalDraft02LineFeed, discovery: natDDraft, udpTunnel: udpTunnelDraft },
  { vendorId: VENDOR_ID.natTraversalDraft02, discovery: natDDraft, udpTunnel: udpTunnelDraft },
];

/** The first that the peer names too; undefined where it names none (RFC 3947 §3.1). */
export function chooseNatMethod(payloads: readonly DecodedPayload[]): NatMethod | undefined {
  return NAT_METHODS.find(({ vendorId }) => hasVendorId(payloads, vendorId));
}
