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
import type { Terms } from '../../terms.ts';
import { areAllowed, type PeerTolerance } from '../../tolerances.ts';
import type { Cookies } from '../cookies.ts';

const NAMELESS: readonly PeerTolerance[] = ['initial-contact-spi'];

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

/** What INITIAL-CONTACT says in phase 1. */
export interface InitialContact {
  readonly isSaid: boolean;
  readonly tolerated: readonly PeerTolerance[];
}

/**
 * INITIAL-CONTACT among the notifications of an encrypted message of phase 1. No hash covers them, so it must name this very
 * SA (RFC 2407 §4.6.3), or none.
 * @throws Refusal where it names another: its octets are often the last of the message, and whoever has altered those has
 * altered the block that all IVs of phase 2 come from (RFC 2409 Appendix B). What the peer has sent may still come.
 */
export function readInitialContact(
  payloads: readonly DecodedPayload[],
  { initiator, responder }: Cookies,
  terms: Terms,
): InitialContact {
  const said = all(payloads, 'notification').filter(({ notifyType }) => notifyType === NOTIFY['INITIAL-CONTACT']);
  const others = said.filter(({ spi }) => !equalOctets(spi, concat(initiator, responder)));
  if (!others.every(({ spi }) => isZero(spi))) refuse('malformed');
  if (others.length === 0 || !areAllowed(NAMELESS, terms))
    return { isSaid: said.length > others.length, tolerated: [] };
  return { isSaid: true, tolerated: NAMELESS };
}
