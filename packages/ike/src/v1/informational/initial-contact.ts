import {
  concat,
  type DecodedPayload,
  DOI_IPSEC,
  equalOctets,
  NOTIFY,
  type NotificationPayload,
  PROTOCOL_ID,
} from '@espalier/wire';
import { all } from '../../exchange/rules.ts';
import type { Cookies } from '../cookies.ts';

export function initialContactNotification(cookies: Cookies): NotificationPayload {
  return {
    kind: 'notification',
    doi: DOI_IPSEC,
    protocol: PROTOCOL_ID.isakmp,
    notifyType: NOTIFY['INITIAL-CONTACT'],
    spi: concat(cookies.initiator, cookies.responder),
    data: new Uint8Array(0),
  };
}

/**
 * Whether INITIAL-CONTACT is among the notifications of an encrypted message of phase 1. HASH_I does not cover them, so it
 * must name this very SA (RFC 2407 §4.6.3), or, as some peers have it, none: what was altered on the way names another.
 */
export function hasInitialContact(payloads: readonly DecodedPayload[], { initiator, responder }: Cookies): boolean {
  return all(payloads, 'notification').some(({ notifyType, spi }) => {
    const isMeant = spi.length === 0 || equalOctets(spi, concat(initiator, responder));
    return isMeant && notifyType === NOTIFY['INITIAL-CONTACT'];
  });
}
