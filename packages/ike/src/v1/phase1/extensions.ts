import { type DecodedPayload, implementationOf, VENDOR_ID, type VendorIdPayload } from '@espalier/wire';
import { all } from '../../exchange/rules.ts';
import { chooseNatMethod, type NatMethod } from '../../nat/methods.ts';
import { hasXAuth } from '../authentication/xauth.ts';
import { hasUnity, hasVendorId, TAKES_FRAGMENTS, takesFragments, vendorIdPayload } from '../vendor-ids.ts';
import type { Phase1Context } from './phase1.ts';

/** What goes beyond RFC 2409 and needs both sides: each names it by a vendor ID in its first message. */
export interface Extensions {
  /** RFC 3947. */
  readonly natMethod: NatMethod | undefined;
  /** RFC 3706. */
  readonly deadPeerDetection: boolean;
  /** What the peer most likely is, for people; undefined where its vendor IDs do not tell. */
  readonly implementation: string | undefined;
  /** draft-beaulieu-ike-xauth-02 §2. */
  readonly xauth: boolean;
  /** Cisco's additions to Mode Config. */
  readonly unity: boolean;
  /** Cisco's fragmentation. */
  readonly fragmentation: boolean;
}

/** For message 1: everything supported. */
export function offerExtensions(context: Phase1Context): readonly VendorIdPayload[] {
  const { natTraversal, proposals, modeConfig, fragmentOctets } = context;
  const methods = natTraversal?.methods ?? [];
  return [
    ...methods.map(({ vendorId }) => vendorId),
    VENDOR_ID.deadPeerDetection,
    ...(proposals.some(hasXAuth) ? [VENDOR_ID.xauth] : []),
    ...(modeConfig === undefined ? [] : [VENDOR_ID.ciscoUnity]),
    ...(fragmentOctets === undefined ? [] : [TAKES_FRAGMENTS]),
  ].map(vendorIdPayload);
}

/** What the peer's first message names, of what is supported here. */
export function readExtensions(
  { natTraversal, fragmentOctets, proposals, modeConfig }: Phase1Context,
  payloads: readonly DecodedPayload[],
): Extensions {
  return {
    natMethod: natTraversal === undefined ? undefined : chooseNatMethod(natTraversal.methods, payloads),
    deadPeerDetection: hasVendorId(payloads, VENDOR_ID.deadPeerDetection),
    implementation: implementationOf(all(payloads, 'vendor-id').map(({ data }) => data)),
    xauth: proposals.some(hasXAuth) && hasVendorId(payloads, VENDOR_ID.xauth),
    unity: modeConfig !== undefined && hasUnity(payloads),
    fragmentation: fragmentOctets !== undefined && all(payloads, 'vendor-id').some(({ data }) => takesFragments(data)),
  };
}

/** For message 2: only what message 1 names, so that the answer does not outgrow the question. */
export function answerExtensions({
  natMethod,
  deadPeerDetection,
  xauth,
  unity,
  fragmentation,
}: Extensions): readonly VendorIdPayload[] {
  return [
    ...(natMethod === undefined ? [] : [vendorIdPayload(natMethod.vendorId)]),
    ...(deadPeerDetection ? [vendorIdPayload(VENDOR_ID.deadPeerDetection)] : []),
    ...(xauth ? [vendorIdPayload(VENDOR_ID.xauth)] : []),
    ...(unity ? [vendorIdPayload(VENDOR_ID.ciscoUnity)] : []),
    ...(fragmentation ? [vendorIdPayload(TAKES_FRAGMENTS)] : []),
  ];
}
