import { equalConstantTime, type PrivateGroup } from '@espalier/crypto';
import { EXCHANGE, encodePayloads, type IsakmpHeader, type Payload } from '@espalier/wire';
import type { PrivateGroupNumber } from '../../configuration/private-groups.ts';
import { isEncrypted, type Message } from '../../exchange/message.ts';
import { only } from '../../exchange/rules.ts';
import { NO_SECRETS, type Protection, type Secret } from '../../exchange/state.ts';
import type { NatFindings } from '../../nat/discovery.ts';
import type { Path } from '../../path.ts';
import { refuse } from '../../refusals.ts';
import type { Terms } from '../../terms.ts';
import type { Cookies } from '../cookies.ts';
import { hash1, phase2Iv } from '../keying.ts';
import type { Established } from '../phase1/phase1.ts';
import { type IkeKeys, type OpenedBody, openBody, type SealedMessage, sealMessage } from '../protection.ts';

/** What one exchange of phase 2 is protected with (RFC 2409 §5.5 and §5.7). */
export interface Phase2Context {
  readonly cookies: Cookies;
  readonly keys: IkeKeys;
  /** Where ESP is to go in UDP. */
  readonly nat?: NatFindings | undefined;
  readonly messageId: number;
}

/** Of a Quick Mode: between which ends as well. */
export interface QuickContext extends Phase2Context {
  readonly path: Path;
  readonly terms: Terms;
  /** What is agreed on under the IKE SA, beside the groups that everybody knows. */
  readonly privateGroups?: ReadonlyMap<PrivateGroupNumber, PrivateGroup> | undefined;
}

/** Of a message of phase 2: it is encrypted (RFC 2409 §5), and has not the message ID of phase 1 (RFC 2408 §3.1). @throws Refusal */
export function messageIdOf({ header }: Message): number {
  if (!isEncrypted(header)) refuse('not-encrypted');
  if (header.messageId === 0) refuse('invalid-message-id');
  return header.messageId;
}

/** Makes HASH(n) of the payloads that follow it, as octets. */
export type HashOf = (rest: Uint8Array) => Uint8Array;

/** HASH(1) of an exchange: what every message has that proves no nonce. */
export function hash1Of({ keys, messageId }: Pick<Phase2Context, 'keys' | 'messageId'>): HashOf {
  return (rest) => hash1(keys.prf, keys.a, messageId, rest);
}

/** Encrypts `HDR*, HASH(n), rest`. */
export function sealPhase2(
  { cookies, keys, messageId }: Phase2Context,
  exchange: number,
  iv: Uint8Array,
  hashOf: HashOf,
  rest: readonly Payload[],
  flags: number = 0,
): SealedMessage {
  const fields = { initiatorCookie: cookies.initiator, responderCookie: cookies.responder, exchange, messageId };
  const hash: Payload = { kind: 'hash', data: hashOf(encodePayloads(rest).octets) };
  return sealMessage(keys.cipher, iv, fields, [hash, ...rest], flags);
}

/** Refuses unless the first payload is HASH(n) of those after it, as they were received (RFC 2409 §5.5). */
export function verifyPhase2({ payloads, chain }: Pick<OpenedBody, 'payloads' | 'chain'>, hashOf: HashOf): void {
  const hash = only(payloads, 'hash');
  if (!equalConstantTime(hash.data, hashOf(chain.subarray(hash.raw.length)))) refuse('hash-mismatch');
}

/** What the states that await a message of phase 2 have in common: it is encrypted, whatever the exchange (RFC 2409 §5). */
export abstract class AwaitsEncrypted {
  readonly protection: Protection;

  constructor({ keys }: Pick<Phase2Context, 'keys'>, iv: Uint8Array) {
    this.protection = { kind: 'encrypted', cipher: keys.cipher, iv };
  }

  get secrets(): readonly Secret[] {
    return NO_SECRETS;
  }
}

/** What seals and opens exchanges of phase 2. */
export type Sealing = Pick<Established, 'cookies' | 'keys' | 'lastBlock'>;

/** The first IV of an exchange. */
export function firstIv({ keys, lastBlock }: Sealing, messageId: number): Uint8Array {
  return phase2Iv(keys.hash, lastBlock, messageId, keys.cipher.blockOctets);
}

/** The one message of an Informational exchange: `HDR*, HASH(1), N/D`. */
export function sealInformational(sa: Sealing, messageId: number, payloads: readonly Payload[]): Uint8Array {
  const context = { cookies: sa.cookies, keys: sa.keys, messageId };
  return sealPhase2(context, EXCHANGE.informational, firstIv(sa, messageId), hash1Of(context), payloads).octets;
}

/** Decrypts the first message of an exchange that the peer starts. */
export function openFirst(sa: Established, header: IsakmpHeader, message: Uint8Array): OpenedBody {
  return openBody(sa.keys.cipher, firstIv(sa, header.messageId), header, message);
}

/** Whether the peer has made it: what it asks for is looked at later. @throws Refusal or DecodeError unless it has. */
export function checkFirst(sa: Established, message: Message): void {
  const messageId = messageIdOf(message);
  verifyPhase2(openFirst(sa, message.header, message.octets), hash1Of({ keys: sa.keys, messageId }));
}
