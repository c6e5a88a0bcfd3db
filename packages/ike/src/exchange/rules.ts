import type { DecodedPayload, Payload } from '@espalier/wire';
import { NAT_D_BEFORE, NAT_OA_BEFORE } from '../nat/numbers.ts';
import { refuse } from '../refusals.ts';
import type { Tolerance } from '../tolerances.ts';

type Kind = Payload['kind'];

/** Notifications and the like in one message. */
export const MANY = 24;

/** Vendor IDs in one message: of 20 octets each, no more go into a datagram. */
const VENDOR_IDS_MOST = 96;

type Counts = { readonly [K in Kind]?: readonly [least: number, most: number] };

/**
 * What may stand in every message and changes nothing by itself: certificates and requests for them are to be accepted at
 * any point (RFC 2408 §3.9, §3.10), notifications ride where they can (RFC 2407 §4.6.3), vendor IDs anywhere (RFC 2408 §3.16).
 */
const ANYWHERE: Counts = {
  notification: [0, MANY],
  'vendor-id': [0, VENDOR_IDS_MOST],
  cert: [0, MANY],
  'cert-request': [0, MANY],
};

/** What one awaited message may hold beside what may stand anywhere, checked before its state looks at it. */
export interface PayloadRules {
  /** Kinds that must come first, in this order (RFC 2409 §5 and §5.5). */
  readonly first: readonly Kind[];
  /** Least and most of each kind; a kind that is not named may not appear. */
  readonly counts: Counts;
}

/** Payload types of RFC 2408 §3.1 from here on are for private use, and are passed over where they mean nothing. */
const PRIVATE_USE = 128;
/** What draft-ietf-ipsec-nat-t-ike-04 to -08 took for NAT-D and NAT-OA: read as such where one of them is agreed on. */
const DRAFT_PAYLOADS: readonly number[] = [NAT_D_BEFORE, NAT_OA_BEFORE];

/** What it takes to take them. @throws Refusal unless the rules allow it. */
export function checkPayloads(rules: PayloadRules, payloads: readonly DecodedPayload[]): readonly Tolerance[] {
  const counts = new Map<Kind, number>();
  const tolerated = new Set<Tolerance>();
  for (const payload of payloads) {
    if (payload.kind === 'unknown' && payload.type >= PRIVATE_USE) continue;
    if (payload.kind === 'unknown' && DRAFT_PAYLOADS.includes(payload.type)) {
      tolerated.add('draft-payloads');
      continue;
    }
    counts.set(payload.kind, (counts.get(payload.kind) ?? 0) + 1);
  }
  const allowed: Counts = { ...ANYWHERE, ...rules.counts };
  for (const [kind, count] of counts) {
    if (count > (allowed[kind]?.[1] ?? 0)) refuse('unexpected-payload');
  }
  for (const [kind, bounds] of Object.entries(rules.counts)) {
    if (payloads.filter((payload) => payload.kind === kind).length < bounds[0]) refuse('missing-payload');
  }
  if (rules.first.some((kind, i) => payloads[i]?.kind !== kind)) refuse('payload-order');
  return [...tolerated];
}

/** The payload of a kind that the rules require once. */
export function only<K extends Kind>(
  payloads: readonly DecodedPayload[],
  kind: K,
): Extract<DecodedPayload, { kind: K }> {
  return all(payloads, kind)[0] ?? refuse('missing-payload');
}

export function all<K extends Kind>(
  payloads: readonly DecodedPayload[],
  kind: K,
): readonly Extract<DecodedPayload, { kind: K }>[] {
  return payloads.filter((payload): payload is Extract<DecodedPayload, { kind: K }> => payload.kind === kind);
}
