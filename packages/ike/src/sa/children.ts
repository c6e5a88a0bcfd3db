import type { Duration, Identification, Instant, Spi } from '@espalier/wire';
import type { ChildInfo } from '../events.ts';
import type { DeleteReason } from '../failures.ts';
import { REKEY_RETRY } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import type { Path } from '../path.ts';
import type { Directory } from '../peer/directory.ts';
import type { Environment } from '../runtime/environment.ts';
import type { ChildPolicy } from '../types.ts';
import type { UnknownSpi } from '../v1/informational/invalid-spi.ts';
import type { OwnSpis } from '../v1/proposals/spis.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { Child, type ChildOrigin, type ChildOwner } from './child.ts';
import { decide } from './collision.ts';
import {
  type ChildKeys,
  type ChildProtection,
  type ProtectionProtocol,
  type ProtectionSpis,
  spisOf,
} from './protections.ts';
import { purposeOf } from './purpose.ts';

/** An SPI that is offered: since when, for what, and the child that is to be renewed. */
interface Offer {
  readonly own: OwnSpis;
  readonly policy: ChildPolicy;
  readonly startedAt: Instant;
  readonly replaces: Spi | undefined;
}

const NONE: readonly never[] = [];

/** Where the SPIs of an endpoint are filed. */
type SpiDirectory<Owner> = Pick<Directory<Owner>, 'keep' | 'release'>;

/** The child SAs of one peer: they outlive the IKE SA that negotiated them. */
export class Children<Owner extends ChildOwner> {
  readonly #environment: Environment;
  readonly #owner: Owner;
  readonly #directory: SpiDirectory<Owner>;
  /**
   * Few, as a rule: lists weigh less than maps, and there are as many as there are peers. `concat` makes one of just the
   * size; a spread leaves room for sixteen more.
   */
  #all: readonly Child[] = NONE;
  #offers: readonly Offer[] = NONE;

  constructor(environment: Environment, owner: Owner, directory: SpiDirectory<Owner>) {
    this.#environment = environment;
    this.#owner = owner;
    this.#directory = directory;
  }

  get size(): number {
    return this.#all.length;
  }

  get infos(): readonly ChildInfo[] {
    return this.#all.map(({ info }) => info);
  }

  /** Whether this side has offered a child for a policy, and the peer has not answered, or does not have it yet. */
  isOffered(policy: ChildPolicy): boolean {
    const purpose = purposeOf(policy);
    const isUnanswered = this.#offers.some((offer) => purposeOf(offer.policy) === purpose);
    return isUnanswered || this.#of(policy).some(({ isUnheard }) => isUnheard);
  }

  policyOf(inbound: Spi): ChildPolicy | undefined {
    return this.#find(inbound)?.policy;
  }

  /** Whether the peer named what a child is for, of what its policy allows: it is renewed for that. */
  isPart(inbound: Spi): boolean {
    return this.#find(inbound)?.isPart === true;
  }

  /** Whether a child sends. */
  isSending(inbound: Spi): boolean {
    return this.#find(inbound)?.state === 'established';
  }

  /** The child that sends for a policy: the newest that nothing has taken over from. */
  current(policy: ChildPolicy): Spi | undefined {
    return this.#live(policy).at(-1)?.inbound;
  }

  /** Between which ends ESP goes in UDP, as far as `isMeant`; the newest child's. */
  pathInUdp(isMeant: (nat: NatFindings) => boolean = () => true): Path | undefined {
    return this.#all.findLast(({ nat }) => nat !== undefined && isMeant(nat))?.path;
  }

  /** Where the peer of a child may come from elsewhere: between which ends it is now. */
  movablePath(inbound: Spi): Path | undefined {
    const child = this.#find(inbound);
    return child?.nat?.isRemoteBehind === true ? child.path : undefined;
  }

  /** The peer is elsewhere: whether that was news for any. */
  follow(path: Path): boolean {
    return this.#all.filter((child) => child.follow(path)).length > 0;
  }

  /** Whether the peer has started a negotiation that it has not finished. */
  isAwaited(policy: ChildPolicy): boolean {
    return this.#of(policy).some(({ state, role }) => state === 'negotiated' && role === 'responder');
  }

  /** As initiator: an SPI goes into an offer. */
  offered(own: OwnSpis, policy: ChildPolicy): void {
    const offer = { own, policy, startedAt: this.#environment.now, replaces: this.current(policy) };
    this.#offers = this.#offers.concat(offer);
    this.#directory.keep(own, this.#owner);
  }

  /** As responder: the child receives, and does not send yet. */
  negotiated(agreement: ChildAgreement, origin: ChildOrigin): void {
    const { policy } = agreement;
    const child = this.#add(agreement, origin, {
      own: ownOf(agreement.inbound, agreement.protections.map(spisOf)),
      policy,
      startedAt: this.#environment.now,
      replaces: this.current(policy),
    });
    this.#receive(child);
  }

  /** The Quick Mode is over. As initiator: what was there before goes on sending until the peer has message 3. */
  agreed(agreement: ChildAgreement, origin: ChildOrigin): void {
    const { inbound, policy } = agreement;
    const offer = this.#takeOffer(inbound);
    const child = this.#find(inbound) ?? (offer && this.#add(agreement, origin, offer));
    if (child === undefined) return;
    // The peer says when it has it: until then this side waits, for a while (RFC 2408 §3.1).
    const mayWait = this.#live(policy).length > 0 || agreement.awaitsConnected === true;
    if (child.role === 'responder' || !mayWait) {
      this.#establish(child);
      return;
    }
    this.#receive(child);
    child.takeUpLater();
  }

  /** Whose outbound SPI this is: when it was agreed on, and its own. */
  sendingWith({ protocol, spi }: UnknownSpi): Pick<Child, 'inbound' | 'establishedAt'> | undefined {
    return this.#all.find(({ protections }) =>
      protections.some((one) => one.protocol === protocol && one.outbound === spi),
    );
  }

  /** As initiator: the peer has the child, or nothing else is left to send by. */
  takeUp(inbound: Spi): void {
    const child = this.#find(inbound);
    if (child?.isUnheard === true) this.#establish(child);
  }

  /** As initiator: the peer has whatever was agreed on. */
  takeUpAll(): void {
    for (const { isUnheard, inbound } of this.#all) if (isUnheard) this.takeUp(inbound);
  }

  /** As initiator: the peer does not have the child yet. */
  unheard(inbound: Spi): void {
    const child = this.#find(inbound);
    if (child?.isUnheard === true) child.takeUpLater();
  }

  /** A Quick Mode came to nothing. True where a child had been negotiated, which is gone now. */
  failed(inbound: Spi): boolean {
    const offer = this.#takeOffer(inbound);
    if (offer !== undefined) this.#directory.release(offer.own);
    return this.remove(inbound, 'not-confirmed');
  }

  /** Tries again to renew what sends for a policy. */
  retry(policy: ChildPolicy): void {
    this.#live(policy).at(-1)?.lifetime.retryAfter(REKEY_RETRY);
  }

  /** The child whose protection a peer names by its own SPI, or by ours. */
  namedBy(protocol: ProtectionProtocol, whose: 'inbound' | 'outbound', spi: Spi): Spi | undefined {
    return this.#named(protocol, whose, spi)?.inbound;
  }

  /** The peer uses a shorter lifetime of a child: of its own SPI, or of ours, for it may name either. */
  shorten(protocol: ProtectionProtocol, spi: Spi, lifetime: Duration): void {
    const child = this.#named(protocol, 'outbound', spi) ?? this.#named(protocol, 'inbound', spi);
    child?.lifetime.shorten(lifetime);
  }

  /** The peer has lost what it had before `instant`. */
  removeOlderThan(instant: Instant, isPeer: (identity: Identification) => boolean): void {
    for (const { establishedAt, peerIdentity, inbound } of this.#all) {
      if (establishedAt < instant && isPeer(peerIdentity)) this.remove(inbound, 'peer-restarted');
    }
  }

  /** The protections of those that were there. */
  removeAll(
    reason: DeleteReason,
    isMeant: (policy: ChildPolicy) => boolean = () => true,
  ): readonly (readonly ProtectionSpis[])[] {
    const meant = this.#all.filter(({ policy }) => isMeant(policy));
    for (const child of meant) this.#remove(child, reason);
    return meant.map(({ protections }) => protections);
  }

  protectionsOf(inbound: Spi): readonly ProtectionSpis[] {
    return this.#find(inbound)?.protections ?? NONE;
  }

  /** False where there is none. */
  remove(inbound: Spi, reason: DeleteReason): boolean {
    const child = this.#find(inbound);
    if (child === undefined) return false;
    this.#remove(child, reason);
    this.#reinstate(child.policy);
    return true;
  }

  #remove(child: Child, reason: DeleteReason): void {
    const { policy, inbound, outbound, protections } = child;
    this.#all = this.#all.filter((other) => other !== child);
    this.#directory.release(ownOf(inbound, protections));
    child.end();
    const names = { peer: this.#owner.name, policy: policy.name };
    this.#environment.outbox.emit({ kind: 'child-deleted', ...names, inbound, outbound, reason });
  }

  /** It receives from now on. */
  #receive(child: Child): void {
    child.turn('negotiated');
    if (child.negotiated !== undefined) {
      this.#environment.outbox.emit({ kind: 'child-negotiated', child: child.negotiated });
    }
  }

  /** It sends from now on, unless one that was agreed on later does. */
  #establish(child: Child): void {
    const rivals = this.#live(child.policy);
    const negotiated = child.established();
    if (negotiated === undefined) return;
    this.#environment.outbox.emit({ kind: 'child-established', child: negotiated });
    for (const rival of rivals) this.#settle(rival, child);
    if (child.role === 'initiator') this.#endSuperseded(child);
  }

  #find(inbound: Spi): Child | undefined {
    return this.#all.find((child) => child.inbound === inbound);
  }

  /** Without one of its protections nothing is left of a child: by each it is named. */
  #named(protocol: ProtectionProtocol, whose: 'inbound' | 'outbound', spi: Spi): Child | undefined {
    return this.#all.find(({ protections }) =>
      protections.some((one) => one.protocol === protocol && one[whose] === spi),
    );
  }

  #takeOffer(inbound: Spi): Offer | undefined {
    const offer = this.#offers.find((candidate) => candidate.own.spi === inbound);
    if (offer !== undefined) this.#offers = this.#offers.filter((other) => other !== offer);
    return offer;
  }

  #of(policy: ChildPolicy): readonly Child[] {
    const purpose = purposeOf(policy);
    return this.#all.filter((child) => purposeOf(child.policy) === purpose);
  }

  #live(policy: ChildPolicy): readonly Child[] {
    return this.#of(policy).filter(({ state }) => state === 'established');
  }

  /**
   * Where nothing is left to send for a policy, what is to take over does so now, or else the newest that was superseded
   * does so again.
   */
  #reinstate(policy: ChildPolicy): void {
    const children = this.#of(policy);
    if (children.some(({ state }) => state === 'established')) return;
    const next = children.find(({ isUnheard }) => isUnheard);
    if (next !== undefined) {
      this.#establish(next);
      return;
    }
    const heir = children.findLast(({ state, isEnding }) => state === 'superseded' && !isEnding);
    heir?.turn('reinstated');
    heir?.lifetime.retryAfter(REKEY_RETRY);
  }

  /** What was offered and not chosen is free again. */
  #add(agreement: ChildAgreement, origin: ChildOrigin, { own, startedAt, replaces }: Offer): Child {
    const beginnings = { startedAt, replaces, state: 'offered' } as const;
    const child = new Child(this.#environment, this.#owner, agreement, origin, beginnings);
    this.#logKeys(agreement, origin);
    this.#all = this.#all.concat(child);
    this.#directory.release(own);
    this.#directory.keep(ownOf(child.inbound, child.protections), this.#owner);
    return child;
  }

  #logKeys({ protections }: ChildAgreement, { path: { local, remote } }: ChildOrigin): void {
    const [here, there] = [local.address, remote.address];
    const { keyLog } = this.#environment;
    if (keyLog === undefined) return;
    for (const protection of protections) {
      logKeys(keyLog, protection, protection.inbound, { source: there, destination: here });
      logKeys(keyLog, protection, protection.outbound, { source: here, destination: there });
    }
  }

  #settle(rival: Child, child: Child): void {
    const { stays, goes, deletesHere, collide } = decide(rival, child);
    const { policy, inbound, outbound } = goes;
    goes.turn('superseded');
    const names = { peer: this.#owner.name, policy: policy.name };
    this.#environment.outbox.emit({ kind: 'child-superseded', ...names, inbound, outbound, by: stays.inbound });
    if (deletesHere) goes.endLater(collide);
  }

  /** Who renews deletes what was there before, whoever made it. */
  #endSuperseded({ policy, startedAt }: Child): void {
    for (const child of this.#of(policy)) {
      if (child.state === 'superseded' && child.establishedAt <= startedAt) child.endLater();
    }
  }
}

function ownOf(spi: Spi, protections: readonly ProtectionSpis[]): OwnSpis {
  return { spi, cpi: protections.find(({ protocol }) => protocol === 'ipcomp')?.inbound };
}

/** What is compressed has no key. */
function logKeys(
  log: NonNullable<Environment['keyLog']>,
  protection: ChildProtection,
  keys: ChildKeys,
  ends: { readonly source: string; readonly destination: string },
): void {
  const { spi } = keys;
  if (protection.protocol === 'esp') log({ kind: 'esp', ...ends, spi, suite: protection.suite, keys });
  else if (protection.protocol === 'ah')
    log({ kind: 'ah', ...ends, spi, suite: protection.suite, key: keys.integrity });
}
