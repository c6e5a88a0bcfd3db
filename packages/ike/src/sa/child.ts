import { after, type Identification, type Instant, type Spi } from '@espalier/wire';
import type { ChildInfo, NegotiatedChild } from '../events.ts';
import { MESSAGE_3_ON_ITS_WAY, SUPERSEDED_LIFETIME } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import { isSamePath, type Path } from '../path.ts';
import type { Affected } from '../runtime/effects.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Retransmission } from '../runtime/retransmission.ts';
import type { Due, Timer, TimerReason } from '../runtime/timers.ts';
import type { ChildPolicy, Role } from '../types.ts';
import type { ChildAgreement } from '../v1/quick-mode/quick.ts';
import { type Contender, lowest } from './collision.ts';
import type { ChildEffect } from './effect.ts';
import { leave } from './leaving.ts';
import { type ChildState, type ChildTurn, childAfter } from './life.ts';
import { type Mortal, SaLifetime } from './lifetime/sa-lifetime.ts';
import { type ProtectionSpis, spisOf } from './protections.ts';

/** Where a child comes from. */
export interface ChildOrigin {
  readonly path: Path;
  /** Whom phase 1 authenticated. */
  readonly peerIdentity: Identification;
  readonly nat: NatFindings | undefined;
}

/** Whose a child is. */
export interface ChildOwner extends Affected<ChildEffect> {
  readonly name: string;
  readonly template: string | undefined;
}

/** What is known of an SPI before it is a child's. */
export interface ChildBeginnings {
  readonly startedAt: Instant;
  /** The child that is to be renewed. */
  readonly replaces: Spi | undefined;
  readonly state: ChildState;
}

/** The SAs of a child as this package knows them: without their keys, once those are the caller's. */
export class Child implements Contender, Mortal, Due {
  readonly kind = 'child';
  readonly policy: ChildPolicy;
  /** Whether the peer named what it is for, of what its policy allows. */
  readonly isPart: boolean;
  readonly role: Role;
  readonly inbound: Spi;
  readonly outbound: Spi;
  readonly protections: readonly ProtectionSpis[];
  readonly peerIdentity: Identification;
  readonly nat: NatFindings | undefined;
  readonly startedAt: Instant;
  readonly lowest: string;
  readonly lifetime: SaLifetime;
  establishedAt: Instant;
  readonly #environment: Environment;
  readonly #owner: ChildOwner;
  #path: Path;
  #state: ChildState;
  /** Until the child is established. */
  #negotiated: NegotiatedChild | undefined;
  #ending: Timer | undefined;
  /** Undefined unless the peer is being told that it goes. */
  #leaving: Retransmission | undefined;
  /** As initiator: when the peer may be taken to have it, whether it was heard by it or not. */
  #takingUp: Timer | undefined;

  constructor(
    environment: Environment,
    owner: ChildOwner,
    agreement: ChildAgreement,
    origin: ChildOrigin,
    beginnings: ChildBeginnings,
  ) {
    const { policy, isPart = false, role, nonces, awaitsConnected: _, ...agreed } = agreement;
    this.#environment = environment;
    this.#owner = owner;
    this.#path = origin.path;
    this.#state = beginnings.state;
    this.policy = policy;
    this.isPart = isPart;
    this.role = role;
    this.inbound = agreed.inbound;
    this.outbound = agreed.outbound;
    this.protections = agreed.protections.map(spisOf);
    this.peerIdentity = origin.peerIdentity;
    this.nat = origin.nat;
    this.startedAt = beginnings.startedAt;
    this.establishedAt = environment.now;
    this.lowest = lowest(...nonces);
    this.lifetime = new SaLifetime(environment, this, role, agreed.lifetime);
    this.#negotiated = {
      ...agreed,
      peer: owner.name,
      template: owner.template,
      peerIdentity: origin.peerIdentity,
      policy: policy.name,
      role,
      inUdp: origin.nat !== undefined,
      ...(origin.nat?.method.floats === false && { nonIkeMarker: true }),
      ...origin.path,
      softLifetime: this.lifetime.soft,
      establishedAt: environment.now,
      replaces: beginnings.replaces,
    };
  }

  get state(): ChildState {
    return this.#state;
  }

  get path(): Path {
    return this.#path;
  }

  /** Whether it was superseded, and this side is to delete it. */
  get isEnding(): boolean {
    return this.#ending !== undefined;
  }

  /** Whether this side has begun it, and goes on sending by another until the peer has it. */
  get isUnheard(): boolean {
    return this.#state === 'negotiated' && this.role === 'initiator';
  }

  get info(): ChildInfo {
    return {
      peer: this.#owner.name,
      policy: this.policy.name,
      role: this.role,
      state: this.#state,
      inbound: this.inbound,
      outbound: this.outbound,
      protections: this.protections,
      softExpiry: this.lifetime.softExpiry,
      hardExpiry: this.lifetime.hardExpiry,
    };
  }

  /** What the caller is told, with the keys; undefined once it has been told that the child is established. */
  get negotiated(): NegotiatedChild | undefined {
    return this.#negotiated;
  }

  /** The peer is elsewhere: whether that was news. */
  follow(path: Path): boolean {
    if (this.nat === undefined || isSamePath(this.#path, path)) return false;
    this.#path = path;
    this.#negotiated &&= { ...this.#negotiated, ...path };
    return true;
  }

  turn(turn: ChildTurn): void {
    this.#state = childAfter(this.#state, turn);
  }

  /** Both directions are ready: the keys are the caller's from now on. */
  established(): NegotiatedChild | undefined {
    const { negotiated } = this;
    this.turn('confirmed');
    this.#environment.timers.cancel(this.#takingUp);
    if (this.role === 'responder') this.establishedAt = this.#environment.now;
    this.#negotiated = undefined;
    return negotiated;
  }

  /** Message 3 is on its way: for a while the peer may not receive by it yet. */
  takeUpLater(): void {
    const { timers, now } = this.#environment;
    timers.cancel(this.#takingUp);
    this.#takingUp = timers.set(after(now, MESSAGE_3_ON_ITS_WAY), 'child-taken-up', this);
  }

  /**
   * It has been superseded: this side deletes it, once nothing can be on its way under it any more. `mayBeUsed`: the peer may
   * send by it until it hears of that.
   */
  endLater(mayBeUsed = false): void {
    const { timers, now } = this.#environment;
    const subject = mayBeUsed ? { due: () => this.#leave() } : this;
    this.#ending ??= timers.set(after(now, SUPERSEDED_LIFETIME), 'child-superseded', subject);
  }

  end(): void {
    this.turn('ended');
    this.lifetime.stop();
    this.#environment.timers.cancel(this.#ending);
    this.#environment.timers.cancel(this.#takingUp);
    this.#leaving?.stop();
  }

  softExpired(): void {
    this.#report({ kind: 'child-soft-expired', inbound: this.inbound });
  }

  hardExpired(): void {
    this.#report({ kind: 'child-hard-expired', inbound: this.inbound });
  }

  due(reason: TimerReason): void {
    this.#report({ kind: reason === 'child-taken-up' ? reason : 'child-outlived', inbound: this.inbound });
  }

  #leave(): void {
    const tell = (): void => this.#report({ kind: 'child-leaving', inbound: this.inbound });
    this.#leaving = leave(this.#environment, tell, () => this.due('child-superseded'));
  }

  #report(effect: ChildEffect): void {
    this.#environment.effects.push(this.#owner, effect);
  }
}
