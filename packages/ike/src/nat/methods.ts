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
import { NAT_D_BEFORE, NAT_OA_BEFORE } from './numbers.ts';

/** One published form of NAT traversal: they differ in their numbers, and in whether they have a port of their own. */
export interface NatMethod {
  readonly form: NatTraversalForm;
  /** In hexadecimal. */
  readonly vendorId: string;
  /** Before RFC 3947. */
  readonly isDraft: boolean;
  /** Whether IKE goes on at port 4500 once a NAT is found. Else ESP comes to its port, behind the non-IKE marker. */
  readonly floats: boolean;
  /** Payload type of NAT-D. */
  readonly discovery: NatDiscoveryPayload['type'] | typeof NAT_D_BEFORE;
  /** Payload type of NAT-OA. */
  readonly originalAddress: NatOriginalAddressPayload['type'] | typeof NAT_OA_BEFORE;
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

/**
 * draft-ietf-ipsec-nat-t-ike-04 to -08: the modes of RFC 3947, and payloads 15 and 16, which are RFC 3547's. Who names one of
 * them, as racoon and Apple's systems do, mostly names RFC 3947 as well.
 */
const LATER_DRAFTS: Numbers = { ...RFC, isDraft: true, discovery: NAT_D_BEFORE, originalAddress: NAT_OA_BEFORE };

/** In order of preference: RFC 3947, then draft-ietf-ipsec-nat-t-ike-03 and -02, -08 to -04, -01 and -00. */
export const NAT_METHODS: readonly NatMethod[] = [
  { form: 'rfc-3947', vendorId: VENDOR_ID.natTraversal, ...RFC },
  { form: 'draft-03', vendorId: VENDOR_ID.natTraversalDraft03, ...DRAFTS },
  { form: 'draft-02', vendorId: VENDOR_ID.natTraversalDraft02LineFeed, ...DRAFTS },
  { form: 'draft-02', vendorId: VENDOR_ID.natTraversalDraft02, ...DRAFTS },
  { form: 'draft-08', vendorId: VENDOR_ID.natTraversalDraft08, ...LATER_DRAFTS },
  { form: 'draft-07', vendorId: VENDOR_ID.natTraversalDraft07, ...LATER_DRAFTS },
  { form: 'draft-06', vendorId: VENDOR_ID.natTraversalDraft06, ...LATER_DRAFTS },
  { form: 'draft-05', vendorId: VENDOR_ID.natTraversalDraft05, ...LATER_DRAFTS },
  { form: 'draft-04', vendorId: VENDOR_ID.natTraversalDraft04, ...LATER_DRAFTS },
  { form: 'draft-01', vendorId: VENDOR_ID.natTraversalDraft01, ...DRAFTS_AT_IKE_PORT },
  { form: 'draft-00', vendorId: VENDOR_ID.natTraversalDraft00, ...DRAFTS_AT_IKE_PORT },
];

/** Those that are offered unless a peer's configuration says which: one that knows more is not tempted to use less. */
const OFFERED: readonly NatMethod[] = NAT_METHODS.filter(
  ({ floats, discovery }) => floats && discovery !== NAT_D_BEFORE,
);

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
