import { after, type Identification, type Instant, type Spi } from '@espalier/wire';
import { REKEY_RETRY, SUPERSEDED_LIFETIME } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import type { ChildKeeper, Directory } from '../peer/directory.ts';
import { isSamePath, type Path } from '../peer/path.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Timer } from '../runtime/timers.ts';
import type { ChildInfo, ChildPolicy, DeleteReason, NegotiatedChild } from '../types.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { type Contender, decide } from './collision.ts';
import { SaLifetime } from './sa-lifetime.ts';

/** A pair of ESP SAs as this package knows it. */
interface Child extends Contender {
  establishedAt: Instant;
  negotiated: NegotiatedChild;
  readonly policy: ChildPolicy;
  /** Whom phase 1 authenticated. */
  readonly peerIdentity: Identification;
  readonly nat: NatFindings | undefined;
  readonly lifetime: SaLifetime;
  state: ChildInfo['state'];
  ending: Timer | undefined;
}

/** What the children ask of the peer they belong to. */
export interface ChildrenOwner extends ChildKeeper {
  readonly name: string;
  renew(policy: ChildPolicy): void;
  /** Tells the other side that an inbound SPI is gone. */
  tellDeleted(inbound: Spi): void;
}

/** Where a child comes from. */
export interface ChildOrigin {
  readonly ends: Path;
  readonly peerIdentity: Identification;
  readonly nat: NatFindings | undefined;
}

/** The child SAs of one peer: they outlive the IKE SA that negotiated them. */
export class Children {
  readonly #environment: Environment;
  readonly #owner: ChildrenOwner;
  readonly #directory: Directory;
  readonly #children = new Map<number, Child>();
  /** Of the SPIs offered: since when, and the child that is to be renewed. */
  readonly #offers = new Map<number, { readonly startedAt: Instant; readonly replaces: Spi | undefined }>();

  constructor(environment: Environment, owner: ChildrenOwner, directory: Directory) {
    this.#environment = environment;
    this.#owner = owner;
    this.#directory = directory;
  }

  get size(): number {
    return this.#children.size;
  }

  get infos(): readonly ChildInfo[] {
    return [...this.#children.values()].map(({ negotiated, policy, role, state, lifetime }) => ({
      peer: this.#owner.name,
      policy: policy.name,
      role,
      state,
      inbound: negotiated.inbound.spi,
      outbound: negotiated.outbound.spi,
      softExpiry: lifetime.softExpiry,
      hardExpiry: lifetime.hardExpiry,
    }));
  }

  has(inbound: number): boolean {
    return this.#children.has(inbound);
  }

  policyOf(inbound: Spi): ChildPolicy | undefined {
    return this.#children.get(inbound)?.policy;
  }

  /** The child that sends for a policy: the newest that nothing has taken over from. */
  current(policy: ChildPolicy): Spi | undefined {
    return this.#live(policy).at(-1)?.negotiated.inbound.spi;
  }

  /** Between which ends ESP goes in UDP, as far as `isMeant`; the newest child's. */
  endsInUdp(isMeant: (nat: NatFindings) => boolean = () => true): Path | undefined {
    const child = [...this.#children.values()].findLast(({ nat }) => nat !== undefined && isMeant(nat));
    return child && endsOf(child);
  }

  /** Where the peer of a child may come from elsewhere: between which ends it is now. */
  movableEnds(inbound: Spi): Path | undefined {
    const child = this.#children.get(inbound);
    return child?.nat?.isRemoteBehind === true ? endsOf(child) : undefined;
  }

  /** The peer is elsewhere: whether that was news for any. */
  follow(ends: Path): boolean {
    const strays = [...this.#children.values()].filter(
      (child) => child.nat !== undefined && !isSamePath(endsOf(child), ends),
    );
    for (const child of strays) child.negotiated = { ...child.negotiated, ...ends };
    return strays.length > 0;
  }

  /** Whether the peer has started a negotiation that it has not finished. */
  isAwaited(policy: ChildPolicy): boolean {
    return [...this.#children.values()].some((child) => child.policy === policy && child.state === 'negotiated');
  }

  /** As initiator: an SPI goes into an offer. */
  offered(inbound: Spi, policy: ChildPolicy): void {
    this.#offers.set(inbound, { startedAt: this.#environment.now, replaces: this.current(policy) });
  }

  /** As responder: the child receives, and does not send yet. */
  negotiated(agreement: ChildAgreement, origin: ChildOrigin): void {
    const offer = { startedAt: this.#environment.now, replaces: this.current(agreement.policy) };
    const child = this.#add(agreement, origin, offer, 'negotiated');
    this.#environment.outbox.emit({ kind: 'child-negotiated', child: child.negotiated });
  }

  established(agreement: ChildAgreement, origin: ChildOrigin): void {
    const { spi } = agreement.inbound;
    const offer = this.#offers.get(spi);
    this.#offers.delete(spi);
    const known = this.#children.get(spi) ?? offer;
    if (known === undefined) return;
    const rivals = this.#live(agreement.policy);
    const child = 'state' in known ? known : this.#add(agreement, origin, known, 'established');
    child.state = 'established';
    child.establishedAt = this.#environment.now;
    this.#environment.outbox.emit({ kind: 'child-established', child: child.negotiated });
    for (const rival of rivals) this.#settle(rival, child);
    if (child.role === 'initiator') this.#endSuperseded(child);
  }

  /** A Quick Mode came to nothing. True where a child had been negotiated, which is gone now. */
  failed(inbound: Spi): boolean {
    this.#offers.delete(inbound);
    return this.remove(inbound, 'not-confirmed', true);
  }

  /** Tries again to renew what sends for a policy. */
  retry(policy: ChildPolicy): void {
    this.#live(policy).at(-1)?.lifetime.retryAfter(REKEY_RETRY);
  }

  /** The peer has deleted what it received with. */
  removeOutbound(outbound: Spi, reason: DeleteReason): boolean {
    const child = [...this.#children.values()].find(({ negotiated }) => negotiated.outbound.spi === outbound);
    return child !== undefined && this.remove(child.negotiated.inbound.spi, reason, false);
  }

  /** The peer has lost what it had before `instant`. */
  removeOlderThan(instant: Instant, isPeer: (identity: Identification) => boolean): void {
    for (const { establishedAt, peerIdentity, negotiated } of [...this.#children.values()]) {
      if (establishedAt < instant && isPeer(peerIdentity)) this.remove(negotiated.inbound.spi, 'peer-restarted', false);
    }
  }

  removeAll(reason: DeleteReason, tell: boolean): void {
    for (const inbound of [...this.#children.values()].map(({ negotiated }) => negotiated.inbound.spi)) {
      this.remove(inbound, reason, tell);
    }
  }

  remove(inbound: Spi, reason: DeleteReason, tell: boolean): boolean {
    const child = this.#children.get(inbound);
    if (child === undefined) return false;
    this.#children.delete(inbound);
    this.#directory.removeChild(inbound);
    child.lifetime.stop();
    this.#environment.timers.cancel(child.ending);
    if (tell) this.#owner.tellDeleted(inbound);
    this.#environment.outbox.emit({
      kind: 'child-deleted',
      peer: this.#owner.name,
      policy: child.policy.name,
      inbound,
      outbound: child.negotiated.outbound.spi,
      reason,
    });
    this.#reinstate(child.policy);
    return true;
  }

  /** Where nothing is left to send for a policy, the newest that was superseded does so again. */
  #reinstate(policy: ChildPolicy): void {
    if (this.current(policy) !== undefined) return;
    const heir = [...this.#children.values()].findLast(
      (child) => child.policy === policy && child.state === 'superseded' && child.ending === undefined,
    );
    if (heir === undefined) return;
    heir.state = 'established';
    heir.lifetime.retryAfter(REKEY_RETRY);
  }

  #live(policy: ChildPolicy): readonly Child[] {
    return [...this.#children.values()].filter((child) => child.policy === policy && child.state === 'established');
  }

  #add(
    agreement: ChildAgreement,
    origin: ChildOrigin,
    { startedAt, replaces }: { readonly startedAt: Instant; readonly replaces: Spi | undefined },
    state: Child['state'],
  ): Child {
    const { now } = this.#environment;
    const { policy, role, nonces, ...agreed } = agreement;
    const inbound = agreed.inbound.spi;
    const lifetime = new SaLifetime(this.#environment, 'child', role, agreed.lifetime, {
      soft: () => this.#softExpired(inbound),
      hard: () => this.remove(inbound, 'expired', true),
    });
    const negotiated: NegotiatedChild = {
      ...agreed,
      peer: this.#owner.name,
      policy: policy.name,
      role,
      encapsulation: origin.nat === undefined ? 'tunnel' : 'udp-tunnel',
      ...origin.ends,
      softLifetime: lifetime.soft,
      establishedAt: now,
      replaces,
    };
    this.#logKeys(negotiated);
    const { peerIdentity, nat } = origin;
    const child: Child = {
      role,
      startedAt,
      establishedAt: now,
      values: nonces,
      negotiated,
      policy,
      peerIdentity,
      nat,
      lifetime,
      state,
      ending: undefined,
    };
    this.#children.set(inbound, child);
    this.#directory.fileChild(inbound, this.#owner);
    return child;
  }

  #logKeys({ local, remote, suite, inbound, outbound }: NegotiatedChild): void {
    const [here, there] = [local.address, remote.address];
    const { keyLog } = this.#environment;
    keyLog?.({ kind: 'esp', source: there, destination: here, spi: inbound.spi, suite, keys: inbound });
    keyLog?.({ kind: 'esp', source: here, destination: there, spi: outbound.spi, suite, keys: outbound });
  }

  #softExpired(inbound: Spi): void {
    const child = this.#children.get(inbound);
    if (child?.state === 'established') this.#owner.renew(child.policy);
  }

  #settle(older: Child, newer: Child): void {
    const { stays, goes, deletesHere } = decide(older, newer);
    const inbound = goes.negotiated.inbound.spi;
    goes.state = 'superseded';
    this.#environment.outbox.emit({
      kind: 'child-superseded',
      peer: this.#owner.name,
      policy: goes.policy.name,
      inbound,
      outbound: goes.negotiated.outbound.spi,
      by: stays.negotiated.inbound.spi,
    });
    if (deletesHere) this.#endLater(goes);
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endSuperseded({ policy, startedAt }: Child): void {
    for (const child of this.#children.values()) {
      const isOld = child.state === 'superseded' && child.establishedAt <= startedAt;
      if (isOld && child.policy === policy) this.#endLater(child);
    }
  }

  #endLater(child: Child): void {
    const { timers, now } = this.#environment;
    const { spi } = child.negotiated.inbound;
    child.ending ??= timers.set(after(now, SUPERSEDED_LIFETIME), 'child-superseded', () =>
      this.remove(spi, 'replaced', true),
    );
  }
}

function endsOf({ negotiated: { local, remote } }: Child): Path {
  return { local, remote };
}
