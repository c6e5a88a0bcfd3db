import { wipe } from '@espalier/crypto';
import { type DecodedPayload, type NatDiscoveryPayload, toHex } from '@espalier/wire';
import type { PayloadRules } from '../exchange/rules.ts';
import { type DiscoveryKey, findNats, type NatFindings, natDiscovery } from '../nat/discovery.ts';
import type { Authentication } from './authentication/pre-shared-key.ts';
import type { Cookies } from './cookies.ts';
import type { Extensions } from './extensions.ts';
import { type Phase1Transcript, phase1Secrets } from './keying.ts';
import { MANY, type Phase1Context } from './phase1.ts';
import type { Phase1Choice } from './proposals/phase1.ts';
import { IkeKeys } from './protection.ts';

/** What both sides know once the keys are there and the peer is not authenticated yet. */
export interface Keyed {
  readonly context: Phase1Context;
  readonly choice: Phase1Choice;
  readonly cookies: Cookies;
  readonly keys: IkeKeys;
  readonly transcript: Phase1Transcript;
  /** For the next message in either direction. */
  readonly iv: Uint8Array;
  readonly extensions: Extensions;
  readonly nat: NatFindings | undefined;
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

/** What messages 3 and 4 are made from, whoever sends them. */
interface Settled {
  readonly context: Phase1Context;
  readonly choice: Phase1Choice;
  readonly cookies: Cookies;
  readonly extensions: Extensions;
}

/** NAT-D for message 3 or 4; nothing unless both sides know of it. */
export function discoveryPayloads(settled: Settled): readonly NatDiscoveryPayload[] {
  const { context, extensions } = settled;
  if (context.natTraversal === undefined || extensions.natMethod === undefined) return [];
  return natDiscovery(context.natTraversal, extensions.natMethod, discoveryKey(settled));
}

/** What NAT-D in message 3 or 4 show. */
export function readDiscovery(settled: Settled, payloads: readonly DecodedPayload[]): NatFindings | undefined {
  const { context, extensions } = settled;
  if (context.natTraversal === undefined || extensions.natMethod === undefined) return undefined;
  return findNats(context.natTraversal, extensions.natMethod, discoveryKey(settled), payloads);
}

/** SKEYID and what follows from it; `gxy` is wiped. */
export function deriveKeys(
  { authentication, keyLog }: Phase1Context,
  { proposal }: Phase1Choice,
  cookies: Cookies,
  gxy: Uint8Array,
  niB: Uint8Array,
  nrB: Uint8Array,
): IkeKeys {
  const skeyid = authentication.skeyid(proposal.hash, niB, nrB);
  const secrets = phase1Secrets(proposal.hash, skeyid, gxy, cookies.initiator, cookies.responder);
  wipe(gxy);
  return new IkeKeys(proposal, skeyid, secrets, (encryption) =>
    keyLog?.({
      kind: 'ike',
      initiatorCookie: toHex(cookies.initiator),
      responderCookie: toHex(cookies.responder),
      encryption,
    }),
  );
}

function discoveryKey({ choice, cookies }: Settled): DiscoveryKey {
  return { hash: choice.proposal.hash, cookies };
}
