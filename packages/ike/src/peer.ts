import {
  concat,
  type DeletePayload,
  EXCHANGE,
  equalIdentification,
  equalOctets,
  type Identification,
  type Instant,
  type NotificationPayload,
  notifyName,
  PROTOCOL_ID,
  type Spi,
} from '@espalier/wire';
import type { PreSharedKey } from './authentication.ts';
import { Children, type ChildrenOwner } from './children.ts';
import { decide } from './collision.ts';
import { canonicalEndpoint } from './configuration.ts';
import type { Directory } from './directory.ts';
import type { Environment } from './environment.ts';
import { addressId } from './identities.ts';
import type { Incoming } from './incoming.ts';
import { deleteOfChild } from './informational.ts';
import { CHILDREN_PER_PEER, HALF_OPEN_PER_PEER, NONCE_OCTETS, REKEY_RETRY, SESSIONS_PER_PEER } from './limits.ts';
import { startMainMode } from './main-mode/initiator.ts';
import { ExpectSa } from './main-mode/responder.ts';
import type { Phase1Context } from './phase1.ts';
import { spiFrom, spiOctets } from './proposals/phase2.ts';
import type { ChildAgreement } from './quick-mode/quick.ts';
import type { QuickResponder } from './quick-mode/responder.ts';
import { randomCookie, randomSpi } from './random.ts';
import { refuse } from './refusals.ts';
import { NO_ANSWER } from './retransmission.ts';
import { IkeSession } from './session.ts';
import type { SessionEnds, SessionOwner } from './session-owner.ts';
import type { ChildInfo, ChildPolicy, DeleteReason, Endpoint, IkeSaInfo, PeerConfig } from './types.ts';

/** One configured peer: its ISAKMP SAs, its children, and what is still wanted of it. */
export class Peer implements SessionOwner, ChildrenOwner {
  readonly name: string;
  readonly responder: QuickResponder;
  readonly #config: PeerConfig;
  readonly #environment: Environment;
  readonly #directory: Directory;
  readonly #authentication: PreSharedKey;
  readonly #context: Phase1Context;
  readonly #children: Children;
  readonly #sessions = new Set<IkeSession>();
  /** Responder's sessions by the digest of the message that began them. */
  readonly #firstMessages = new Map<string, IkeSession>();
  /** Children to negotiate as soon as there is an ISAKMP SA. */
  readonly #wanted = new Set<ChildPolicy>();

  constructor(config: PeerConfig, authentication: PreSharedKey, environment: Environment, directory: Directory) {
    const { engine, rng } = environment;
    const [local, remote] = [addressId(config.local.address), addressId(config.remote.address)];
    this.name = config.name;
    this.#config = config;
    this.#environment = environment;
    this.#directory = directory;
    this.#authentication = authentication;
    this.#children = new Children(environment, this);
    this.#context = {
      engine,
      rng,
      proposals: config.proposals,
      lifetime: config.lifetime,
      localIdentity: config.localIdentity ?? local,
      remoteIdentity: config.remoteIdentity ?? remote,
      authentication,
      nonceOctets: NONCE_OCTETS,
      initialContact: () => this.#isFirstContact(),
    };
    this.responder = {
      engine,
      rng,
      policies: config.children,
      gateways: [remote, local],
      drawSpi: () => this.#drawSpi(),
    };
  }

  get sessions(): readonly IkeSaInfo[] {
    return [...this.#sessions].map(({ info }) => info);
  }

  get children(): readonly ChildInfo[] {
    return this.#children.infos;
  }

  hasSpi(value: number): boolean {
    return this.#children.has(value) || [...this.#sessions].some((session) => session.hasOffered(value));
  }

  /** Negotiates the children of these policies that there are not; phase 1 alone where there are no policies. */
  initiate(policies: readonly ChildPolicy[] = this.#config.children): void {
    if (policies.length === 0 && this.#current() === undefined) this.#connect();
    for (const policy of policies) if (this.#children.current(policy) === undefined) this.#want(policy);
  }

  /** The policy of this name. @throws RangeError where there is none. */
  policy(name: string): ChildPolicy {
    const policy = this.#config.children.find((child) => child.name === name);
    if (policy === undefined) throw new RangeError(`childName: peer ${this.name} has no child ${name}`);
    return policy;
  }

  /** Negotiates a new ISAKMP SA in the place of the present one. */
  rekey(): void {
    this.#connect();
  }

  /** Nothing happens where there is no such child, or another has taken over from it. */
  rekeyChild(inbound: Spi): void {
    const policy = this.#children.policyOf(inbound);
    if (policy !== undefined && this.#children.current(policy) === inbound) this.#want(policy);
  }

  confirmChild(inbound: Spi): void {
    for (const session of this.#sessions) session.confirm(inbound);
  }

  noteEndpoint(inbound: Spi, from: Endpoint): void {
    if (this.#children.has(inbound)) canonicalEndpoint(from);
  }

  noteTraffic(inbound: Spi): void {
    this.#children.has(inbound);
  }

  deleteChild(inbound: Spi): void {
    if (this.#children.remove(inbound, 'closed', true)) this.#countDeleted(this.#current());
  }

  /** Deletes everything at both ends. */
  close(): void {
    this.#wanted.clear();
    this.#children.removeAll('closed');
    for (const session of [...this.#sessions]) {
      if (session.sa === undefined) this.#forget(session, 'closed');
      else this.#remove(session, 'closed', true);
    }
    this.#authentication.wipe();
  }

  /** A message without a responder's cookie. @throws Refusal or DecodeError, with nothing changed. */
  receiveFirst(message: Incoming, ends: SessionEnds): void {
    const known = this.#firstMessages.get(message.digest);
    if (known !== undefined) {
      known.receive(message);
      return;
    }
    if (message.header.exchange !== EXCHANGE.main) refuse('unsupported-exchange');
    const displaced = this.#displaced();
    const state = new ExpectSa(this.#context, () => randomCookie(this.#environment.rng));
    const session = new IkeSession(this.#environment, this, ends, 'responder', state);
    session.receive(message);
    if (displaced !== undefined) this.#forget(displaced, 'limit');
    this.#sessions.add(session);
    this.#firstMessages.set(message.digest, session);
    this.#directory.file(session);
  }

  established(session: IkeSession): void {
    const { sa } = session;
    const before = this.#current(session);
    this.#environment.outbox.emit({
      kind: 'ike-established',
      ikeSa: session.info,
      replaces: before?.info.initiatorCookie,
    });
    if (sa?.initialContact === true) this.#restarted(session, sa.remoteIdentity);
    for (const rival of this.#established(session)) if (!rival.isRetired) this.#settle(rival, session);
    if (session.role === 'initiator') this.#endRetired(session);
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const policy of wanted) this.#want(policy);
  }

  failed(session: IkeSession, reason: string): void {
    const { role, isKeyed } = session;
    this.#forget(session, reason);
    // Nobody need exist behind a first message, so an event for each would be the sender's to make.
    if (role === 'responder' && !isKeyed) return;
    this.#environment.outbox.emit({ kind: 'ike-failed', peer: this.name, role, reason });
    if (role === 'responder') return;
    const current = this.#current();
    if (current !== undefined) current.renewAfter(REKEY_RETRY);
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const policy of wanted) {
      if (current !== undefined) this.#want(policy);
      else this.#childFailed(policy, reason);
    }
  }

  softExpired(session: IkeSession): void {
    if (session === this.#current() && this.#children.size > 0) this.#connect();
  }

  hardExpired(session: IkeSession): void {
    this.#remove(session, 'expired', true);
  }

  childNegotiated(session: IkeSession, agreement: ChildAgreement): void {
    this.#children.negotiated(agreement, this.#origin(session));
  }

  childEstablished(session: IkeSession, agreement: ChildAgreement): void {
    this.#children.established(agreement, this.#origin(session));
  }

  childFailed(session: IkeSession, policy: ChildPolicy, inbound: Spi, reason: string): void {
    // The next attempt begins with a new ISAKMP SA.
    if (reason === NO_ANSWER) session.isSilent = true;
    if (this.#children.failed(inbound)) this.#children.retry(policy);
    else this.#childFailed(policy, reason);
  }

  deleteReceived(session: IkeSession, { protocol, spis }: DeletePayload): void {
    for (const spi of spis) {
      if (protocol === PROTOCOL_ID.isakmp) {
        const deleted = [...this.#sessions].find((candidate) => isNamed(candidate, spi));
        if (deleted?.sa !== undefined) this.#remove(deleted, 'peer-deleted', false);
      } else if (protocol === PROTOCOL_ID.esp) {
        const outbound = spiFrom(spi);
        const wasThere = outbound !== undefined && this.#children.removeOutbound(outbound, 'peer-deleted');
        if (wasThere) this.#countDeleted(session);
      }
    }
  }

  notified({ notifyType }: NotificationPayload, authenticated: boolean): void {
    const name = notifyName(notifyType);
    this.#environment.outbox.emit({ kind: 'notified', peer: this.name, notifyType, name, authenticated });
  }

  renew(policy: ChildPolicy): void {
    this.#want(policy);
  }

  tellDeleted(inbound: Spi): void {
    const messenger = this.#current() ?? this.#established().at(-1);
    messenger?.inform([deleteOfChild(spiOctets(inbound))]);
  }

  /** Negotiates a child now, or as soon as there is an ISAKMP SA to do it with. */
  #want(policy: ChildPolicy): void {
    const session = this.#current();
    if (session === undefined) {
      this.#wanted.add(policy);
      this.#connect();
      return;
    }
    const isStarted = [...this.#sessions].some((candidate) => candidate.isNegotiating(policy));
    if (isStarted || this.#children.isAwaited(policy)) return;
    const inbound = this.#drawSpi();
    this.#children.offered(inbound, policy);
    if (!session.startQuickMode(policy, inbound)) this.childFailed(session, policy, inbound, 'limit');
  }

  /** Starts Main Mode, unless one that this side started is under way. */
  #connect(): void {
    const isConnecting = [...this.#sessions].some(({ role, sa }) => role === 'initiator' && sa === undefined);
    if (isConnecting) return;
    const step = startMainMode(this.#context, randomCookie(this.#environment.rng));
    const ends = { local: this.#config.local, remote: this.#config.remote };
    const session = new IkeSession(this.#environment, this, ends, 'initiator', step.next);
    this.#sessions.add(session);
    this.#directory.file(session);
    session.start(step);
  }

  /** The ISAKMP SA to negotiate with: the newest that the peer answers, and that nothing has taken over from. */
  #current(except?: IkeSession): IkeSession | undefined {
    const answering = this.#established(except).filter(({ isSilent }) => !isSilent);
    return answering.findLast(({ isRetired }) => !isRetired) ?? answering.at(-1);
  }

  /** Oldest first. */
  #established(except?: IkeSession): readonly IkeSession[] {
    return [...this.#sessions]
      .filter((session) => session !== except && session.sa !== undefined)
      .sort((a, b) => (a.establishedAt ?? 0) - (b.establishedAt ?? 0));
  }

  #isFirstContact(): boolean {
    return this.#children.size === 0 && this.#established().length === 0;
  }

  #settle(older: IkeSession, newer: IkeSession): void {
    const [a, b] = [contender(older), contender(newer)];
    const { goes, deletesHere } = decide(a, b);
    goes.session.retire(deletesHere ? () => this.#remove(goes.session, 'replaced', true) : undefined);
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endRetired({ createdAt }: IkeSession): void {
    for (const session of this.#sessions) {
      const isOld = session.establishedAt !== undefined && session.establishedAt <= createdAt;
      if (isOld && session.isRetired) session.retire(() => this.#remove(session, 'replaced', true));
    }
  }

  /** INITIAL-CONTACT: what the peer had before this negotiation began is lost (RFC 2407 §4.6.3.3). */
  #restarted(session: IkeSession, identity: Identification): void {
    const isPeer = (other: Identification): boolean => equalIdentification(other, identity);
    this.#children.removeOlderThan(session.createdAt, isPeer);
    for (const other of this.#established(session)) {
      const isOld = (other.establishedAt ?? session.createdAt) < session.createdAt;
      if (isOld && other.sa !== undefined && isPeer(other.sa.remoteIdentity)) {
        this.#remove(other, 'peer-restarted', false);
      }
    }
  }

  #remove(session: IkeSession, reason: DeleteReason, tell: boolean): void {
    const { info } = session;
    if (tell) session.close(reason);
    this.#forget(session, reason);
    this.#environment.outbox.emit({ kind: 'ike-deleted', ikeSa: info, reason });
  }

  #forget(session: IkeSession, reason: string): void {
    if (!this.#sessions.delete(session)) return;
    session.drop(reason);
    this.#directory.remove(session);
    for (const [digest, known] of this.#firstMessages) if (known === session) this.#firstMessages.delete(digest);
  }

  /**
   * Which half-open session gives way to a new one: the oldest whose initiator has not shown that it is reached at its
   * address, so that made-up first messages cannot shut the peer out.
   */
  #displaced(): IkeSession | undefined {
    const halfOpen = [...this.#sessions].filter(({ role, sa }) => role === 'responder' && sa === undefined);
    if (halfOpen.length < HALF_OPEN_PER_PEER && this.#sessions.size < SESSIONS_PER_PEER) return undefined;
    return halfOpen.find(({ isKeyed }) => !isKeyed) ?? refuse('limit');
  }

  #childFailed(policy: ChildPolicy, reason: string): void {
    this.#environment.outbox.emit({ kind: 'child-failed', peer: this.name, policy: policy.name, reason });
    this.#children.retry(policy);
  }

  #origin(session: IkeSession): { ends: SessionEnds; peerIdentity: Identification } {
    return { ends: session.ends, peerIdentity: session.sa?.remoteIdentity ?? this.#context.remoteIdentity };
  }

  #drawSpi(): Spi {
    if (this.#children.size >= CHILDREN_PER_PEER) refuse('limit');
    return randomSpi(this.#environment.rng, (value) => this.#environment.isSpiTaken(value));
  }

  #countDeleted(session: IkeSession | undefined): void {
    if (session !== undefined) session.childrenDeleted++;
  }
}

function contender(session: IkeSession): {
  session: IkeSession;
  role: IkeSession['role'];
  startedAt: Instant;
  establishedAt: Instant;
  values: readonly [Uint8Array, Uint8Array];
} {
  const { role, createdAt: startedAt, establishedAt = startedAt, cookies } = session;
  return { session, role, startedAt, establishedAt, values: [cookies.initiator, cookies.responder] };
}

function isNamed({ cookies }: IkeSession, spi: Uint8Array): boolean {
  return equalOctets(spi, concat(cookies.initiator, cookies.responder));
}
