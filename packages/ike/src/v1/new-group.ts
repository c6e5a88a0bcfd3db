import { PROTOCOL_ID } from '@espalier/wire';
import { isEncrypted, type ReceivedMessage } from '../exchange/message.ts';
import { checkPayloads, type PayloadRules } from '../exchange/rules.ts';
import { authentic, refuse } from '../refusals.ts';
import { hash1 } from './keying.ts';
import type { Established } from './phase1.ts';
import { openFirst, verifyPhase2 } from './phase2.ts';

const RULES: PayloadRules = { first: ['hash', 'sa'], counts: { hash: [1, 1], sa: [1, 1] } };

/**
 * Awaits `HDR*, HASH(1), SA -->` (RFC 2409 §5.6). There are no groups here but those that everybody knows by their numbers, so
 * the answer is always the same, as the clause has it: a peer that may choose a prime may choose one that gives the secret away
 * (RFC 8247 §2.4), to find out costs seconds for each that it sends, and no deployed peer speaks of other groups.
 * @throws Refusal
 */
export function refuseNewGroup(sa: Established, { header, octets }: ReceivedMessage): never {
  if (!isEncrypted(header)) refuse('not-encrypted');
  const body = openFirst(sa, header, octets);
  checkPayloads(RULES, body.payloads);
  verifyPhase2(body, (rest) => hash1(sa.keys.prf, sa.keys.a, header.messageId, rest));
  const telling = { notify: 'ATTRIBUTES-NOT-SUPPORTED', protocol: PROTOCOL_ID.isakmp } as const;
  return authentic(() => refuse('unsupported-exchange', telling));
}
