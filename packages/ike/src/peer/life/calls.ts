import type { Identification, NotificationPayload } from '@espalier/wire';
import type { Clue, IkeFailure } from '../../failures.ts';
import { PHASE_1_ATTEMPTS, REDIRECTIONS_MOST, REKEY_RETRY } from '../../limits.ts';
import type { Path } from '../../path.ts';
import { randomCookie } from '../../runtime/random.ts';
import { IkeSa, type IkeSaOwner } from '../../sa/ike-sa.ts';
import { startPhase1 } from '../../v1/phase1/modes.ts';
import { withOwnPhase1 } from '../ours.ts';
import { modeOf, phase1Context, proposalsIn } from '../pad/profile.ts';
import { loadBalanceAddress, Redirection } from '../redirection.ts';
import type { Living } from './living.ts';

const WAITS_FOR_USERS: Clue = { reason: 'no-proposal-chosen', detail: undefined };

/** Whom this side calls. */
export interface Called extends Living, IkeSaOwner {
  /** Where it is to be spoken to. */
  readonly whereabouts: { readonly known: Path };
  /** Whom a peer of a template has proved to be: nobody else is to answer in its place. */
  readonly identity: Identification | undefined;
  /** Whether there is any SA with it. */
  readonly isInUse: boolean;
  readonly negotiations: { fail(clue: Clue): void };
  readonly endings: { forget(ikeSa: IkeSa, reason: IkeFailure): void; abandon(ikeSa: IkeSa): void };
}

/** The phases 1 that this side begins with a peer. */
export class Calls {
  readonly #of: Called;
  /** Where the peer has sent this side, in the place of where it is configured to be. */
  #redirection: Redirection | undefined;
  /** Phase 1 was begun so often, and came to nothing when the peer had answered. */
  #attempts = 0;

  constructor(of: Called) {
    this.#of = of;
  }

  /** Where the peer has sent this side; undefined where it has not. */
  get redirected(): Path | undefined {
    return this.#redirection?.path;
  }

  /** Whether this side can begin: a gateway that asks for users waits for them. */
  get mayConnect(): boolean {
    const { entry } = this.#of;
    return !entry.isRemoved && proposalsIn(entry.config, 'initiator').length > 0;
  }

  /** Starts phase 1, unless one that this side started is under way. */
  connect(): void {
    const { entry, environment, ikeSas, whereabouts, identity, negotiations } = this.#of;
    const { config } = entry;
    if (ikeSas.isConnecting) return;
    if (proposalsIn(config, 'initiator').length === 0) {
      negotiations.fail(WAITS_FOR_USERS);
      return;
    }
    const path = whereabouts.known;
    const mode = modeOf(config);
    const context = phase1Context(config, environment, path, 'initiator', () => !this.#of.isInUse);
    const remoteIdentity = this.#redirection?.identityOf(config) ?? context.remoteIdentity;
    const meant = { ...context, remoteIdentity: identity ?? remoteIdentity };
    const { fragmentOctets } = meant;
    const step = startPhase1(mode, meant, randomCookie(environment.rng));
    const ikeSa = new IkeSa(environment, this.#of, path, {
      mode,
      role: 'initiator',
      state: step.next[0],
      fragmentOctets: () => fragmentOctets,
    });
    ikeSas.add(ikeSa);
    ikeSa.start(step);
  }

  /** A phase 1 has come to something. */
  reached(): void {
    this.#attempts = 0;
  }

  /** A phase 1 of either side has come to nothing. */
  failed(ikeSa: IkeSa, { reason, detail: heard }: Clue): void {
    const { name, entry, environment, ikeSas, negotiations, endings } = this.#of;
    const { role, path, isReached, sa } = ikeSa;
    const detail = withOwnPhase1(heard, entry.config);
    endings.forget(ikeSa, reason);
    environment.outbox.emit({ kind: 'ike-failed', peer: name, role, ...path, reason, detail, suppressed: 0 });
    const current = ikeSas.current();
    current?.renewAfter(REKEY_RETRY);
    // The peer has forgotten what it had answered, or never had what answers that.
    const isForgotten =
      current === undefined && role === 'initiator' && isReached && sa === undefined && reason === 'no-answer';
    if (isForgotten && ++this.#attempts < PHASE_1_ATTEMPTS) {
      this.connect();
      return;
    }
    this.#attempts = 0;
    this.#redirection = undefined;
    negotiations.fail({ reason, detail });
  }

  /** A gateway that has too much to do sends its clients to another one (Cisco's LOAD-BALANCE). */
  redirect(ikeSa: IkeSa, notification: NotificationPayload): void {
    const { name, entry, environment, endings } = this.#of;
    const address = loadBalanceAddress(notification);
    const isClient = ikeSa.role === 'initiator' && entry.config.modeConfig?.side === 'client';
    const count = (this.#redirection?.count ?? 0) + 1;
    if (address === undefined || !isClient || ikeSa.isEstablished || count > REDIRECTIONS_MOST) return;
    this.#redirection = new Redirection(ikeSa.path.local.address, address, count);
    environment.outbox.emit({ kind: 'redirected', peer: name, ...this.#redirection.path });
    endings.abandon(ikeSa);
    this.connect();
  }
}
