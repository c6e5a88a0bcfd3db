import {
  concat,
  equalOctets,
  IPSEC_ATTRIBUTE,
  NOTIFY,
  type NotificationPayload,
  OAKLEY_ATTRIBUTE,
  PROTOCOL_ID,
} from '@espalier/wire';
import type { Heard, Standing } from '../../exchange/heard.ts';
import { type PeerError, peerError } from '../../peer-error.ts';
import type { IkeSaEffect } from '../../sa/effect.ts';
import type { PeerTolerance, Tolerance } from '../../tolerances.ts';
import type { Cookies } from '../cookies.ts';
import { isInData, readInvalidSpi } from '../informational/invalid-spi.ts';
import { type Probe, readProbe } from '../informational/probe.ts';
import { type Lifetimes, readResponderLifetime } from '../informational/responder-lifetime.ts';

/** The exchanges of an established IKE SA, of which notifications speak. */
export interface Spoken {
  /** The number of the last R-U-THERE that was answered; undefined before there was one. */
  readonly probed: number | undefined;
  answerProbe(sequence: number): void;
  /** The peer has refused what was sent to it. */
  refused(error: PeerError, notification: NotificationPayload): void;
}

/** Who acts upon what is heard under an IKE SA. */
export interface Hearer {
  report(effect: IkeSaEffect): void;
  readonly cookies: Cookies;
  /** What came was taken, though an RFC has it otherwise. */
  tolerate(tolerated: readonly Tolerance[]): void;
  /** Whether something is to be taken of this peer though an RFC has it otherwise: then that is told. */
  forgives(tolerance: PeerTolerance): boolean;
  /** The peer uses a shorter lifetime of the IKE SA. */
  shorten(lifetimes: Lifetimes): void;
}

/**
 * Obeys what the peer itself says, wherever it says it (RFC 2407 §4.6.3), and tells of everything. What may be anybody's
 * changes nothing. INITIAL-CONTACT in phase 1 is its states' (`readInitialContact`). `spoken`: undefined before there is
 * an IKE SA.
 */
export function hear(heard: readonly Heard[], hearer: Hearer, spoken: Spoken | undefined): void {
  let probed: number | undefined;
  for (const { notification, standing } of heard) {
    const probe = standing === 'hashed' ? readProbe(notification) : undefined;
    if (probe !== undefined && !isNamed(notification, hearer.cookies) && !hearer.forgives('probe-spi')) continue;
    if (probe?.kind === 'R-U-THERE') probed = numberHeeded(probe, probed ?? spoken?.probed, hearer) ?? probed;
    else if (probe !== undefined) hearer.report({ kind: 'acknowledged', sequence: probe.sequence });
    else {
      const unknown = readInvalidSpi(notification);
      const isElsewhere = unknown !== undefined && standing === 'hashed' && isInData(notification);
      if (isElsewhere && !hearer.forgives('invalid-spi-in-data')) continue;
      if (unknown !== undefined)
        hearer.report({ kind: 'spi-unknown', ...unknown, authenticated: standing === 'hashed' });
      else if (standing !== 'clear') obey(notification, standing, hearer, spoken);
      if (standing === 'encrypted' && notification.notifyType === NOTIFY['INITIAL-CONTACT']) continue;
      hearer.report({ kind: 'notified', notification, authenticated: standing === 'hashed' });
    }
  }
  // However many probes come at once, one answer says it.
  if (probed !== undefined) spoken?.answerProbe(probed);
}

/** Each number is above the one before, unless the peer has begun anew (RFC 3706 §6.2). */
function numberHeeded({ sequence }: Probe, before: number | undefined, hearer: Hearer): number | undefined {
  const follows = before === undefined || sequence > before;
  return follows || hearer.forgives('probe-sequence') ? sequence : undefined;
}

function obey(
  notification: NotificationPayload,
  standing: Exclude<Standing, 'clear'>,
  hearer: Hearer,
  spoken: Spoken | undefined,
): void {
  const { notifyType } = notification;
  // Who alters what is encrypted can shorten a lifetime no further than any peer may: to what is worth its exchanges.
  if (notifyType === NOTIFY['RESPONDER-LIFETIME']) obeyLifetime(notification, hearer);
  if (standing !== 'hashed') return;
  if (notifyType === NOTIFY['INITIAL-CONTACT']) {
    const isMeant = isNamed(notification, hearer.cookies) || hearer.forgives('initial-contact-spi');
    if (isMeant) hearer.report({ kind: 'initial-contact' });
  }
  if (notifyType === NOTIFY.CONNECTED) hearer.report({ kind: 'connected' });
  const error = peerError(notifyType);
  if (error !== undefined) spoken?.refused(error, notification);
}

/** Whether its SPI is that of the IKE SA. */
function isNamed({ spi }: NotificationPayload, { initiator, responder }: Cookies): boolean {
  return equalOctets(spi, concat(initiator, responder));
}

function obeyLifetime(notification: NotificationPayload, hearer: Hearer): void {
  const { protocol, spi } = notification;
  const isOfIkeSa = protocol === PROTOCOL_ID.isakmp;
  const told = readResponderLifetime(notification, isOfIkeSa ? OAKLEY_ATTRIBUTE : IPSEC_ATTRIBUTE);
  if (told === undefined) return;
  if (isOfIkeSa) hearer.shorten(told);
  else if (told.lifetime !== undefined)
    hearer.report({ kind: 'child-shortened', protocol, spi, lifetime: told.lifetime });
}
