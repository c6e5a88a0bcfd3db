import {
  type DecodedPayload,
  ENCAPSULATION_MODE,
  type NatDiscoveryPayload,
  type NatOriginalAddressPayload,
  PAYLOAD,
  VENDOR_ID,
} from '@espalier/wire';
import type { NatTraversalForm, Role } from '../types.ts';
import { hasVendorId } from '../v1/vendor-ids.ts';

/** One published form of NAT traversal: they differ in their numbers, and in whether they have a port of their own. */
export interface NatMethod {
  readonly form: NatTraversalForm;
  /** In hexadecimal. */
  readonly vendorId: string;
  /** Before RFC 3947, whose numbers are of the private range. */
  readonly isDraft: boolean;
  /** Whether IKE goes on at port 4500 once a NAT is found. Else ESP comes to its port, behind the non-IKE marker. */
  readonly floats: boolean;
  /** Payload type of NAT-D. */
  readonly discovery: NatDiscoveryPayload['type'];
  /** Payload type of NAT-OA. */
  readonly originalAddress: NatOriginalAddressPayload['type'];
  /** Encapsulation Modes of ESP in UDP. */
  readonly udpTunnel: number;
  readonly udpTransport: number;
}

type Numbers = Omit<NatMethod, 'form' | 'vendorId'>;

const { udpTunnel, udpTransport, udpTunnelDraft, udpTransportDraft } = ENCAPSULATION_MODE;

const RFC: Numbers = {
  isDraft: false,
  floats: true,
  discovery: PAYLOAD.natD,
  originalAddress: PAYLOAD.natOa,
  udpTunnel,
  udpTransport,
};
const DRAFTS: Numbers = {
  isDraft: true,
  floats: true,
  discovery: PAYLOAD.natDDraft,
  originalAddress: PAYLOAD.natOaDraft,
  udpTunnel: udpTunnelDraft,
  udpTransport: udpTransportDraft,
};

const DRAFTS_AT_IKE_PORT: Numbers = { ...DRAFTS, floats: false };

/** In order of preference: RFC 3947, then draft-ietf-ipsec-nat-t-ike-03 to -00. */
export const NAT_METHODS: readonly NatMethod[] = [
  { form: 'rfc-3947', vendorId: VENDOR_ID.natTraversal, ...RFC },
  { form: 'draft-03', vendorId: VENDOR_ID.natTraversalDraft03, ...DRAFTS },
  { form: 'draft-02', vendorId: VENDOR_ID.natTraversalDraft02LineFeed, ...DRAFTS },
  { form: 'draft-02', vendorId: VENDOR_ID.natTraversalDraft02, ...DRAFTS },
  { form: 'draft-01', vendorId: VENDOR_ID.natTraversalDraft01, ...DRAFTS_AT_IKE_PORT },
  { form: 'draft-00', vendorId: VENDOR_ID.natTraversalDraft00, ...DRAFTS_AT_IKE_PORT },
];

/** Those that are offered unless a peer's configuration says which: one that knows more is not tempted to use less. */
const OFFERED: readonly NatMethod[] = NAT_METHODS.filter(({ floats }) => floats);

/** What is spoken of with a peer in a role: by default all that is known is answered. */
export function natMethodsFor(forms: readonly NatTraversalForm[] | undefined, role: Role): readonly NatMethod[] {
  if (forms !== undefined) return forms.flatMap((form) => NAT_METHODS.filter((method) => method.form === form));
  return role === 'initiator' ? OFFERED : NAT_METHODS;
}

/** The first that the peer names too; undefined where it names none (RFC 3947 §3.1). */
export function chooseNatMethod(
  methods: readonly NatMethod[],
  payloads: readonly DecodedPayload[],
): NatMethod | undefined {
  return methods.find(({ vendorId }) => hasVendorId(payloads, vendorId));
}
