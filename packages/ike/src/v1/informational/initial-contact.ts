import {
  concat,
  type DecodedPayload,
  DOI_IPSEC,
  equalOctets,
  NOTIFY,
  type NotificationPayload,
  PROTOCOL_ID,
} from '@espalier/wire';
import { isZero } from '../../exchange/message.ts';
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
 * Whether INITIAL-CONTACT is among the notifications of an encrypted message of phase 1. No hash covers them, so it must
 * name this very SA (RFC 2407 §4.6.3), or, as some peers have it, none.
 * @throws Refusal where it names another: its octets are often the last of the message, and whoever has altered those has
 * altered the block that all IVs of phase 2 come from (RFC 2409 Appendix B). What the peer has sent may still come.
 */
export function hasInitialContact(payloads: readonly DecodedPayload[], { initiator, responder }: Cookies): boolean {
  const said = all(payloads, 'notification').filter(({ notifyType }) => notifyType === NOTIFY['INITIAL-CONTACT']);
  const isMeant = ({ spi }: NotificationPayload): boolean =>
    isZero(spi) || equalOctets(spi, concat(initiator, responder));
  if (!said.every(isMeant)) refuse('malformed');
  return said.length > 0;
}
