import {
  type DeletePayload,
  EXCHANGE,
  equalIdentification,
  type Identification,
  type NotificationPayload,
  notifyName,
  PROTOCOL_ID,
  type Spi,
} from '@espalier/wire';
import { canonicalEndpoint } from '../configuration.ts';
import type { ReceivedMessage } from '../exchange/message.ts';
import { CHILDREN_PER_PEER, NONCE_OCTETS, REKEY_RETRY } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { randomCookie, randomSpi } from '../runtime/random.ts';
import { NO_ANSWER } from '../runtime/retransmission.ts';
import { type ChildOrigin, Children, type ChildrenOwner } from '../sa/children.ts';
import { type Contender, decide } from '../sa/collision.ts';
import { IkeSa } from '../sa/ike-sa.ts';
import type { IkeSaOwner } from '../sa/ike-sa-owner.ts';
import { IkeSas } from '../sa/ike-sas.ts';
import type { ChildInfo, ChildPolicy, DeleteReason, Endpoint, IkeSaInfo, PeerConfig } from '../types.ts';
import type { PreSharedKey } from '../v1/authentication/pre-shared-key.ts';
import { addressId } from '../v1/identities.ts';
import { deleteOfChild } from '../v1/informational/informational.ts';
import { probeNotification } from '../v1/informational/probe.ts';
import { startMainMode } from '../v1/main-mode/initiator.ts';
import { ExpectSa } from '../v1/main-mode/responder.ts';
import type { Phase1Context } from '../v1/phase1.ts';
import { spiFrom, spiOctets } from '../v1/proposals/phase2.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import type { QuickResponder } from '../v1/quick-mode/responder.ts';
import { DeadPeerDetector, type Watched } from './dead-peer.ts';
import type { Directory } from './directory.ts';
import type { Path } from './path.ts';
import { Whereabouts } from './whereabouts.ts';

/** One configured peer: its IKE SAs, its children, and what is still wanted of it. */
export class Peer implements IkeSaOwner<IkeSa>, ChildrenOwner, Watched {
  readonly name: string;
  readonly responder: QuickResponder;
  readonly #config: PeerConfig;
  readonly #environment: Environment;
  readonly #authentication: PreSharedKey;
  readonly #context: Phase1Context;
  readonly #children: Children;
  readonly #sessions: IkeSas;
  readonly #whereabouts: Whereabouts;
  readonly #detector: DeadPeerDetector | undefined;
  /** Children to negotiate as soon as there is an IKE SA. */
  readonly #wanted = new Set<ChildPolicy>();

  constructor(config: PeerConfig, authentication: PreSharedKey, environment: Environment, directory: Directory) {
    const { engine, rng } = environment;
    const [local, remote] = [addressId(config.local.address), addressId(config.remote.address)];
    this.name = config.name;
    this.#config = config;
    this.#environment = environment;
    this.#authentication = authentication;
    this.#children = new Children(environment, this, directory);
    this.#sessions = new IkeSas(directory);
    this.#whereabouts = new Whereabouts(environment, {
      peer: config.name,
      configured: { local: config.local, remote: config.remote },
      sessions: this.#sessions,
      children: this.#children,
    });
    const { deadPeerDetection } = config;
    this.#detector = deadPeerDetection && new DeadPeerDetector(environment, deadPeerDetection, this);
    this.#context = {
      engine,
      rng,
      proposals: config.proposals,
      lifetime: config.lifetime,
      localIdentity: config.localIdentity ?? local,
      remoteIdentity: config.remoteIdentity ?? remote,
      authentication,
      nonceOctets: NONCE_OCTETS,
      initialContact: () => !this.isInUse,
      keyLog: environment.keyLog,
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
    return this.#sessions.all.map(({ info }) => info);
  }

  get children(): readonly ChildInfo[] {
    return this.#children.infos;
  }

  hasSpi(value: number): boolean {
    return this.#children.has(value) || this.#sessions.all.some((session) => session.hasOffered(value));
  }

  /** Negotiates the children of these policies that there are not; phase 1 alone where there are no policies. */
  initiate(policies: readonly ChildPolicy[] = this.#config.children): void {
    if (policies.length === 0 && this.#sessions.current() === undefined) this.#connect();
    for (const policy of policies) if (this.#children.current(policy) === undefined) this.#want(policy);
  }

  /** The policy of this name. @throws RangeError where there is none. */
  policy(name: string): ChildPolicy {
    const policy = this.#config.children.find((child) => child.name === name);
    if (policy === undefined) throw new RangeError(`childName: peer ${this.name} has no child ${name}`);
    return policy;
  }

  /** Negotiates a new IKE SA in the place of the present one. */
  rekey(): void {
    this.#connect();
  }

  /** Nothing happens where there is no such child, or another has taken over from it. */
  rekeyChild(inbound: Spi): void {
    const policy = this.#children.policyOf(inbound);
    if (policy !== undefined && this.#children.current(policy) === inbound) this.#want(policy);
  }

  confirmChild(inbound: Spi): void {
    for (const session of this.#sessions.all) session.confirm(inbound);
  }

  noteEndpoint(inbound: Spi, from: Endpoint): void {
    this.#whereabouts.followChild(inbound, canonicalEndpoint(from));
  }

  noteTraffic(): void {
    this.alive();
  }

  deleteChild(inbound: Spi): void {
    if (this.#children.remove(inbound, 'closed', true)) this.#countDeleted(this.#sessions.current());
  }

  /** Deletes everything at both ends. */
  close(): void {
    this.#wanted.clear();
    this.#detector?.stop();
    this.#children.removeAll('closed', true);
    for (const session of this.#sessions.all) {
      if (session.sa === undefined) this.#forget(session, 'closed');
      else this.#remove(session, 'closed', true);
    }
    this.#authentication.wipe();
  }

  /** A message without a responder's cookie. @throws Refusal or DecodeError, with nothing changed. */
  receiveFirst(message: ReceivedMessage): void {
    const { digest, ends } = message;
    const known = this.#sessions.begunBy(digest);
    if (known !== undefined) {
      known.receive(message);
      return;
    }
    if (message.header.exchange !== EXCHANGE.main) refuse('unsupported-exchange');
    const displaced = this.#sessions.displaced();
    const state = new ExpectSa(this.#contextFor(ends), () => randomCookie(this.#environment.rng));
    const session = new IkeSa(this.#environment, this, ends, 'responder', state);
    session.receive(message);
    if (displaced !== undefined) this.#forget(displaced, 'limit');
    this.#sessions.add(session, digest);
  }

  established(session: IkeSa): void {
    const { sa } = session;
    const before = this.#sessions.current(session);
    this.#environment.outbox.emit({
      kind: 'ike-established',
      ikeSa: session.info,
      replaces: before?.info.initiatorCookie,
    });
    if (sa?.initialContact === true) this.#restarted(session, sa.remoteIdentity);
    if (sa?.nat !== undefined) this.#whereabouts.follow(session.ends);
    for (const rival of this.#sessions.established(session)) if (!rival.isRetired) this.#settle(rival, session);
    if (session.role === 'initiator') this.#endRetired(session);
    for (const surplus of this.#sessions.surplus()) this.#remove(surplus, 'replaced', true);
    this.#whereabouts.keepAwake();
    if (sa?.deadPeerDetection === true) this.#detector?.watch();
    else this.#detector?.stop();
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const policy of wanted) this.#want(policy);
  }

  failed(session: IkeSa, reason: string): void {
    const { role, isKeyed } = session;
    this.#forget(session, reason);
    // Nobody need exist behind a first message, so an event for each would be the sender's to make.
    if (role === 'responder' && !isKeyed) return;
    this.#environment.outbox.emit({ kind: 'ike-failed', peer: this.name, role, reason });
    if (role === 'responder') return;
    const current = this.#sessions.current();
    if (current !== undefined) current.renewAfter(REKEY_RETRY);
    const wanted = [...this.#wanted];
    this.#wanted.clear();
    for (const policy of wanted) {
      if (current !== undefined) this.#want(policy);
      else this.#childFailed(policy, reason);
    }
  }

  softExpired(session: IkeSa): void {
    if (session === this.#sessions.current() && this.#children.size > 0) this.#connect();
  }

  hardExpired(session: IkeSa): void {
    this.#remove(session, 'expired', true);
  }

  childNegotiated(session: IkeSa, agreement: ChildAgreement): void {
    this.#children.negotiated(agreement, this.#origin(session));
  }

  childEstablished(session: IkeSa, agreement: ChildAgreement): void {
    this.#wanted.delete(agreement.policy);
    this.#children.established(agreement, this.#origin(session));
  }

  childFailed(session: IkeSa, policy: ChildPolicy, inbound: Spi, reason: string): void {
    // The next attempt begins with a new IKE SA.
    if (reason === NO_ANSWER) session.isSilent = true;
    if (!this.#children.failed(inbound)) this.#childFailed(policy, reason);
    else if (this.#wanted.delete(policy)) this.#want(policy);
    else this.#children.retry(policy);
  }

  deleteReceived(session: IkeSa, { protocol, spis }: DeletePayload): void {
    for (const spi of spis) {
      if (protocol === PROTOCOL_ID.isakmp) {
        const deleted = this.#sessions.named(spi);
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

  /** Whether the peer has moved to this address. */
  isAt(ends: Path): boolean {
    return this.#whereabouts.isAt(ends);
  }

  alive(): void {
    this.#detector?.alive();
  }

  acknowledged(sequence: number): void {
    this.#detector?.acknowledged(sequence);
  }

  moved(ends: Path): void {
    this.#whereabouts.follow(ends);
  }

  get isInUse(): boolean {
    return this.#children.size > 0 || this.#sessions.established().length > 0;
  }

  /** Without an IKE SA to ask with, a new one is the question. */
  probe(sequence: number): void {
    const session = this.#sessions.current();
    if (session === undefined) this.#connect();
    else session.inform([probeNotification(session.cookies, { kind: 'R-U-THERE', sequence })]);
  }

  dead(): void {
    this.#children.removeAll('peer-dead', false);
    for (const session of this.#sessions.established()) this.#remove(session, 'peer-dead', false);
  }

  renew(policy: ChildPolicy): void {
    this.#want(policy);
  }

  tellDeleted(inbound: Spi): void {
    const messenger = this.#sessions.current() ?? this.#sessions.established().at(-1);
    messenger?.inform([deleteOfChild(spiOctets(inbound))]);
  }

  /** Negotiates a child now, or as soon as there is an IKE SA to do it with. */
  #want(policy: ChildPolicy): void {
    const session = this.#sessions.current();
    if (session === undefined) {
      this.#wanted.add(policy);
      this.#connect();
      return;
    }
    const isStarted = this.#sessions.all.some((candidate) => candidate.isNegotiating(policy));
    const isAwaited = this.#children.isAwaited(policy);
    if (isAwaited) this.#wanted.add(policy);
    if (isStarted || isAwaited) return;
    if (!this.#hasRoom) {
      this.#childFailed(policy, 'limit');
      return;
    }
    const inbound = this.#drawSpi();
    this.#children.offered(inbound, policy);
    if (!session.startQuickMode(policy, inbound)) this.childFailed(session, policy, inbound, 'limit');
  }

  /** Starts Main Mode, unless one that this side started is under way. */
  #connect(): void {
    if (this.#sessions.isConnecting) return;
    const ends = this.#whereabouts.known;
    const step = startMainMode(this.#contextFor(ends), randomCookie(this.#environment.rng));
    const session = new IkeSa(this.#environment, this, ends, 'initiator', step.next);
    this.#sessions.add(session);
    session.start(step);
  }

  #contextFor(ends: Path): Phase1Context {
    const { natTraversal = 'auto' } = this.#config;
    if (natTraversal === 'off') return this.#context;
    return { ...this.#context, natTraversal: { ends, force: natTraversal === 'force' } };
  }

  #settle(older: IkeSa, newer: IkeSa): void {
    const [a, b] = [contender(older), contender(newer)];
    const { goes, deletesHere } = decide(a, b);
    goes.session.retire(deletesHere ? () => this.#remove(goes.session, 'replaced', true) : undefined);
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endRetired({ createdAt }: IkeSa): void {
    for (const session of this.#sessions.all) {
      const isOld = session.establishedAt !== undefined && session.establishedAt <= createdAt;
      if (isOld && session.isRetired) session.retire(() => this.#remove(session, 'replaced', true));
    }
  }

  /** INITIAL-CONTACT: what the peer had before this negotiation began is lost (RFC 2407 §4.6.3.3). */
  #restarted(session: IkeSa, identity: Identification): void {
    const isPeer = (other: Identification): boolean => equalIdentification(other, identity);
    this.#children.removeOlderThan(session.createdAt, isPeer);
    for (const other of this.#sessions.established(session)) {
      const isOld = (other.establishedAt ?? session.createdAt) < session.createdAt;
      if (isOld && other.sa !== undefined && isPeer(other.sa.remoteIdentity)) {
        this.#remove(other, 'peer-restarted', false);
      }
    }
  }

  #remove(session: IkeSa, reason: DeleteReason, tell: boolean): void {
    const { info } = session;
    this.#sessions.remove(session);
    if (tell) session.close(reason);
    else session.drop(reason);
    this.#environment.outbox.emit({ kind: 'ike-deleted', ikeSa: info, reason });
  }

  #forget(session: IkeSa, reason: string): void {
    if (this.#sessions.remove(session)) session.drop(reason);
  }

  #childFailed(policy: ChildPolicy, reason: string): void {
    this.#environment.outbox.emit({ kind: 'child-failed', peer: this.name, policy: policy.name, reason });
    this.#children.retry(policy);
  }

  #origin({ ends, nat, sa }: IkeSa): ChildOrigin {
    return { ends, nat, peerIdentity: sa?.remoteIdentity ?? this.#context.remoteIdentity };
  }

  get #hasRoom(): boolean {
    return this.#children.size < CHILDREN_PER_PEER;
  }

  /** @throws Refusal where the peer has as many children as it may. */
  #drawSpi(): Spi {
    if (!this.#hasRoom) refuse('limit');
    return randomSpi(this.#environment.rng, (value) => this.#environment.isSpiTaken(value));
  }

  #countDeleted(session: IkeSa | undefined): void {
    if (session !== undefined) session.childrenDeleted++;
  }
}

function contender(session: IkeSa): Contender & { readonly session: IkeSa } {
  const { role, createdAt: startedAt, establishedAt = startedAt, cookies } = session;
  return { session, role, startedAt, establishedAt, values: [cookies.initiator, cookies.responder] };
}
