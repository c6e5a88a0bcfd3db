import {
  type DecodedPayload,
  ENCAPSULATION_MODE,
  type NatDiscoveryPayload,
  type NatOriginalAddressPayload,
  PAYLOAD,
  VENDOR_ID,
} from '@espalier/wire';
import { hasVendorId } from '../v1/vendor-ids.ts';

/** One published form of NAT traversal: they differ in their numbers. */
export interface NatMethod {
  /** In hexadecimal. */
  readonly vendorId: string;
  /** Before RFC 3947, whose numbers are of the private range. */
  readonly isDraft: boolean;
  /** Payload type of NAT-D. */
  readonly discovery: NatDiscoveryPayload['type'];
  /** Payload type of NAT-OA. */
  readonly originalAddress: NatOriginalAddressPayload['type'];
  /** Encapsulation Modes of ESP in UDP. */
  readonly udpTunnel: number;
  readonly udpTransport: number;
}

type Numbers = Omit<NatMethod, 'vendorId'>;

const { udpTunnel, udpTransport, udpTunnelDraft, udpTransportDraft } = ENCAPSULATION_MODE;

const RFC: Numbers = {
  isDraft: false,
  discovery: PAYLOAD.natD,
  originalAddress: PAYLOAD.natOa,
  udpTunnel,
  udpTransport,
};
const DRAFTS: Numbers = {
  isDraft: true,
  discovery: PAYLOAD.natDDraft,
  originalAddress: PAYLOAD.natOaDraft,
  udpTunnel: udpTunnelDraft,
  udpTransport: udpTransportDraft,
};

/** In order of preference: RFC 3947, then draft-ietf-ipsec-nat-t-ike-03 and -02. */
export const NAT_METHODS: readonly NatMethod[] = [
  { vendorId: VENDOR_ID.natTraversal, ...RFC },
  { vendorId: VENDOR_ID.natTraversalDraft03, ...DRAFTS },
  { vendorId: VENDOR_ID.natTraversalDraft02LineFeed, ...DRAFTS },
  { vendorId: VENDOR_ID.natTraversalDraft02, ...DRAFTS },
];

/** The first that the peer names too; undefined where it names none (RFC 3947 §3.1). */
export function chooseNatMethod(payloads: readonly DecodedPayload[]): NatMethod | undefined {
  return NAT_METHODS.find(({ vendorId }) => hasVendorId(payloads, vendorId));
}
