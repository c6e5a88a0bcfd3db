import { wipe } from '@espalier/crypto';
import type { Authentication } from '../authentication.ts';
import { type Phase1Transcript, phase1Secrets } from '../keying.ts';
import { type Cookies, MANY, type Phase1Context } from '../phase1.ts';
import type { Phase1Choice } from '../proposals/phase1.ts';
import { IkeKeys } from '../protection.ts';
import type { PayloadRules } from '../rules.ts';

/** What both sides know once the keys are there and the peer is not authenticated yet. */
export interface Keyed {
  readonly context: Phase1Context;
  readonly choice: Phase1Choice;
  readonly cookies: Cookies;
  readonly keys: IkeKeys;
  readonly transcript: Phase1Transcript;
  /** For the next message in either direction. */
  readonly iv: Uint8Array;
}

/** Of messages 1 and 2. */
export const SA_RULES: PayloadRules = { first: ['sa'], counts: { sa: [1, 1], 'vendor-id': [0, MANY] } };

/** Of messages 3 and 4. */
export const KE_RULES: PayloadRules = {
  first: [],
  counts: { ke: [1, 1], nonce: [1, 1], 'nat-d': [0, MANY], 'cert-request': [0, MANY], 'vendor-id': [0, MANY] },
};

/** Of messages 5 and 6. */
export function authRules(authentication: Authentication): PayloadRules {
  return {
    first: [],
    counts: { id: [1, 1], notification: [0, MANY], 'vendor-id': [0, MANY], ...authentication.counts },
  };
}

/** SKEYID and what follows from it; `gxy` is wiped. */
export function deriveKeys(
  { authentication }: Phase1Context,
  { proposal }: Phase1Choice,
  cookies: Cookies,
  gxy: Uint8Array,
  niB: Uint8Array,
  nrB: Uint8Array,
): IkeKeys {
  const skeyid = authentication.skeyid(proposal.hash, niB, nrB);
  const secrets = phase1Secrets(proposal.hash, skeyid, gxy, cookies.initiator, cookies.responder);
  wipe(gxy);
  return new IkeKeys(proposal, skeyid, secrets);
}
