import { after, type Duration, type Identification } from '@espalier/wire';
import type { FailureDetail } from '../explain/detail.ts';
import type { IkeFailure } from '../failures.ts';
import { MODE_CONFIG_LIFETIME, XAUTH_LIFETIME, XAUTH_PATIENCE } from '../limits.ts';
import { refuse } from '../refusals.ts';
import type { Environment } from '../runtime/environment.ts';
import { Retransmission } from '../runtime/retransmission.ts';
import type { Timer } from '../runtime/timers.ts';
import type { PeerTolerance } from '../tolerances.ts';
import type { AssignedConfiguration, ModeConfig, XAuth } from '../types.ts';
import { sideInXAuth } from '../v1/authentication/xauth.ts';
import type { Established } from '../v1/phase1/phase1.ts';
import { assigned, configurationRequest } from '../v1/transaction/mode-config/client.ts';
import {
  AwaitLease,
  isForATime,
  type Lessee,
  leased,
  leaseOnRequest,
  leaseToSet,
} from '../v1/transaction/mode-config/gateway.ts';
import type { TransactionOutcome } from '../v1/transaction/outcome.ts';
import type { Asked, Reaction } from '../v1/transaction/transaction.ts';
import type { TransactionOwner, Transactions } from '../v1/transaction/transactions.ts';
import { hasNuls, isXAuth, readStatus } from '../v1/transaction/xauth/attributes.ts';
import { Questioner } from '../v1/transaction/xauth/gateway.ts';
import { User } from '../v1/transaction/xauth/user.ts';
import type { IkeSaEffect } from './effect.ts';
import type { IkeSaTurn } from './life.ts';

/** Whose stages they are. */
export interface StagesHost {
  readonly environment: Environment;
  turn(turn: IkeSaTurn): void;
  report(effect: IkeSaEffect): void;
  /** Whether something is to be taken of the peer though an RFC has it otherwise: then that is told. */
  forgives(tolerance: PeerTolerance): boolean;
  /** Sends the last message of phase 1 again. */
  remind(): void;
  /** Tells the peer that the IKE SA is no more. */
  tellDeleted(): void;
}

/** Who has what is assigned, or leased, and keeps it from one IKE SA to the next. */
export interface ConfigurationHolder {
  readonly name: string;
  readonly configuration: AssignedConfiguration | undefined;
}

/**
 * What an IKE SA passes between the authentication of phase 1 and being ready: XAuth, then Mode Config, each where it is
 * agreed on or configured. As the side that is asked it answers at any time.
 */
export class Stages implements TransactionOwner {
  readonly #host: StagesHost;
  readonly #sa: Established;
  readonly #transactions: Transactions;
  readonly #xauth: XAuth | undefined;
  readonly #asUser: User | undefined;
  #questioner: Questioner | undefined;
  #stage: 'xauth' | 'mode-config' | undefined;
  #user: string | undefined;
  /** What the user is being told; undefined before that. */
  #status: boolean | undefined;
  #holder: ConfigurationHolder | undefined;
  #ending: Timer | undefined;
  #nudging: Retransmission | undefined;

  constructor(host: StagesHost, sa: Established, open: (owner: TransactionOwner) => Transactions) {
    const side = sideInXAuth(sa.proposal, sa.role);
    this.#host = host;
    this.#sa = sa;
    this.#transactions = open(this);
    this.#xauth = side === undefined || sa.xauth?.side === side ? sa.xauth : { side };
    const { peer, role, proof } = sa;
    const settings = sa.xauth?.side === 'user' ? sa.xauth : { side: 'user' as const };
    this.#asUser = side === 'user' ? new User(settings, { peer, role, identity: proof.identity }) : undefined;
  }

  /** Whom XAuth has proved the peer to be. */
  get user(): string | undefined {
    return this.#user;
  }

  /** After phase 1. `renewed`: the user of an IKE SA that this one takes over from without being asked again, if any. */
  begin(renewed: { readonly user: string | undefined } | undefined): void {
    const side = sideInXAuth(this.#sa.proposal, this.#sa.role);
    if (side === undefined || renewed !== undefined) {
      this.#user = renewed?.user;
      this.#host.report({ kind: 'established' });
      return;
    }
    this.#enter('xauth', side === 'gateway' ? XAUTH_LIFETIME : XAUTH_PATIENCE);
    if (side === 'gateway') this.#question();
    else this.#awaitGateway();
  }

  /** Where an IKE SA of its own stages has come, of which this may be another reading. */
  beginAs(other: Stages | undefined, renewed: { readonly user: string | undefined } | undefined): void {
    if (other === undefined || other.#holder === undefined) this.begin(renewed);
    else this.configure(other.#holder, other.#stage === 'mode-config');
  }

  /** After XAuth, where there is Mode Config. False where there is nothing to pass. */
  configure(holder: ConfigurationHolder, isToBePassed: boolean): boolean {
    const { modeConfig } = this.#sa;
    this.#holder = holder;
    if (modeConfig === undefined || !isToBePassed) return false;
    const { side, method = 'pull' } = modeConfig;
    if (side === 'gateway' && method === 'pull') return false;
    this.#enter('mode-config', MODE_CONFIG_LIFETIME);
    if (side === 'gateway') {
      this.#push(modeConfig, this.#lessee(holder));
    } else if (method === 'pull') {
      this.#pull(modeConfig, holder);
    } else if (this.#sa.role === 'initiator') this.#nudge();
    return true;
  }

  /** As client: asks for what it has once more, whoever told it (draft-dukes-ike-mode-cfg-02 §3.3). */
  renew(holder: ConfigurationHolder): void {
    const { modeConfig } = this.#sa;
    if (modeConfig?.side === 'client' && this.#stage === undefined) this.#pull(modeConfig, holder);
  }

  /** What the peer asks or sets. */
  react(asked: Asked): Reaction<TransactionOutcome> {
    const { type, attributes } = asked;
    if (isXAuth(attributes)) return this.#reactToXAuth(asked);
    const holder = this.#holder ?? this.#reactTooSoon();
    const side = this.#sa.modeConfig?.side;
    if (side === 'gateway' && type === 'request') return leaseOnRequest(attributes, this.#lessee(holder));
    if (side === 'client' && type === 'set') return assigned({ type, attributes });
    return refuse('unexpected-message');
  }

  settled(outcome: TransactionOutcome): void {
    this.#nudging?.stop();
    switch (outcome.kind) {
      case 'credentials-given':
        break;
      case 'credentials-lacking':
        this.#fail(outcome.reason);
        break;
      case 'status':
        if (!outcome.isOk) this.#fail('xauth-failed');
        else if (this.#stage === 'xauth') this.#passXAuth();
        break;
      case 'user-gives-up':
        this.#fail('xauth-failed');
        break;
      case 'verdict':
        this.#judged(outcome);
        break;
      case 'status-told':
        if (this.#status === false) this.#fail('xauth-failed');
        else if (this.#stage === 'xauth') this.#passXAuth();
        break;
      case 'assigned':
        this.#configured(outcome.configuration.addresses.length === 0 ? undefined : outcome.configuration);
        break;
      case 'leased':
        this.#configured(outcome.lease);
    }
  }

  /** A person who is asked may take longer than a message on its way. */
  unanswered(): void {
    if (this.#stage === 'xauth' && this.#status === undefined) return;
    if (this.#stage !== undefined) this.#fail(this.#status === false ? 'xauth-failed' : 'no-answer');
  }

  crowdedOut(): void {
    if (this.#stage !== undefined) this.#fail('limit');
  }

  /** The peer has deleted the IKE SA. False where it is ready. */
  deleted(): boolean {
    if (this.#stage === undefined) return false;
    const isAsking = this.#transactions.isAsking;
    this.#report(isAsking ? 'question-unanswered' : this.#stage === 'xauth' ? 'xauth-failed' : 'no-lease');
    return true;
  }

  /** A stage has lasted long enough. */
  due(): void {
    this.#fail(this.#transactions.isAsking ? 'question-unanswered' : 'no-answer');
  }

  drop(): void {
    this.#leave();
    this.#transactions.drop();
  }

  #question(): void {
    const { environment } = this.#host;
    const { peer, role, proof } = this.#sa;
    const settings = this.#xauth?.side === 'gateway' ? this.#xauth : { side: 'gateway' as const };
    this.#questioner = new Questioner(settings, { peer, role, identity: proof.identity }, environment.rng);
    this.#prompt(this.#questioner.request);
  }

  #prompt(request: Asked): void {
    this.#transactions.ask(request, (attributes) => {
      const keepsNuls = hasNuls(attributes) && !this.#host.forgives('password-nuls');
      return this.#questioner?.replied(attributes, keepsNuls) ?? refuse('unexpected-message');
    });
  }

  #judged({ verdict, userName }: Extract<TransactionOutcome, { kind: 'verdict' }>): void {
    const next = this.#questioner?.judged(verdict, userName);
    if (next === undefined) return;
    if (next.kind === 'prompt') {
      this.#prompt(next.asked);
      return;
    }
    this.#status = next.kind === 'accepted';
    if (next.kind === 'accepted') this.#user = next.user;
    this.#transactions.ask(next.asked, () => ({ attributes: [], outcome: { kind: 'status-told' } }));
  }

  #reactToXAuth({ type, attributes }: Asked): Reaction<TransactionOutcome> {
    const user = this.#asUser ?? refuse('unexpected-message');
    if (type === 'request') return user.prompted(attributes);
    const isOk = readStatus(attributes) ?? refuse('unexpected-message');
    return {
      attributes: attributes.map((attribute) => ({ ...attribute, value: new Uint8Array(0) })),
      outcome: { kind: 'status', isOk },
    };
  }

  /**
   * Mode Config during XAuth: who goes on knows the status, whose ACK was lost; and a gateway that goes on asks for no more.
   * The same message is answered when it comes again.
   */
  #reactTooSoon(): never {
    if (this.#stage === 'xauth' && (this.#status === true || this.#asUser !== undefined)) this.#passXAuth();
    return refuse('not-authenticated');
  }

  /** In Aggressive Mode this side cannot know whether its last message has come, and the gateway begins only then. */
  #awaitGateway(): void {
    if (this.#sa.mode === 'aggressive' && this.#sa.role === 'initiator') this.#nudge();
  }

  #nudge(): void {
    this.#nudging = new Retransmission(
      this.#host.environment,
      () => this.#host.remind(),
      () => {},
    );
  }

  #pull(modeConfig: ModeConfig, { configuration }: ConfigurationHolder): void {
    const request = configurationRequest(modeConfig, configuration, this.#sa.unity);
    this.#transactions.ask(request, (attributes) => assigned({ type: 'reply', attributes }));
  }

  #push(modeConfig: ModeConfig, lessee: Lessee): void {
    const { held, unity } = lessee;
    if (held === undefined || isForATime(held))
      this.#transactions.begin((known) => new AwaitLease(known, modeConfig, lessee));
    else this.#transactions.ask(leaseToSet(held, unity), () => leased(held));
  }

  #lessee({ name, configuration }: ConfigurationHolder): Lessee {
    const { role, proof, unity } = this.#sa;
    const identity: Identification = proof.identity;
    return { peer: name, role, identity, user: this.#user, held: configuration, unity };
  }

  #configured(configuration: AssignedConfiguration | undefined): void {
    if (configuration !== undefined) this.#host.report({ kind: 'configured', configuration });
    if (this.#stage !== 'mode-config') return;
    if (configuration === undefined) this.#fail('no-lease');
    else {
      this.#leave();
      this.#host.report({ kind: 'stages-passed' });
    }
  }

  #passXAuth(): void {
    this.#leave();
    this.#host.report({ kind: 'established' });
  }

  #enter(stage: 'xauth' | 'mode-config', lifetime: Duration): void {
    const { timers, now } = this.#host.environment;
    this.#stage = stage;
    this.#host.turn(stage === 'xauth' ? 'user asked for' : 'configuration begun');
    this.#ending = timers.set(after(now, lifetime), stage === 'xauth' ? 'xauth-expiry' : 'mode-config-expiry', this);
  }

  #leave(): void {
    this.#stage = undefined;
    this.#nudging?.stop();
    this.#host.environment.timers.cancel(this.#ending);
  }

  /** What is given up here is deleted at the peer too. */
  #fail(reason: IkeFailure): void {
    this.#host.tellDeleted();
    this.#report(reason);
  }

  #report(reason: IkeFailure): void {
    const detail = this.#detail(reason);
    this.#leave();
    this.#host.report({ kind: 'failed', reason, detail });
  }

  /** Whether Mode Config is this side's to begin. */
  get #begins(): boolean {
    const { side, method = 'pull' } = this.#sa.modeConfig ?? {};
    return side === (method === 'pull' ? 'client' : 'gateway');
  }

  #detail(reason: IkeFailure): FailureDetail | undefined {
    if (reason !== 'no-answer' || this.#stage === undefined) return undefined;
    const isBegun = this.#stage === 'xauth' ? this.#questioner !== undefined : this.#begins;
    return { kind: 'silence', exchange: this.#stage, sent: isBegun ? 1 : 0, inUdp: this.#sa.nat !== undefined };
  }
}
