import {
  after,
  type DeletePayload,
  type Duration,
  equalIdentification,
  type Identification,
  type Instant,
  milliseconds,
  type NotificationPayload,
  notifyName,
  PROTOCOL_ID,
  type Spi,
} from '@espalier/wire';
import type { ChildFailedEvent, IkeSaInfo } from '../events.ts';
import type { ChildFailure, Clue, DeleteReason, IkeFailure } from '../failures.ts';
import {
  ASKED_BY_PHASE_1_PAUSE,
  CHILDREN_PER_PEER,
  CPIS_IN_ALL,
  MESSAGE_3_ON_ITS_WAY,
  PHASE_1_ATTEMPTS,
  REDIRECTIONS_MOST,
  REKEY_RETRY,
  UNKNOWN_SPI_PAUSE,
} from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { randomCookie, randomCpi, randomSpi } from '../runtime/random.ts';
import type { Renewed } from '../sa/authenticated.ts';
import type { ChildOrigin, ChildOwner } from '../sa/child.ts';
import { Children } from '../sa/children.ts';
import { type Contender, decide, lowest } from '../sa/collision.ts';
import type { ChildEffect, IkeSaEffect } from '../sa/effect.ts';
import { IkeSa, type IkeSaOwner } from '../sa/ike-sa.ts';
import { IkeSas } from '../sa/ike-sas.ts';
import type { ProtectionProtocol, ProtectionSpis } from '../sa/protections.ts';
import { canBegin, mayBegin, purposeOf } from '../sa/purpose.ts';
import type { Tolerance } from '../tolerances.ts';
import type { AssignedConfiguration, ChildPolicy, Endpoint } from '../types.ts';
import { provesUser } from '../v1/authentication/xauth.ts';
import { isOne } from '../v1/identities.ts';
import { deletesOfChild } from '../v1/informational/informational.ts';
import { invalidSpi, type UnknownSpi } from '../v1/informational/invalid-spi.ts';
import { probeNotification } from '../v1/informational/probe.ts';
import type { NumberedGroup } from '../v1/new-group/offer.ts';
import { startPhase1 } from '../v1/phase1/modes.ts';
import { bundlesOf, mayCompress } from '../v1/proposals/bundles.ts';
import { type OwnSpis, protocolOf, spiFrom } from '../v1/proposals/spis.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { Assignment, asAnswered, asBegun } from './assignment.ts';
import type { Directory } from './directory.ts';
import { withOwnPhase1, withOwnPhase2 } from './ours.ts';
import type { Entry, Whom } from './pad/entry.ts';
import { modeOf, phase1Context, proposalsIn } from './pad/profile.ts';
import { ASKED_PACE, DeadPeerDetector, type Watched } from './path/dead-peer.ts';
import { isFixed, isSamePath, type Path } from './path/path.ts';
import { type Belongings, Whereabouts } from './path/whereabouts.ts';
import { profileFor } from './profiles/profiles.ts';
import { loadBalanceAddress, Redirection } from './redirection.ts';
import { type Answerer, Responder } from './responder.ts';
import { tellNotified, tellRefused } from './tell.ts';

/** Why a child came to nothing. */
type ChildClue = Omit<Clue, 'reason'> & { readonly reason: ChildFailure };

const LIMIT: Clue = { reason: 'limit', detail: undefined };
const WAITS_FOR_USERS: Clue = { reason: 'no-proposal-chosen', detail: undefined };
const NOTHING_ASSIGNED: ChildClue = { reason: 'no-lease', detail: undefined };
const AH_BEHIND_NAT: ChildClue = { reason: 'ah-behind-nat', detail: undefined };
const GROUP_NOT_AGREED: ChildClue = { reason: 'group-not-agreed', detail: undefined };

/** Where peers file what they have, and whom they tell that they have nothing left. */
export interface PeerHost {
  readonly directory: Directory<Peer>;
  /** Nothing is left of a peer. */
  idle(peer: Peer): void;
}

/** Why an IKE SA ends of which nothing else says what becomes of the children. */
const LASTS_NO_LONGER: ReadonlySet<DeleteReason> = new Set(['expired', 'peer-deleted']);

/** Children to negotiate in one Quick Mode: one, unless they were asked for together. */
type Wanted = readonly ChildPolicy[];

const NOTHING_WANTED: readonly Wanted[] = [];
const NOTHING_TOLD: readonly Tolerance[] = [];

/** One peer with which there is something: its IKE SAs, its children, and what is still wanted of it. */
export class Peer implements IkeSaOwner, ChildOwner, Watched, Belongings, Answerer {
  readonly name: string;
  readonly template: string | undefined;
  readonly entry: Entry<Peer>;
  readonly ikeSas: IkeSas;
  readonly children: Children<Peer>;
  readonly #host: PeerHost;
  /** Whom a peer of a template has proved to be: nobody else is to answer in its place. */
  readonly #identity: Identification | undefined;
  /** Whom XAuth has proved it to be last, of a peer that is asked. */
  #user: string | undefined;
  readonly #environment: Environment;

  readonly #whereabouts: Whereabouts;
  #detector: DeadPeerDetector | undefined;
  /** Between which ends a peer of a template was seen last. */
  #path: Path;
  /** Undefined where Mode Config has given nothing. */
  #assignment: Assignment | undefined;
  /** Where the peer has sent this side, in the place of where it is configured to be. */
  #redirection: Redirection | undefined;
  /** Children to negotiate as soon as there is an IKE SA. */
  #wanted: readonly Wanted[] = NOTHING_WANTED;
  /** When it was told last of an SPI that is nobody's. */
  #spiToldAt: Instant | undefined;
  /** When, and how long after the last time, it may be asked for a sign of life by a new phase 1. */
  #askAgain: Instant | undefined;
  #askPause: Duration = ASKED_BY_PHASE_1_PAUSE;
  /** Phase 1 was begun so often, and came to nothing when the peer had answered. */
  #attempts = 0;
  /** What the caller knows of that is taken of this peer. */
  #told: readonly Tolerance[] = NOTHING_TOLD;
  #implementation: string | undefined;

  /** `path`: between which ends the peer is spoken to first; `whom`: whom it has proved to be, of a template. */
  constructor(entry: Entry<Peer>, path: Path, whom: Whom, environment: Environment, host: PeerHost) {
    this.entry = entry;
    this.name = entry.nameOf(whom);
    this.#user = whom.user;
    this.template = entry.isTemplate ? entry.name : undefined;
    this.#identity = entry.isTemplate ? whom.identity : undefined;
    this.#path = path;
    this.#environment = environment;
    this.#host = host;
    this.children = new Children(environment, this, host.directory);
    this.ikeSas = new IkeSas(host.directory);
    this.#whereabouts = new Whereabouts(environment, this);
  }

  get ikeSaInfos(): readonly IkeSaInfo[] {
    return this.ikeSas.all.map(({ info }) => info);
  }

  /** Where the peer is configured to be, or was seen last. */
  get home(): Path {
    const { local, remote } = this.entry.config;
    return this.#redirection?.path ?? (isFixed(remote) ? { local, remote } : this.#path);
  }

  get isInUse(): boolean {
    return this.children.size > 0 || this.ikeSas.established().length > 0;
  }

  /** What Mode Config has given to one end. */
  get configuration(): AssignedConfiguration | undefined {
    return this.#assignment?.configuration;
  }

  /** As they are answered. */
  get answered(): readonly ChildPolicy[] {
    const { children } = this.entry.config;
    return children.map((policy) => asAnswered(policy, this.configuration));
  }

  /**
   * Whose user an IKE SA goes on with, where IKE SAs are renewed without asking again. At a gateway it comes from where one is
   * that the user was asked under; and in both phase 1 has proved the same identity.
   */
  renewed(ikeSa: IkeSa): Renewed | undefined {
    const { sa, path } = ikeSa;
    if (sa?.xauth?.onRenewal !== false || !provesUser(sa.proposal)) return undefined;
    const { xauth, proof } = sa;
    const isTakenOver = ({ sa: old, path: known }: IkeSa): boolean =>
      old !== undefined &&
      old.proposal.authentication === sa.proposal.authentication &&
      equalIdentification(old.proof.identity, proof.identity) &&
      (xauth.side === 'user' || isSamePath(known, path));
    const before = this.ikeSas.established(ikeSa).findLast(isTakenOver);
    return before && { user: before.user };
  }

  /** Negotiates the children of these policies that there are not; phase 1 alone where there are no policies. */
  initiate(policies: readonly ChildPolicy[]): void {
    if (policies.length === 0 && this.ikeSas.current() === undefined) this.#connect();
    for (const policy of policies.map((one) => asBegun(one, this.configuration))) {
      if (this.children.current(policy) === undefined) this.#want(policy);
    }
  }

  /** Negotiates the children of these policies, which are for the same, in one Quick Mode: those that there are not. */
  initiateTogether(policies: readonly ChildPolicy[]): void {
    const begun = policies.map((one) => asBegun(one, this.configuration));
    const missing = begun.filter((policy) => this.children.current(policy) === undefined);
    if (missing.length > 0) this.#wantTogether(missing);
  }

  /** Asks the peer to know a group by a number under the present IKE SA. */
  newGroup(wanted: NumberedGroup): void {
    if (this.ikeSas.current()?.askForGroup(wanted) === true) return;
    const { number } = wanted;
    this.#environment.outbox.emit({ kind: 'group-failed', peer: this.name, number, reason: 'no-ike-sa' });
  }

  /** Negotiates a new IKE SA in the place of the present one. */
  rekey(): void {
    this.#connect();
  }

  /** Nothing happens where there is no such child, or another has taken over from it. */
  rekeyChild(inbound: Spi): void {
    const policy = this.children.policyOf(inbound);
    if (policy !== undefined && this.children.current(policy) === inbound) this.#renew(policy, inbound);
  }

  confirmChild(inbound: Spi): void {
    this.children.takeUp(inbound);
    for (const ikeSa of this.ikeSas.all) ikeSa.confirm(inbound);
  }

  noteEndpoint(inbound: Spi, from: Endpoint): void {
    this.#whereabouts.followChild(inbound, from);
  }

  /** Asks for a sign of life, be the peer watched or not. Of one that does not speak of this phase 1 is the question. */
  ask(): void {
    const answersProbes = this.ikeSas.established().some(({ sa }) => sa?.deadPeerDetection === true);
    if (!answersProbes && !this.#mayAskByPhase1()) return;
    const pace = this.entry.config.deadPeerDetection ?? ASKED_PACE;
    this.#detector ??= new DeadPeerDetector(this.#environment, pace, this);
    this.#detector.ask();
  }

  /** Packets came whose SPI is nobody's: the peer is told, seldom, if there is an IKE SA to tell it under. */
  tellUnknownSpi(unknown: UnknownSpi): void {
    const ikeSa = this.ikeSas.current();
    const { now } = this.#environment;
    if (ikeSa === undefined || (this.#spiToldAt !== undefined && now < after(this.#spiToldAt, UNKNOWN_SPI_PAUSE)))
      return;
    this.#spiToldAt = now;
    ikeSa.inform([invalidSpi(unknown)]);
  }

  /** Somebody says that the peer has no SA with this SPI: it is asked, if the SPI is one that it is sent to with. */
  doubt(unknown: UnknownSpi): void {
    this.#heed(unknown, false);
  }

  noteTraffic(): void {
    this.#askPause = ASKED_BY_PHASE_1_PAUSE;
    this.#detector?.alive();
  }

  deleteChild(inbound: Spi): void {
    if (this.#endChild(inbound, 'closed')) this.#countDeleted(this.ikeSas.current());
  }

  /** Deletes at both ends every child of the policies that are meant. */
  deleteChildren(isMeant: (policy: ChildPolicy) => boolean): void {
    this.#unwantAll(isMeant);
    for (const protections of this.children.removeAll('closed', isMeant)) this.#tellDeleted(protections);
    for (const ikeSa of this.ikeSas.all) ikeSa.leaveUnanswered(isMeant);
  }

  /** Deletes everything at both ends. */
  close(): void {
    this.#wanted = NOTHING_WANTED;
    this.#detector?.stop();
    for (const protections of this.children.removeAll('closed')) this.#tellDeleted(protections);
    for (const ikeSa of this.ikeSas.all) {
      if (ikeSa.sa === undefined) this.#forget(ikeSa, 'closed');
      else if (ikeSa.isEstablished) this.#remove(ikeSa, 'closed', true);
      else this.#abandon(ikeSa);
    }
    this.#assignment?.end();
  }

  /** An IKE SA that the peer has begun, and that it has proved to be its own. */
  adopt(ikeSa: IkeSa): void {
    ikeSa.assign(this);
    this.#path = ikeSa.path;
    this.ikeSas.adopt(ikeSa);
    this.#established(ikeSa);
  }

  /** The peer is found elsewhere. */
  moved(path: Path): void {
    this.#host.directory.move(this, path);
  }

  /** What happened under an IKE SA. */
  act(ikeSa: IkeSa, effect: IkeSaEffect): void {
    this.#actUpon(ikeSa, effect);
    this.rest();
  }

  /** What happened to a child by itself. */
  apply({ kind, inbound }: ChildEffect): void {
    if (kind === 'child-taken-up') this.children.takeUp(inbound);
    else if (kind !== 'child-soft-expired') this.#endChild(inbound, kind === 'child-outlived' ? 'replaced' : 'expired');
    else if (this.children.isSending(inbound)) this.#renew(this.children.policyOf(inbound), inbound);
    this.rest();
  }

  #actUpon(ikeSa: IkeSa, effect: IkeSaEffect): void {
    switch (effect.kind) {
      case 'established':
        this.#established(ikeSa);
        break;
      case 'failed':
        this.#failed(ikeSa, effect);
        break;
      case 'abandoned':
        break;
      case 'stages-passed':
        this.#ready(ikeSa);
        break;
      case 'configured':
        this.#assignment ??= new Assignment(this.#environment.outbox, this);
        this.#assignment.begin(effect.configuration);
        break;
      case 'refused':
        if (effect.phase === 2) tellRefused(this.#environment.news, this.name, ikeSa.path, effect);
        break;
      case 'soft-expired':
        if (ikeSa === this.ikeSas.current() && this.children.size > 0 && this.#mayConnect) this.#connect();
        break;
      case 'hard-expired':
        this.#remove(ikeSa, 'expired', true);
        break;
      case 'outlived':
        this.#remove(ikeSa, 'replaced', ikeSa.sa?.terms.keepsRenewed !== true);
        break;
      case 'child-negotiated':
        this.#childNegotiated(ikeSa, effect.agreement);
        break;
      case 'child-established':
        this.#childEstablished(ikeSa, effect.agreement);
        break;
      case 'connected':
        this.children.takeUpAll();
        break;
      case 'child-unheard':
        this.children.unheard(effect.inbound);
        break;
      case 'spi-unknown':
        this.#heed(effect, effect.authenticated);
        break;
      case 'child-failed':
        this.#childFailed(ikeSa, effect.policy, effect.inbound, effect);
        break;
      case 'group-agreed': {
        const { initiatorCookie } = ikeSa.info;
        this.#environment.outbox.emit({ ...effect, peer: this.name, initiatorCookie });
        break;
      }
      case 'group-failed':
        this.#environment.outbox.emit({ ...effect, peer: this.name });
        break;
      case 'delete-received':
        this.#deleteReceived(ikeSa, effect.payload);
        break;
      case 'notified':
        this.#notified(effect.notification, effect.authenticated);
        if (effect.authenticated) this.#redirected(ikeSa, effect.notification);
        break;
      case 'initial-contact':
        if (ikeSa.sa !== undefined && ikeSa.isEstablished) this.#restarted(ikeSa, ikeSa.sa.proof.identity);
        break;
      case 'tolerated':
        this.#tolerated(effect.tolerance, ikeSa.path);
        break;
      case 'child-shortened': {
        const protocol = protocolOf(effect.protocol);
        const spi = protocol && spiFrom(protocol, effect.spi);
        if (protocol !== undefined && spi !== undefined) this.children.shorten(protocol, spi, effect.lifetime);
        break;
      }
      case 'alive':
        this.#detector?.alive();
        break;
      case 'acknowledged':
        this.#detector?.acknowledged(effect.sequence);
        break;
      case 'moved':
        this.#whereabouts.follow(effect.path, true);
    }
  }

  #established(ikeSa: IkeSa): void {
    if (ikeSa.user !== undefined && this.#user !== undefined && ikeSa.user !== this.#user) this.#endFormerUser(ikeSa);
    this.#user = ikeSa.user ?? this.#user;
    const isConfigured = this.renewed(ikeSa) !== undefined && this.configuration !== undefined;
    if (!ikeSa.configure(this, isConfigured)) this.#ready(ikeSa);
  }

  /** Nothing has to be passed any more before children are negotiated. */
  #ready(ikeSa: IkeSa): void {
    const { sa } = ikeSa;
    if (sa === undefined) return;
    const before = this.ikeSas.current(ikeSa);
    this.#attempts = 0;
    this.entry.spoken();
    ikeSa.admit(new Responder(ikeSa, this));
    this.#environment.outbox.emit({
      kind: 'ike-established',
      ikeSa: ikeSa.info,
      replaces: before?.info.initiatorCookie,
    });
    this.#recognized(sa.implementation);
    if (ikeSa.isInitialContact) this.#restarted(ikeSa, sa.proof.identity);
    if (sa.nat !== undefined) this.#whereabouts.follow(ikeSa.path);
    for (const rival of this.ikeSas.established(ikeSa)) if (rival.state === 'ready') this.#settle(rival, ikeSa);
    if (ikeSa.role === 'initiator') this.#endRetired(ikeSa);
    for (const surplus of this.ikeSas.surplus()) this.#remove(surplus, 'replaced', true);
    this.#whereabouts.keepAwake();
    if (sa.deadPeerDetection) this.#watch();
    else this.#detector?.stop();
    for (const wanted of this.#takeWanted()) {
      this.#wantTogether(wanted.map((policy) => asBegun(policy, this.configuration)));
    }
  }

  #failed(ikeSa: IkeSa, { reason, detail: heard }: Clue): void {
    const { role, path, isReached, sa } = ikeSa;
    const detail = withOwnPhase1(heard, this.entry.config);
    this.#forget(ikeSa, reason);
    const event = { kind: 'ike-failed', peer: this.name, role, ...path, reason, detail, suppressed: 0 } as const;
    this.#environment.outbox.emit(event);
    const current = this.ikeSas.current();
    current?.renewAfter(REKEY_RETRY);
    // The peer has forgotten what it had answered, or never had what answers that.
    const isForgotten =
      current === undefined && role === 'initiator' && isReached && sa === undefined && reason === 'no-answer';
    if (isForgotten && ++this.#attempts < PHASE_1_ATTEMPTS) {
      this.#connect();
      return;
    }
    this.#attempts = 0;
    this.#redirection = undefined;
    for (const wanted of this.#takeWanted()) {
      if (current !== undefined) this.#wantTogether(wanted);
      else for (const policy of wanted) this.#tellFailed(policy, 1, { reason, detail });
    }
  }

  #childNegotiated(ikeSa: IkeSa, agreement: ChildAgreement): void {
    const origin = originOf(ikeSa);
    if (origin !== undefined) this.children.negotiated(agreement, origin);
  }

  #childEstablished(ikeSa: IkeSa, agreement: ChildAgreement): void {
    this.#unwant(agreement.policy);
    const origin = originOf(ikeSa);
    if (origin !== undefined) this.children.agreed(agreement, origin);
  }

  #childFailed(ikeSa: IkeSa, policy: ChildPolicy, inbound: Spi, { reason, detail }: ChildClue): void {
    // The next attempt begins with a new IKE SA.
    if (reason === 'no-answer') ikeSa.isSilent = true;
    const protections = this.children.protectionsOf(inbound);
    const wasNegotiated = this.children.failed(inbound);
    if (wasNegotiated) this.#tellDeleted(protections);
    if (!wasNegotiated) this.#tellFailed(policy, 2, { reason, detail: withOwnPhase2(detail, policy) });
    else if (this.#unwant(policy)) this.#want(policy);
    else this.children.retry(policy);
  }

  #deleteReceived(ikeSa: IkeSa, { protocol: number, spis }: DeletePayload): void {
    const protocol = protocolOf(number);
    for (const spi of spis) {
      if (number === PROTOCOL_ID.isakmp) {
        const deleted = this.ikeSas.named(spi);
        if (deleted?.sa !== undefined) this.#remove(deleted, 'peer-deleted', false);
      } else if (protocol !== undefined) {
        const named = spiFrom(protocol, spi);
        const inbound = named && this.#childDeleted(ikeSa, protocol, named);
        if (inbound !== undefined && this.children.remove(inbound, 'peer-deleted')) this.#countDeleted(ikeSa);
      }
    }
  }

  /** The child that a Delete names by the SPI that its sender receives with, or, as some have it, by that of its receiver. */
  #childDeleted(ikeSa: IkeSa, protocol: ProtectionProtocol, spi: Spi): Spi | undefined {
    const theirs = this.children.namedBy(protocol, 'outbound', spi);
    const isLenient = ikeSa.sa?.terms.leniency.has('delete-of-receivers-spi') === true;
    if (theirs !== undefined || !isLenient) return theirs;
    const ours = this.children.namedBy(protocol, 'inbound', spi);
    if (ours !== undefined) ikeSa.tolerate(['delete-of-receivers-spi']);
    return ours;
  }

  #notified({ notifyType }: NotificationPayload, authenticated: boolean): void {
    const event = {
      kind: 'notified',
      peer: this.name,
      notifyType,
      name: notifyName(notifyType),
      authenticated,
    } as const;
    if (authenticated) this.#environment.outbox.emit({ ...event, suppressed: 0 });
    else tellNotified(this.#environment.news, event);
  }

  /** A gateway that has too much to do sends its clients to another one (Cisco's LOAD-BALANCE). */
  #redirected(ikeSa: IkeSa, notification: NotificationPayload): void {
    const address = loadBalanceAddress(notification);
    const isClient = ikeSa.role === 'initiator' && this.entry.config.modeConfig?.side === 'client';
    const count = (this.#redirection?.count ?? 0) + 1;
    if (address === undefined || !isClient || ikeSa.isEstablished || count > REDIRECTIONS_MOST) return;
    this.#redirection = new Redirection(ikeSa.path.local.address, address, count);
    this.#environment.outbox.emit({ kind: 'redirected', peer: this.name, ...this.#redirection.path });
    this.#abandon(ikeSa);
    this.#connect();
  }

  #recognized(implementation: string | undefined): void {
    if (implementation === undefined || implementation === this.#implementation) return;
    this.#implementation = implementation;
    const profile = profileFor(implementation);
    this.#environment.outbox.emit({ kind: 'implementation-known', peer: this.name, implementation, profile });
  }

  /** Once is enough to know of it. */
  #tolerated(tolerance: Tolerance, path: Path): void {
    if (this.#told.includes(tolerance)) return;
    this.#told = this.#told.concat(tolerance);
    this.#environment.outbox.emit({ kind: 'tolerated', peer: this.name, ...path, tolerance });
  }

  /** Without an IKE SA to ask with, a new one is the question. */
  probe(sequence: number): void {
    const ikeSa = this.ikeSas.current();
    if (ikeSa?.sa?.deadPeerDetection !== true) this.#connect();
    else ikeSa.inform([probeNotification(ikeSa.cookies, { kind: 'R-U-THERE', sequence })]);
  }

  /** What a phase 1 costs is not spent on traffic of one direction again and again. */
  #mayAskByPhase1(): boolean {
    const { now } = this.#environment;
    if (!this.#mayConnect || !this.isInUse || (this.#askAgain !== undefined && now < this.#askAgain)) return false;
    this.#askAgain = after(now, this.#askPause);
    this.#askPause = milliseconds(2 * this.#askPause);
    return true;
  }

  /**
   * The peer has no SA with an SPI that it is sent to with (RFC 2408 §3.14.1). Obeyed if it is the peer that says so, unless
   * it may not have message 3 yet; else a reason to ask.
   */
  #heed(unknown: UnknownSpi, authenticated: boolean): void {
    const child = this.children.sendingWith(unknown);
    if (child === undefined) return;
    const isYoung = this.#environment.now < after(child.establishedAt, MESSAGE_3_ON_ITS_WAY);
    if (isYoung) return;
    if (!authenticated) {
      this.ask();
      return;
    }
    const policy = this.children.policyOf(child.inbound);
    const wasSending = this.children.isSending(child.inbound);
    if (this.#endChild(child.inbound, 'unknown-to-peer') && wasSending) this.#renew(policy, child.inbound);
  }

  dead(): void {
    this.children.removeAll('peer-dead');
    for (const ikeSa of this.ikeSas.established()) this.#remove(ikeSa, 'peer-dead', false);
    this.rest();
  }

  #watch(): void {
    const { deadPeerDetection } = this.entry.config;
    if (deadPeerDetection === undefined) return;
    this.#detector ??= new DeadPeerDetector(this.#environment, deadPeerDetection, this);
    this.#detector.watch();
  }

  /** Negotiates a child in the place of another of this policy, as it is configured now. */
  #renew(policy: ChildPolicy | undefined, inbound: Spi): void {
    const configured = this.entry.config.children.find(({ name }) => name === policy?.name);
    if (policy === undefined || configured === undefined || this.entry.isRemoved) return;
    const begun = asBegun(configured, this.configuration);
    const isOfPolicy = canBegin(begun) && !this.children.isPart(inbound);
    const { localIdentity, remoteIdentity } = isOfPolicy ? begun : policy;
    this.#want({ ...configured, localIdentity, remoteIdentity });
  }

  /** Negotiates a child now, or as soon as there is an IKE SA to do it with. */
  #want(policy: ChildPolicy): void {
    this.#wantTogether([policy]);
  }

  /** Likewise several, in one Quick Mode; each by itself where one of them is under way already. */
  #wantTogether(policies: Wanted): void {
    const ikeSa = this.ikeSas.current();
    if (ikeSa === undefined) {
      this.#await(policies);
      this.#connect();
      return;
    }
    const wanted = policies.filter((policy) => this.#mayNegotiate(policy, ikeSa));
    if (wanted.length < policies.length && wanted.length > 1) {
      for (const policy of wanted) this.#want(policy);
      return;
    }
    if (!this.#hasRoomFor(wanted.map(mayCompress))) {
      for (const policy of wanted) this.#tellFailed(policy, 2, LIMIT);
      return;
    }
    const owns = this.#draw(wanted.map(mayCompress));
    const [first, ...others] = owns.flatMap((own, i) => wanted.slice(i, i + 1).map((policy) => ({ policy, own })));
    if (first === undefined) return;
    const children = [first, ...others] as const;
    for (const { own, policy } of children) this.children.offered(own, policy);
    if (ikeSa.startQuickMode(children)) return;
    for (const { own, policy } of children) this.#childFailed(ikeSa, policy, own.spi, LIMIT);
  }

  /** Whether a Quick Mode for it may begin: else one is under way, or it is told why not. */
  #mayNegotiate(policy: ChildPolicy, ikeSa: IkeSa): boolean {
    if (!canBegin(policy)) {
      this.#tellFailed(policy, 2, NOTHING_ASSIGNED);
      return false;
    }
    const isAwaited = this.children.isAwaited(policy);
    if (isAwaited) this.#await([policy]);
    if (isAwaited || this.children.isOffered(policy)) return false;
    const clue = bundlesOf(policy, ikeSa.nat).length === 0 ? AH_BEHIND_NAT : GROUP_NOT_AGREED;
    if (clue === GROUP_NOT_AGREED && ikeSa.knowsGroup(policy.pfsGroup)) return true;
    this.#tellFailed(policy, 2, clue);
    return false;
  }

  /** Starts phase 1, unless one that this side started is under way. */
  #connect(): void {
    if (this.ikeSas.isConnecting) return;
    if (proposalsIn(this.entry.config, 'initiator').length === 0) {
      for (const policy of this.#takeWanted().flat()) this.#tellFailed(policy, 1, WAITS_FOR_USERS);
      return;
    }
    const path = this.#whereabouts.known;
    const mode = modeOf(this.entry.config);
    const context = phase1Context(this.entry.config, this.#environment, path, 'initiator', () => !this.isInUse);
    const remoteIdentity = this.#redirection?.identityOf(this.entry.config) ?? context.remoteIdentity;
    const meant = { ...context, remoteIdentity: this.#identity ?? remoteIdentity };
    const { fragmentOctets } = meant;
    const step = startPhase1(mode, meant, randomCookie(this.#environment.rng));
    const ikeSa = new IkeSa(this.#environment, this, path, {
      mode,
      role: 'initiator',
      state: step.next[0],
      fragmentOctets: () => fragmentOctets,
    });
    this.ikeSas.add(ikeSa);
    ikeSa.start(step);
  }

  /** Whether this side can begin: a gateway that asks for users waits for them. */
  get #mayConnect(): boolean {
    return !this.entry.isRemoved && proposalsIn(this.entry.config, 'initiator').length > 0;
  }

  /** Ends one that has not become ready. */
  #abandon(ikeSa: IkeSa): void {
    if (this.ikeSas.remove(ikeSa)) ikeSa.close('closed');
  }

  #settle(older: IkeSa, newer: IkeSa): void {
    const { goes, deletesHere } = decide(contender(older), contender(newer));
    goes.ikeSa.retire(deletesHere);
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endRetired({ createdAt }: IkeSa): void {
    for (const ikeSa of this.ikeSas.all) {
      const isOld = ikeSa.establishedAt !== undefined && ikeSa.establishedAt <= createdAt;
      if (isOld && ikeSa.state === 'retired') ikeSa.retire(true);
    }
  }

  /** INITIAL-CONTACT: what the peer had before this negotiation began is lost (RFC 2407 §4.6.3.3). */
  #restarted(ikeSa: IkeSa, identity: Identification): void {
    const isPeer = (other: Identification): boolean => equalIdentification(other, identity);
    this.children.removeOlderThan(ikeSa.createdAt, isPeer);
    for (const other of this.ikeSas.established(ikeSa)) {
      const isOld = (other.establishedAt ?? ikeSa.createdAt) < ikeSa.createdAt;
      if (isOld && other.sa !== undefined && isPeer(other.sa.proof.identity)) {
        this.#remove(other, 'peer-restarted', false);
      }
    }
  }

  /** Somebody else speaks from where a user was: of what that user had nothing is theirs. */
  #endFormerUser(ikeSa: IkeSa): void {
    const former = this.ikeSas.established(ikeSa);
    for (const protections of this.children.removeAll('replaced')) former.at(-1)?.inform(deletesOfChild(protections));
    for (const other of former) this.#remove(other, 'replaced', true);
    this.#assignment?.end();
  }

  #endChild(inbound: Spi, reason: DeleteReason): boolean {
    const protections = this.children.protectionsOf(inbound);
    const wasThere = this.children.remove(inbound, reason);
    if (wasThere) this.#tellDeleted(protections);
    return wasThere;
  }

  /** Tells the peer that the inbound SPIs of a child are gone. */
  #tellDeleted(protections: readonly ProtectionSpis[]): void {
    const messenger = this.ikeSas.current() ?? this.ikeSas.established().at(-1);
    messenger?.inform(deletesOfChild(protections));
  }

  #remove(ikeSa: IkeSa, reason: DeleteReason, tell: boolean): void {
    const { info } = ikeSa;
    if (LASTS_NO_LONGER.has(reason) && this.#isChannel(ikeSa)) {
      for (const protections of this.children.removeAll(reason)) if (tell) ikeSa.inform(deletesOfChild(protections));
    }
    if (!this.ikeSas.remove(ikeSa)) return;
    if (tell) ikeSa.close(reason);
    else ikeSa.drop(reason);
    this.ikeSas.reinstate();
    this.#environment.outbox.emit({ kind: 'ike-deleted', ikeSa: info, reason });
  }

  /** Whether the children end with this IKE SA: it is the last, and there is to be one for as long as there are children. */
  #isChannel(ikeSa: IkeSa): boolean {
    const isLast = this.ikeSas.all.includes(ikeSa) && this.ikeSas.established(ikeSa).length === 0;
    return isLast && this.entry.config.channel === 'continuous';
  }

  #forget(ikeSa: IkeSa, reason: IkeFailure | DeleteReason): void {
    if (this.ikeSas.remove(ikeSa)) ikeSa.drop(reason);
  }

  #tellFailed(policy: ChildPolicy, phase: 1 | 2, { reason, detail }: ChildClue): void {
    this.#environment.outbox.emit({
      kind: 'child-failed',
      peer: this.name,
      policy: policy.name,
      phase,
      reason,
      detail,
      ...this.#openEnds(policy),
    });
    this.children.retry(policy);
  }

  /** What a child is for, where its policy leaves that open. */
  #openEnds({ name, localIdentity, remoteIdentity }: ChildPolicy): Pick<ChildFailedEvent, 'identities'> {
    const configured = this.entry.config.children.find((child) => child.name === name);
    const isOpen = configured !== undefined && !mayBegin(configured) && isOne(localIdentity) && isOne(remoteIdentity);
    return isOpen ? { identities: { localIdentity, remoteIdentity } } : {};
  }

  /** Children are to be negotiated when they can be. */
  #await(policies: Wanted): void {
    for (const policy of policies) this.#unwant(policy);
    this.#wanted = [...this.#wanted, policies];
  }

  /** Whether it was wanted. */
  #unwant(policy: ChildPolicy): boolean {
    const purpose = purposeOf(policy);
    return this.#unwantAll((wanted) => purposeOf(wanted) === purpose);
  }

  /** Whether any was wanted. */
  #unwantAll(isMeant: (policy: ChildPolicy) => boolean): boolean {
    const before = this.#wanted.flat().length;
    if (before === 0) return false;
    const left = this.#wanted.map((wanted) => wanted.filter((policy) => !isMeant(policy)));
    this.#wanted = left.filter((wanted) => wanted.length > 0);
    return left.flat().length < before;
  }

  #takeWanted(): readonly Wanted[] {
    const wanted = this.#wanted;
    this.#wanted = NOTHING_WANTED;
    return wanted;
  }

  #hasRoomFor(compresses: readonly boolean[]): boolean {
    const { cpiCount } = this.#host.directory;
    const cpis = compresses.filter(Boolean).length;
    return (
      this.children.size + compresses.length <= CHILDREN_PER_PEER && (cpis === 0 || cpiCount + cpis <= CPIS_IN_ALL)
    );
  }

  /** @throws Refusal where the peer has as many children as it may, or there are as many CPIs as there may be. */
  drawSpis(compresses: readonly boolean[]): readonly OwnSpis[] {
    if (!this.#hasRoomFor(compresses)) refuse('limit');
    return this.#draw(compresses);
  }

  #draw(compresses: readonly boolean[]): readonly OwnSpis[] {
    const { rng } = this.#environment;
    const { directory } = this.#host;
    const drawn: OwnSpis[] = [];
    for (const needsCpi of compresses) {
      const spi = randomSpi(rng, (value) => directory.isTaken(value) || drawn.some((own) => own.spi === value));
      const isCpiTaken = (value: number): boolean =>
        directory.isCpiTaken(value) || drawn.some(({ cpi }) => cpi === value);
      drawn.push({ spi, cpi: needsCpi ? randomCpi(rng, isCpiTaken) : undefined });
    }
    return drawn;
  }

  #countDeleted(ikeSa: IkeSa | undefined): void {
    if (ikeSa !== undefined) ikeSa.childrenDeleted++;
  }

  /** Whether anything is left: where nothing is, the peer need not be kept. */
  rest(): void {
    if (this.ikeSas.size > 0 || this.children.size > 0 || this.#wanted.length > 0) return;
    this.#assignment?.end();
    this.#host.idle(this);
  }
}

function contender(ikeSa: IkeSa): Contender & { readonly ikeSa: IkeSa } {
  const { role, createdAt: startedAt, establishedAt = startedAt, cookies } = ikeSa;
  return { ikeSa, role, startedAt, establishedAt, lowest: lowest(cookies.initiator, cookies.responder) };
}

function originOf({ path, sa }: IkeSa): ChildOrigin | undefined {
  return sa && { path, nat: sa.nat, peerIdentity: sa.proof.identity };
}
