import { equalIdentification, type Identification, type Spi } from '@espalier/wire';
import type { IkeSaInfo } from '../events.ts';
import { isFixed, isSamePath, type Path } from '../path.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Renewed } from '../sa/authenticated.ts';
import type { ChildOrigin, ChildOwner } from '../sa/child.ts';
import { Children } from '../sa/children.ts';
import type { ChildEffect, IkeSaEffect } from '../sa/effect.ts';
import type { IkeSa } from '../sa/ike-sa.ts';
import { IkeSas } from '../sa/ike-sas.ts';
import type { AssignedConfiguration, ChildPolicy, Endpoint } from '../types.ts';
import { provesUser } from '../v1/authentication/xauth.ts';
import type { NumberedGroup } from '../v1/new-group/offer.ts';
import { protocolOf, spiFrom } from '../v1/proposals/spis.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { Assignment, asBegun } from './assignment.ts';
import type { Directory } from './directory.ts';
import { type Called, Calls } from './life/calls.ts';
import { Endings } from './life/endings.ts';
import { Liveness, type Watchable } from './life/liveness.ts';
import { type Negotiating, Negotiations } from './life/negotiations.ts';
import { PrivateGroups } from './life/private-groups.ts';
import { Telling } from './life/telling.ts';
import type { Entry, Whom } from './pad/entry.ts';
import { type Belongings, Whereabouts } from './path/whereabouts.ts';
import { Responder } from './responder.ts';
import { tellRefused } from './tell.ts';

/** Where peers file what they have, and whom they tell that they have nothing left. */
export interface PeerHost {
  readonly directory: Directory<Peer>;
  /** Nothing is left of a peer. */
  idle(peer: Peer): void;
}

/** One peer with which there is something: its IKE SAs, its children, and what is still wanted of it. */
export class Peer implements Called, Negotiating, Watchable, ChildOwner, Belongings {
  readonly name: string;
  readonly template: string | undefined;
  readonly entry: Entry<Peer>;
  readonly ikeSas: IkeSas;
  readonly children: Children<Peer>;
  readonly whereabouts: Whereabouts;
  readonly calls: Calls;
  readonly negotiations: Negotiations;
  readonly endings: Endings;
  readonly liveness: Liveness;
  readonly identity: Identification | undefined;
  readonly environment: Environment;
  readonly #host: PeerHost;
  readonly #telling: Telling;
  /** Whom XAuth has proved it to be last, of a peer that is asked. */
  #user: string | undefined;
  /** Between which ends a peer of a template was seen last. */
  #path: Path;
  /** Undefined while this side has asked for none. */
  #groups: PrivateGroups | undefined;
  /** Undefined where Mode Config has given nothing. */
  #assignment: Assignment | undefined;

  /** `path`: between which ends the peer is spoken to first; `whom`: whom it has proved to be, of a template. */
  constructor(entry: Entry<Peer>, path: Path, whom: Whom, environment: Environment, host: PeerHost) {
    this.entry = entry;
    this.name = entry.nameOf(whom);
    this.#user = whom.user;
    this.template = entry.isTemplate ? entry.name : undefined;
    this.identity = entry.isTemplate ? whom.identity : undefined;
    this.#path = path;
    this.environment = environment;
    this.#host = host;
    this.children = new Children(environment, this, host.directory);
    this.ikeSas = new IkeSas(host.directory);
    this.whereabouts = new Whereabouts(environment, this);
    this.calls = new Calls(this);
    this.negotiations = new Negotiations(this);
    this.endings = new Endings(this);
    this.liveness = new Liveness(this);
    this.#telling = new Telling(environment, this.name);
  }

  get directory(): Directory<Peer> {
    return this.#host.directory;
  }

  get ikeSaInfos(): readonly IkeSaInfo[] {
    return this.ikeSas.all.map(({ info }) => info);
  }

  /** Where the peer is configured to be, or was seen last. */
  get home(): Path {
    const { local, remote } = this.entry.config;
    return this.calls.redirected ?? (isFixed(remote) ? { local, remote } : this.#path);
  }

  get isInUse(): boolean {
    return this.children.size > 0 || this.ikeSas.established().length > 0;
  }

  /** What Mode Config has given to one end. */
  get configuration(): AssignedConfiguration | undefined {
    return this.#assignment?.configuration;
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
    if (policies.length === 0 && this.ikeSas.current() === undefined) this.calls.connect();
    for (const policy of policies.map((one) => asBegun(one, this.configuration))) {
      if (this.children.current(policy) === undefined) this.negotiations.want(policy);
    }
  }

  /** Negotiates the children of these policies, which are for the same, in one Quick Mode: those that there are not. */
  initiateTogether(policies: readonly ChildPolicy[]): void {
    const begun = policies.map((one) => asBegun(one, this.configuration));
    const missing = begun.filter((policy) => this.children.current(policy) === undefined);
    if (missing.length > 0) this.negotiations.wantTogether(missing);
  }

  /** Asks the peer to know a group by a number under the present IKE SA, and under those that take over from it. */
  newGroup(wanted: NumberedGroup): void {
    this.#groups ??= new PrivateGroups(this);
    this.#groups.ask(wanted);
  }

  /** Negotiates a new IKE SA in the place of the present one. */
  rekey(): void {
    this.calls.connect();
  }

  /** Nothing happens where there is no such child, or another has taken over from it. */
  rekeyChild(inbound: Spi): void {
    const policy = this.children.policyOf(inbound);
    if (policy !== undefined && this.children.current(policy) === inbound) this.negotiations.renew(policy, inbound);
  }

  confirmChild(inbound: Spi): void {
    this.children.takeUp(inbound);
    for (const ikeSa of this.ikeSas.all) ikeSa.confirm(inbound);
  }

  noteEndpoint(inbound: Spi, from: Endpoint): void {
    this.whereabouts.followChild(inbound, from);
  }

  deleteChild(inbound: Spi): void {
    const wasThere = this.endings.endChild(inbound, 'closed');
    const ikeSa = this.ikeSas.current();
    if (wasThere && ikeSa !== undefined) ikeSa.childrenDeleted++;
  }

  /** Deletes at both ends every child of the policies that are meant. */
  deleteChildren(isMeant: (policy: ChildPolicy) => boolean): void {
    this.negotiations.unwantAll(isMeant);
    this.endings.endChildren(isMeant);
    for (const ikeSa of this.ikeSas.all) ikeSa.leaveUnanswered(isMeant);
  }

  /** Deletes everything at both ends. */
  close(): void {
    this.negotiations.take();
    this.liveness.stop();
    this.endings.endChildren();
    for (const ikeSa of this.ikeSas.all) {
      if (ikeSa.sa === undefined) this.endings.forget(ikeSa, 'closed');
      else if (ikeSa.isEstablished) this.endings.remove(ikeSa, 'closed', true);
      else this.endings.abandon(ikeSa);
    }
    this.#assignment?.end('no-sa-left');
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
    else if (kind === 'child-leaving') this.endings.announce(inbound);
    else if (kind !== 'child-soft-expired')
      this.endings.endChild(inbound, kind === 'child-outlived' ? 'replaced' : 'expired');
    else if (this.children.isSending(inbound)) this.negotiations.renew(this.children.policyOf(inbound), inbound);
    this.rest();
  }

  /** Asks under the present IKE SA and, where nothing comes of that, by turns under a new one. */
  renewLease(attempt: number): void {
    if (this.entry.isRemoved) return;
    const ikeSa = this.ikeSas.current();
    const beginsAnew = this.calls.mayConnect && (ikeSa === undefined || attempt % 2 === 0);
    if (beginsAnew) this.calls.connect();
    else ikeSa?.renewConfiguration(this);
  }

  /** What is left with the gateway cannot be used; whoever wants something of it is given an address with the next IKE SA. */
  leaseExpired(): void {
    this.endings.endAssigned('expired');
    for (const ikeSa of this.ikeSas.established()) this.endings.remove(ikeSa, 'expired', true);
    this.rest();
  }

  /** What was for the old addresses is for the new ones. */
  leaseReplaced(): void {
    const ended = this.endings.endAssigned('replaced');
    if (this.entry.config.modeConfig?.side === 'client') this.initiate(ended);
  }

  #actUpon(ikeSa: IkeSa, effect: IkeSaEffect): void {
    switch (effect.kind) {
      case 'established':
        this.#established(ikeSa);
        break;
      case 'failed':
        this.calls.failed(ikeSa, effect);
        break;
      case 'abandoned':
        break;
      case 'stages-passed':
        this.#ready(ikeSa);
        break;
      case 'configured':
        this.#assignment ??= new Assignment(this.environment, this);
        this.#assignment.begin(effect.configuration);
        break;
      case 'refused':
        if (effect.phase === 2) tellRefused(this.environment.news, this.name, ikeSa.path, effect);
        break;
      case 'soft-expired':
        if (ikeSa !== this.ikeSas.current() || this.children.size === 0) break;
        if (this.calls.mayConnect) this.calls.connect();
        else ikeSa.tellLifetime();
        break;
      case 'hard-expired':
        this.endings.remove(ikeSa, 'expired', true);
        break;
      case 'outlived':
        this.endings.remove(ikeSa, 'replaced', ikeSa.sa?.terms.keepsRenewed !== true);
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
        this.liveness.heed(effect, effect.authenticated);
        break;
      case 'child-failed':
        this.negotiations.failed(ikeSa, effect.policy, effect.inbound, effect);
        break;
      case 'group-agreed': {
        const { initiatorCookie } = ikeSa.info;
        this.environment.outbox.emit({ ...effect, peer: this.name, initiatorCookie });
        this.negotiations.go();
        break;
      }
      case 'group-failed':
        this.environment.outbox.emit({ ...effect, peer: this.name });
        this.#groups?.failed(ikeSa, effect.number, effect.reason);
        this.negotiations.go();
        break;
      case 'delete-received':
        this.endings.deleted(ikeSa, effect.payload);
        break;
      case 'notified':
        this.#telling.notified(effect.notification, effect.authenticated);
        if (effect.authenticated) this.calls.redirect(ikeSa, effect.notification);
        break;
      case 'initial-contact':
        if (ikeSa.sa !== undefined && ikeSa.isEstablished) this.endings.restarted(ikeSa, ikeSa.sa.proof.identity);
        break;
      case 'tolerated':
        this.#telling.tolerated(effect.tolerance, ikeSa.path);
        break;
      case 'child-shortened': {
        const protocol = protocolOf(effect.protocol);
        const spi = protocol && spiFrom(protocol, effect.spi);
        if (protocol !== undefined && spi !== undefined) this.children.shorten(protocol, spi, effect.lifetime);
        break;
      }
      case 'alive':
        this.liveness.alive();
        break;
      case 'acknowledged':
        this.liveness.acknowledged(effect.sequence);
        break;
      case 'moved':
        this.whereabouts.follow(effect.path, true);
    }
  }

  #established(ikeSa: IkeSa): void {
    if (ikeSa.user !== undefined && this.#user !== undefined && ikeSa.user !== this.#user) {
      this.endings.endFormerUser(ikeSa);
      this.#assignment?.end('replaced');
    }
    this.#user = ikeSa.user ?? this.#user;
    const isConfigured = this.renewed(ikeSa) !== undefined && this.configuration !== undefined;
    if (!ikeSa.configure(this, isConfigured)) this.#ready(ikeSa);
  }

  /** Nothing has to be passed any more before children are negotiated. */
  #ready(ikeSa: IkeSa): void {
    const { sa } = ikeSa;
    if (sa === undefined) return;
    const before = this.ikeSas.current(ikeSa);
    this.calls.reached();
    this.entry.spoken();
    ikeSa.admit(new Responder(ikeSa, this.negotiations));
    this.environment.outbox.emit({
      kind: 'ike-established',
      ikeSa: ikeSa.info,
      replaces: before?.info.initiatorCookie,
    });
    this.#telling.recognized(sa.implementation);
    if (ikeSa.isInitialContact) this.endings.restarted(ikeSa, sa.proof.identity);
    if (sa.nat !== undefined) this.whereabouts.follow(ikeSa.path);
    this.endings.endSurplus(ikeSa);
    this.whereabouts.keepAwake();
    if (sa.deadPeerDetection) this.liveness.watch();
    else this.liveness.stop();
    this.#groups?.renew(ikeSa);
    this.negotiations.go();
  }

  #childNegotiated(ikeSa: IkeSa, agreement: ChildAgreement): void {
    const origin = originOf(ikeSa);
    if (origin !== undefined) this.children.negotiated(agreement, origin);
  }

  #childEstablished(ikeSa: IkeSa, agreement: ChildAgreement): void {
    this.negotiations.unwant(agreement.policy);
    const origin = originOf(ikeSa);
    if (origin !== undefined) this.children.agreed(agreement, origin);
  }

  dead(): void {
    this.children.removeAll('peer-dead');
    for (const ikeSa of this.ikeSas.established()) this.endings.remove(ikeSa, 'peer-dead', false);
    this.rest();
  }

  /** Whether anything is left: where nothing is, the peer need not be kept. */
  rest(): void {
    if (this.ikeSas.size > 0 || this.children.size > 0 || !this.negotiations.isIdle) return;
    this.#assignment?.end('no-sa-left');
    this.#host.idle(this);
  }
}

function originOf({ path, sa }: IkeSa): ChildOrigin | undefined {
  return sa && { path, nat: sa.nat, peerIdentity: sa.proof.identity };
}
