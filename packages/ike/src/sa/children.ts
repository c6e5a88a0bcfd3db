import { after, type Identification, type Instant, type Spi } from '@espalier/wire';
import type { ChildInfo, NegotiatedChild } from '../events.ts';
import type { DeleteReason } from '../failures.ts';
import { REKEY_RETRY, SUPERSEDED_LIFETIME } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import type { Directory } from '../peer/directory.ts';
import { isSamePath, type Path } from '../peer/path.ts';
import type { Affected } from '../runtime/effects.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Timer } from '../runtime/timers.ts';
import type { ChildPolicy } from '../types.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { type Contender, decide } from './collision.ts';
import type { ChildEffect } from './effect.ts';
import { type ChildState, type ChildTurn, childAfter } from './life.ts';
import { purposeOf } from './purpose.ts';
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
  state: Exclude<ChildState, 'offered' | 'gone'>;
  ending: Timer | undefined;
}

/** An SPI that is offered: since when, for what, and the child that is to be renewed. */
interface Offer {
  readonly policy: ChildPolicy;
  readonly startedAt: Instant;
  readonly replaces: Spi | undefined;
}

/** Whose the children are: it acts upon what happens to them by themselves. */
export interface ChildrenOwner extends Affected<ChildEffect> {
  readonly name: string;
  readonly template: string | undefined;
}

/** Where a child comes from. */
export interface ChildOrigin {
  readonly path: Path;
  readonly peerIdentity: Identification;
  readonly nat: NatFindings | undefined;
}

/** Where the SPIs of an endpoint are filed. */
type SpiDirectory<Owner> = Pick<Directory<Owner>, 'keep' | 'release'>;

/** The child SAs of one peer: they outlive the IKE SA that negotiated them. */
export class Children<Owner extends ChildrenOwner> {
  readonly #environment: Environment;
  readonly #owner: Owner;
  readonly #directory: SpiDirectory<Owner>;
  readonly #children = new Map<number, Child>();
  readonly #offers = new Map<number, Offer>();

  constructor(environment: Environment, owner: Owner, directory: SpiDirectory<Owner>) {
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

  /** Whether this side has offered a child for a policy, and the peer has not answered. */
  isOffered(policy: ChildPolicy): boolean {
    return [...this.#offers.values()].some((offer) => purposeOf(offer.policy) === purposeOf(policy));
  }

  policyOf(inbound: Spi): ChildPolicy | undefined {
    return this.#children.get(inbound)?.policy;
  }

  /** The child that sends for a policy: the newest that nothing has taken over from. */
  current(policy: ChildPolicy): Spi | undefined {
    return this.#live(policy).at(-1)?.negotiated.inbound.spi;
  }

  /** Between which ends ESP goes in UDP, as far as `isMeant`; the newest child's. */
  pathInUdp(isMeant: (nat: NatFindings) => boolean = () => true): Path | undefined {
    const child = [...this.#children.values()].findLast(({ nat }) => nat !== undefined && isMeant(nat));
    return child && pathOf(child);
  }

  /** Where the peer of a child may come from elsewhere: between which ends it is now. */
  movablePath(inbound: Spi): Path | undefined {
    const child = this.#children.get(inbound);
    return child?.nat?.isRemoteBehind === true ? pathOf(child) : undefined;
  }

  /** The peer is elsewhere: whether that was news for any. */
  follow(path: Path): boolean {
    const strays = [...this.#children.values()].filter(
      (child) => child.nat !== undefined && !isSamePath(pathOf(child), path),
    );
    for (const child of strays) child.negotiated = { ...child.negotiated, ...path };
    return strays.length > 0;
  }

  /** Whether the peer has started a negotiation that it has not finished. */
  isAwaited(policy: ChildPolicy): boolean {
    return [...this.#children.values()].some(
      (child) => purposeOf(child.policy) === purposeOf(policy) && child.state === 'negotiated',
    );
  }

  /** As initiator: an SPI goes into an offer. */
  offered(inbound: Spi, policy: ChildPolicy): void {
    this.#offers.set(inbound, { policy, startedAt: this.#environment.now, replaces: this.current(policy) });
    this.#directory.keep(inbound, this.#owner);
  }

  /** As responder: the child receives, and does not send yet. */
  negotiated(agreement: ChildAgreement, origin: ChildOrigin): void {
    const { policy } = agreement;
    const offer = { policy, startedAt: this.#environment.now, replaces: this.current(policy) };
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
    turn(child, 'confirmed');
    child.establishedAt = this.#environment.now;
    this.#environment.outbox.emit({ kind: 'child-established', child: child.negotiated });
    for (const rival of rivals) this.#settle(rival, child);
    if (child.role === 'initiator') this.#endSuperseded(child);
  }

  /** A Quick Mode came to nothing. True where a child had been negotiated, which is gone now. */
  failed(inbound: Spi): boolean {
    if (this.#offers.delete(inbound)) this.#directory.release(inbound);
    return this.remove(inbound, 'not-confirmed');
  }

  /** Tries again to renew what sends for a policy. */
  retry(policy: ChildPolicy): void {
    this.#live(policy).at(-1)?.lifetime.retryAfter(REKEY_RETRY);
  }

  /** The peer has deleted what it received with. */
  removeOutbound(outbound: Spi, reason: DeleteReason): boolean {
    const child = [...this.#children.values()].find(({ negotiated }) => negotiated.outbound.spi === outbound);
    return child !== undefined && this.remove(child.negotiated.inbound.spi, reason);
  }

  /** The peer has lost what it had before `instant`. */
  removeOlderThan(instant: Instant, isPeer: (identity: Identification) => boolean): void {
    for (const { establishedAt, peerIdentity, negotiated } of [...this.#children.values()]) {
      if (establishedAt < instant && isPeer(peerIdentity)) this.remove(negotiated.inbound.spi, 'peer-restarted');
    }
  }

  /** Those that were there: their SPIs. */
  removeAll(reason: DeleteReason, isMeant: (policy: ChildPolicy) => boolean = () => true): readonly Spi[] {
    const meant = [...this.#children.values()].filter(({ policy }) => isMeant(policy));
    const inbound = meant.map(({ negotiated }) => negotiated.inbound.spi);
    for (const spi of inbound) this.remove(spi, reason);
    return inbound;
  }

  /** False where there is none. */
  remove(inbound: Spi, reason: DeleteReason): boolean {
    const child = this.#children.get(inbound);
    if (child === undefined) return false;
    this.#children.delete(inbound);
    this.#directory.release(inbound);
    child.lifetime.stop();
    this.#environment.timers.cancel(child.ending);
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
      (child) =>
        purposeOf(child.policy) === purposeOf(policy) && child.state === 'superseded' && child.ending === undefined,
    );
    if (heir === undefined) return;
    turn(heir, 'reinstated');
    heir.lifetime.retryAfter(REKEY_RETRY);
  }

  #live(policy: ChildPolicy): readonly Child[] {
    return [...this.#children.values()].filter(
      (child) => purposeOf(child.policy) === purposeOf(policy) && child.state === 'established',
    );
  }

  #add(agreement: ChildAgreement, origin: ChildOrigin, { startedAt, replaces }: Offer, state: Child['state']): Child {
    const { now } = this.#environment;
    const { policy, role, nonces, ...agreed } = agreement;
    const inbound = agreed.inbound.spi;
    const lifetime = new SaLifetime(this.#environment, 'child', role, agreed.lifetime, {
      soft: () => this.#report({ kind: 'child-soft-expired', inbound }),
      hard: () => this.#report({ kind: 'child-hard-expired', inbound }),
    });
    const negotiated: NegotiatedChild = {
      ...agreed,
      peer: this.#owner.name,
      template: this.#owner.template,
      peerIdentity: origin.peerIdentity,
      policy: policy.name,
      role,
      encapsulation: origin.nat === undefined ? 'tunnel' : 'udp-tunnel',
      ...origin.path,
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
    this.#directory.keep(inbound, this.#owner);
    return child;
  }

  #logKeys({ local, remote, suite, inbound, outbound }: NegotiatedChild): void {
    const [here, there] = [local.address, remote.address];
    const { keyLog } = this.#environment;
    keyLog?.({ kind: 'esp', source: there, destination: here, spi: inbound.spi, suite, keys: inbound });
    keyLog?.({ kind: 'esp', source: here, destination: there, spi: outbound.spi, suite, keys: outbound });
  }

  /** Whether a child sends. */
  isSending(inbound: Spi): boolean {
    return this.#children.get(inbound)?.state === 'established';
  }

  #settle(older: Child, newer: Child): void {
    const { stays, goes, deletesHere } = decide(older, newer);
    const inbound = goes.negotiated.inbound.spi;
    turn(goes, 'superseded');
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
      if (isOld && purposeOf(child.policy) === purposeOf(policy)) this.#endLater(child);
    }
  }

  #endLater(child: Child): void {
    const { timers, now } = this.#environment;
    const { spi } = child.negotiated.inbound;
    child.ending ??= timers.set(after(now, SUPERSEDED_LIFETIME), 'child-superseded', () =>
      this.#report({ kind: 'child-outlived', inbound: spi }),
    );
  }

  #report(effect: ChildEffect): void {
    this.#environment.effects.push(this.#owner, effect);
  }
}

function turn(child: Child, by: ChildTurn): void {
  const state = childAfter(child.state, by);
  if (state !== 'offered' && state !== 'gone') child.state = state;
}

function pathOf({ negotiated: { local, remote } }: Child): Path {
  return { local, remote };
}
