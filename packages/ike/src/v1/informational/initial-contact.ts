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
import { refuse } from '../../refusals.ts';
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
 * Whether INITIAL-CONTACT is among the notifications of an encrypted message of phase 1. HASH_I does not cover them, so
 * each must name this very SA: what was altered on the way does not (RFC 2407 §4.6.3).
 */
export function hasInitialContact(payloads: readonly DecodedPayload[], cookies: Cookies): boolean {
  const spi = concat(cookies.initiator, cookies.responder);
  const notifications = all(payloads, 'notification');
  for (const notification of notifications) {
    const isOurs = notification.protocol === PROTOCOL_ID.isakmp && equalOctets(notification.spi, spi);
    if (notification.doi !== DOI_IPSEC || !isOurs) refuse('unexpected-payload');
  }
  return notifications.some(({ notifyType }) => notifyType === NOTIFY['INITIAL-CONTACT']);
}

/** Whether a notification of an Informational exchange says it of the SA with these cookies. */
export function isInitialContact({ initiator, responder }: Cookies, notification: NotificationPayload): boolean {
  const { doi, protocol, notifyType, spi } = notification;
  const isOurs = doi === DOI_IPSEC && protocol === PROTOCOL_ID.isakmp && equalOctets(spi, concat(initiator, responder));
  return isOurs && notifyType === NOTIFY['INITIAL-CONTACT'];
}
