import { type DeletePayload, equalIdentification, type Identification, PROTOCOL_ID, type Spi } from '@espalier/wire';
import type { DeleteReason, IkeFailure } from '../../failures.ts';
import { type Contender, decide, lowest } from '../../sa/collision.ts';
import type { IkeSa } from '../../sa/ike-sa.ts';
import type { ProtectionProtocol, ProtectionSpis } from '../../sa/protections.ts';
import type { ChildPolicy } from '../../types.ts';
import { deletesOfChild } from '../../v1/informational/informational.ts';
import { protocolOf, spiFrom } from '../../v1/proposals/spis.ts';
import { isForAssigned } from '../assignment.ts';
import type { Living } from './living.ts';

/** Why an IKE SA ends of which nothing else says what becomes of the children. */
const LASTS_NO_LONGER: ReadonlySet<DeleteReason> = new Set(['expired', 'peer-deleted']);

/** How the SAs of a peer end, and what it is told of that. */
export class Endings {
  readonly #of: Living;

  constructor(of: Living) {
    this.#of = of;
  }

  /** What the peer has deleted. */
  deleted(ikeSa: IkeSa, { protocol: number, spis }: DeletePayload): void {
    const { ikeSas, children } = this.#of;
    const protocol = protocolOf(number);
    for (const spi of spis) {
      if (number === PROTOCOL_ID.isakmp) {
        const deleted = ikeSas.named(spi);
        if (deleted?.sa !== undefined) this.remove(deleted, 'peer-deleted', false);
      } else if (protocol !== undefined) {
        const named = spiFrom(protocol, spi);
        const inbound = named && this.#childDeleted(ikeSa, protocol, named);
        if (inbound !== undefined && children.remove(inbound, 'peer-deleted')) ikeSa.childrenDeleted++;
      }
    }
  }

  /** Of a peer whose IKE SAs are several, those that are one too many, once this one is there. */
  endSurplus(ikeSa: IkeSa): void {
    const { ikeSas } = this.#of;
    for (const rival of ikeSas.established(ikeSa)) if (rival.state === 'ready') settle(rival, ikeSa);
    if (ikeSa.role === 'initiator') this.#endRetired(ikeSa);
    for (const surplus of ikeSas.surplus()) this.remove(surplus, 'replaced', true);
  }

  /** INITIAL-CONTACT: what the peer had before this negotiation began is lost (RFC 2407 §4.6.3.3). */
  restarted(ikeSa: IkeSa, identity: Identification): void {
    const { ikeSas, children } = this.#of;
    const isPeer = (other: Identification): boolean => equalIdentification(other, identity);
    children.removeOlderThan(ikeSa.createdAt, isPeer);
    for (const other of ikeSas.established(ikeSa)) {
      const isOld = (other.establishedAt ?? ikeSa.createdAt) < ikeSa.createdAt;
      if (isOld && other.sa !== undefined && isPeer(other.sa.proof.identity)) {
        this.remove(other, 'peer-restarted', false);
      }
    }
  }

  /** Somebody else speaks from where a user was: of what that user had nothing is theirs. */
  endFormerUser(ikeSa: IkeSa): void {
    const { ikeSas, children } = this.#of;
    const former = ikeSas.established(ikeSa);
    for (const protections of children.removeAll('replaced')) former.at(-1)?.inform(deletesOfChild(protections));
    for (const other of former) this.remove(other, 'replaced', true);
  }

  /** Whether the child was there. */
  endChild(inbound: Spi, reason: DeleteReason): boolean {
    const { children } = this.#of;
    const protections = children.protectionsOf(inbound);
    const wasThere = children.remove(inbound, reason);
    if (wasThere) this.tellDeleted(protections);
    return wasThere;
  }

  /** Tells the peer of the end of a child that still receives. */
  announce(inbound: Spi): void {
    const protections = this.#of.children.protectionsOf(inbound);
    if (protections.length > 0) this.tellDeleted(protections);
  }

  /** Every child of the policies that are meant. */
  endChildren(isMeant?: (policy: ChildPolicy) => boolean): void {
    for (const protections of this.#of.children.removeAll('closed', isMeant)) this.tellDeleted(protections);
  }

  /** Every child for an address that Mode Config has given, and of which policies there were any. */
  endAssigned(reason: DeleteReason): readonly ChildPolicy[] {
    const { children, entry } = this.#of;
    return entry.config.children.filter(isForAssigned).filter(({ name }) => {
      const ended = children.removeAll(reason, (policy) => policy.name === name);
      for (const protections of ended) this.tellDeleted(protections);
      return ended.length > 0;
    });
  }

  /** Tells the peer that the inbound SPIs of a child are gone. */
  tellDeleted(protections: readonly ProtectionSpis[]): void {
    const { ikeSas } = this.#of;
    const messenger = ikeSas.current() ?? ikeSas.established().at(-1);
    messenger?.inform(deletesOfChild(protections));
  }

  remove(ikeSa: IkeSa, reason: DeleteReason, tell: boolean): void {
    const { ikeSas, children, environment } = this.#of;
    const { info } = ikeSa;
    if (LASTS_NO_LONGER.has(reason) && this.#isChannel(ikeSa)) {
      for (const protections of children.removeAll(reason)) if (tell) ikeSa.inform(deletesOfChild(protections));
    }
    if (!ikeSas.remove(ikeSa)) return;
    if (tell) ikeSa.close(reason);
    else ikeSa.drop(reason);
    ikeSas.reinstate();
    environment.outbox.emit({ kind: 'ike-deleted', ikeSa: info, reason });
  }

  /** Without a word to anybody. */
  forget(ikeSa: IkeSa, reason: IkeFailure | DeleteReason): void {
    if (this.#of.ikeSas.remove(ikeSa)) ikeSa.drop(reason);
  }

  /** Ends one that has not become ready. */
  abandon(ikeSa: IkeSa): void {
    if (this.#of.ikeSas.remove(ikeSa)) ikeSa.close('closed');
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endRetired({ createdAt }: IkeSa): void {
    for (const ikeSa of this.#of.ikeSas.all) {
      const isOld = ikeSa.establishedAt !== undefined && ikeSa.establishedAt <= createdAt;
      if (isOld && ikeSa.state === 'retired') ikeSa.retire(true);
    }
  }

  /** The child that a Delete names by the SPI that its sender receives with, or, as some have it, by that of its receiver. */
  #childDeleted(ikeSa: IkeSa, protocol: ProtectionProtocol, spi: Spi): Spi | undefined {
    const { children } = this.#of;
    const theirs = children.namedBy(protocol, 'outbound', spi);
    const isLenient = ikeSa.sa?.terms.leniency.has('delete-of-receivers-spi') === true;
    if (theirs !== undefined || !isLenient) return theirs;
    const ours = children.namedBy(protocol, 'inbound', spi);
    if (ours !== undefined) ikeSa.tolerate(['delete-of-receivers-spi']);
    return ours;
  }

  /** Whether the children end with this IKE SA: it is the last, and there is to be one for as long as there are children. */
  #isChannel(ikeSa: IkeSa): boolean {
    const { ikeSas, entry } = this.#of;
    const isLast = ikeSas.all.includes(ikeSa) && ikeSas.established(ikeSa).length === 0;
    return isLast && entry.config.channel === 'continuous';
  }
}

function settle(rival: IkeSa, ikeSa: IkeSa): void {
  const { goes, deletesHere, collide } = decide(contender(rival), contender(ikeSa));
  goes.ikeSa.retire(deletesHere, collide);
}

function contender(ikeSa: IkeSa): Contender & { readonly ikeSa: IkeSa } {
  const { role, createdAt: startedAt, establishedAt = startedAt, cookies } = ikeSa;
  return { ikeSa, role, startedAt, establishedAt, lowest: lowest(cookies.initiator, cookies.responder) };
}
