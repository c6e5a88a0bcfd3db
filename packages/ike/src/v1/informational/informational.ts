import type { Rng } from '@espalier/crypto';
import {
  concat,
  type DecodedPayload,
  type DeletePayload,
  DOI_IPSEC,
  decodeMessage,
  EXCHANGE,
  encodeMessage,
  fromHex,
  NOTIFY,
  type NotificationPayload,
  PROTOCOL_ID,
  readU32,
} from '@espalier/wire';
import { isEncrypted, type Message } from '../../exchange/message.ts';
import { all, checkPayloads, MANY, type PayloadRules } from '../../exchange/rules.ts';
import type { RefusalNotify } from '../../refusals.ts';
import { refuse } from '../../refusals.ts';
import { randomMessageId } from '../../runtime/random.ts';
import type { ProtectionSpis } from '../../sa/protections.ts';
import type { Cookies } from '../cookies.ts';
import type { Established } from '../phase1/phase1.ts';
import { hash1Of, openFirst, type Sealing, sealInformational, verifyPhase2 } from '../phase2/phase2.ts';
import { spiOctets } from '../proposals/spis.ts';

const CLEAR_RULES: PayloadRules = {
  first: [],
  counts: { notification: [1, MANY] },
};

const PROTECTED_RULES: PayloadRules = {
  first: ['hash'],
  counts: { hash: [1, 1], delete: [0, MANY] },
};

/**
 * The notifications of a message in clear: anybody may have sent it (RFC 2409 §5.7). `isRefused`: whether it is refused
 * anyway, whatever else it asks for, because there are keys.
 */
export function readClearInformational(
  { header, octets }: Message,
  isRefused: boolean,
): readonly NotificationPayload[] {
  if (isEncrypted(header)) refuse('not-authenticated');
  const { payloads } = decodeMessage(octets);
  if (!isRefused) checkPayloads(CLEAR_RULES, payloads);
  return all(payloads, 'notification').slice(0, MANY);
}

/** `HDR*, HASH(1), N/D`, decrypted and verified (RFC 2409 §5.7). */
export function openInformational(sa: Established, { header, octets }: Message): readonly DecodedPayload[] {
  if (!isEncrypted(header)) refuse('not-encrypted');
  const body = openFirst(sa, header, octets);
  checkPayloads(PROTECTED_RULES, body.payloads);
  verifyPhase2(body, hash1Of({ keys: sa.keys, messageId: header.messageId }));
  return body.payloads;
}

/**
 * The answer to a message of phase 1 that was refused, in clear. Its message ID comes from the message, so that the same
 * message gets the same answer and nobody can make us spend randomness.
 */
export function clearRefusal(cookies: Cookies, { digest }: Message, notify: RefusalNotify): Uint8Array {
  return encodeMessage(
    {
      initiatorCookie: cookies.initiator,
      responderCookie: cookies.responder,
      exchange: EXCHANGE.informational,
      flags: 0,
      messageId: messageIdFor(digest),
    },
    [notificationOf(notify, PROTOCOL_ID.isakmp, new Uint8Array(0))],
  );
}

export function notificationOf(notify: keyof typeof NOTIFY, protocol: number, spi: Uint8Array): NotificationPayload {
  return { kind: 'notification', doi: DOI_IPSEC, protocol, notifyType: NOTIFY[notify], spi, data: new Uint8Array(0) };
}

/** One payload for each protection, whose SPIs are of one protocol each (RFC 2408 §3.15). */
export function deletesOfChild(protections: readonly ProtectionSpis[]): readonly DeletePayload[] {
  return protections.map(({ protocol, inbound }) => {
    const spi = spiOctets(inbound, protocol);
    return { kind: 'delete', doi: DOI_IPSEC, protocol: PROTOCOL_ID[protocol], spiOctets: spi.length, spis: [spi] };
  });
}

export function deleteOfIkeSa({ initiator, responder }: Cookies): DeletePayload {
  const spi = concat(initiator, responder);
  return { kind: 'delete', doi: DOI_IPSEC, protocol: PROTOCOL_ID.isakmp, spiOctets: spi.length, spis: [spi] };
}

/** To a peer that takes the IKE SA for established: nothing comes of it. It has the keys, and waits for nothing any more. */
export function farewell(sealing: Sealing, rng: Rng): Uint8Array {
  const messageId = randomMessageId(rng, () => false);
  return sealInformational(sealing, messageId, [deleteOfIkeSa(sealing.cookies)]);
}

/** Never 0, which is phase 1's. */
export function messageIdFor(digest: string): number {
  return readU32(fromHex(digest.slice(0, 8)), 0) || 1;
}
