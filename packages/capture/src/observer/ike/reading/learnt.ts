import { copyOctets } from '@espalier/crypto';
import type { Phase1Transcript } from '@espalier/ike';
import type { DecodedPayload } from '@espalier/wire';
import { type Agreement, agreementOf } from './agreement.ts';

export type Side = 'initiator' | 'responder';

/** What of phase 1 passed in clear. */
export interface Learnt {
  readonly ke: Partial<Record<Side, Uint8Array>>;
  /** Where it does not show whose they are: in the order in which they came. */
  readonly keUnknown: Uint8Array[];
  readonly nonce: Partial<Record<Side, Uint8Array>>;
  readonly id: Partial<Record<Side, Uint8Array>>;
  saiB: Uint8Array | undefined;
  agreement: Agreement | undefined;
}

export function nothingLearnt(): Learnt {
  return { ke: {}, keUnknown: [], nonce: {}, id: {}, saiB: undefined, agreement: undefined };
}

/** A copy for another answer to the same first message. */
export function learntOfInitiator({ ke, nonce, id, saiB }: Learnt): Learnt {
  const of = (values: Partial<Record<Side, Uint8Array>>) =>
    values.initiator === undefined ? {} : { initiator: values.initiator };
  return { ke: of(ke), keUnknown: [], nonce: of(nonce), id: of(id), saiB, agreement: undefined };
}

/** What is kept of one payload at most: no peer is known to come near. */
const MOST_OCTETS = 16_384;

/** Takes what a message of phase 1 in clear, or decrypted, holds; what was known before stays. Octets that it keeps beside. */
export function learn(learnt: Learnt, side: Side | undefined, payloads: readonly DecodedPayload[]): number {
  let kept = 0;
  const keep = (body: Uint8Array): Uint8Array => {
    kept += body.length;
    return copyOctets('body', body);
  };
  for (const payload of payloads) {
    if (payload.body.length > MOST_OCTETS) continue;
    if (payload.kind === 'sa') {
      if (side === 'initiator') learnt.saiB ??= keep(payload.body);
      const [chosen] = payload.proposals[0]?.transforms ?? [];
      if (side === 'responder' && chosen !== undefined) learnt.agreement ??= agreementOf(chosen);
    }
    if (payload.kind === 'ke') {
      if (side !== undefined) learnt.ke[side] ??= keep(payload.data);
      else if (learnt.keUnknown.length < 2) learnt.keUnknown.push(keep(payload.data));
    }
    if (side === undefined) continue;
    if (payload.kind === 'nonce') learnt.nonce[side] ??= keep(payload.data);
    if (payload.kind === 'id') learnt.id[side] ??= keep(payload.body);
  }
  return kept;
}

/** Public values, the initiator's first: both orders where it does not show whose they are. */
export function publicValues({ ke, keUnknown }: Learnt): readonly (readonly [Uint8Array, Uint8Array])[] {
  const { initiator, responder } = ke;
  if (initiator !== undefined && responder !== undefined) return [[initiator, responder]];
  const known = initiator ?? responder;
  const [a, b] = known === undefined ? keUnknown : [known, keUnknown[0]];
  if (a === undefined || b === undefined) return [];
  return [
    [a, b],
    [b, a],
  ];
}

/** What HASH_I and HASH_R cover, as far as it is known. */
export function transcriptOf(learnt: Learnt, cookieI: Uint8Array, cookieR: Uint8Array): Phase1Transcript | undefined {
  const [values] = publicValues(learnt);
  if (values === undefined || learnt.saiB === undefined) return undefined;
  return { gxi: values[0], gxr: values[1], cookieI, cookieR, saiB: learnt.saiB };
}
