import {
  concat,
  type Instant,
  type NotificationPayload,
  OAKLEY_ATTRIBUTE,
  type Payload,
  PROTOCOL_ID,
} from '@espalier/wire';
import type { ReceivedMessage } from '../exchange/message.ts';
import type { DeleteReason, IkeFailure } from '../failures.ts';
import { REKEY_RETRY } from '../limits.ts';
import type { NatFindings } from '../nat/discovery.ts';
import type { Path } from '../path.ts';
import { Refusal } from '../refusals.ts';
import type { Role } from '../types.ts';
import { hasXAuth } from '../v1/authentication/xauth.ts';
import { deleteOfIkeSa } from '../v1/informational/informational.ts';
import { initialContactNotification } from '../v1/informational/initial-contact.ts';
import { isNews, responderLifetime } from '../v1/informational/responder-lifetime.ts';
import type { Established } from '../v1/phase1/phase1.ts';
import { Phase2Exchanges } from '../v1/phase2/exchanges.ts';
import type { Phase2Host } from '../v1/phase2/host.ts';
import type { IkeSaTurn } from './life.ts';
import { OctetsLifetime } from './lifetime/octets-lifetime.ts';
import { type Mortal, SaLifetime } from './lifetime/sa-lifetime.ts';
import { Stages } from './stages.ts';
import { isTakenAlike, Variant } from './variant.ts';

/** The user of an IKE SA that another takes over from; undefined for one without. */
export interface Renewed {
  readonly user: string | undefined;
}

/** The IKE SA whose sides are authenticated. */
export interface AuthenticatedHost extends Phase2Host, Mortal {
  readonly role: Role;
  /** Whose it is without asking again, where it takes over; undefined where it asks. */
  readonly renewed: Renewed | undefined;
  send(octets: Uint8Array, path?: Path): void;
  turn(turn: IkeSaTurn): void;
  /** Sends the last message of phase 1 again. */
  remind(send: (octets: Uint8Array) => void): void;
}

/** What may be done under an IKE SA, as one copy of what proved the peer has it. */
interface Reading {
  readonly sa: Established;
  readonly phase2: Phase2Exchanges;
  /** Undefined where there is neither XAuth nor Mode Config. */
  readonly stages: Stages | undefined;
}

const NONE: readonly never[] = [];

/** What an IKE SA has once both sides are authenticated. */
export class Authenticated {
  readonly at: Instant;
  readonly lifetime: SaLifetime;
  readonly octets: OctetsLifetime;
  readonly #host: AuthenticatedHost;
  #reading: Reading;
  /** What it may be as well: side by side until something authentic tells. */
  #variants: readonly Variant[] = NONE;

  constructor(host: AuthenticatedHost, sa: Established) {
    this.#host = host;
    this.at = host.environment.now;
    this.lifetime = new SaLifetime(host.environment, host, host.role, sa.lifetime);
    this.octets = new OctetsLifetime(host, host.role, sa.kilobytes);
    const phase2 = new Phase2Exchanges(host, sa);
    this.#reading = { sa, phase2, stages: this.#openStages(sa, phase2, host) };
  }

  get sa(): Established {
    return this.#reading.sa;
  }

  get phase2(): Phase2Exchanges {
    return this.#reading.phase2;
  }

  get stages(): Stages | undefined {
    return this.#reading.stages;
  }

  get variants(): readonly Variant[] {
    return this.#variants;
  }

  /** Of all that it may be: what is done first of anything is done as each has it. */
  get phase2s(): readonly Phase2Exchanges[] {
    return [this.#reading, ...this.#variants].map(({ phase2 }) => phase2);
  }

  inform(payloads: readonly Payload[]): void {
    for (const phase2 of this.phase2s) phase2.inform(payloads);
  }

  /** Again: nobody acknowledges it, and who has not heard it does not renew in time. */
  tellLifetime(): void {
    if (!isNews(this.sa.news)) return;
    this.inform([lifetimeNotification(this.sa)]);
    this.lifetime.retryAfter(REKEY_RETRY);
  }

  begin(): void {
    const { sa, phase2, stages } = this.#reading;
    greet(sa, phase2);
    if (stages === undefined) this.#host.report({ kind: 'established' });
    else stages.begin(this.#host.renewed);
  }

  /** The first that is authentic tells which it is, where it may be several. @throws Refusal or DecodeError */
  receive(message: ReceivedMessage): void {
    try {
      this.phase2.receive(message);
    } catch (error) {
      if (!(error instanceof Refusal) || error.isAuthentic) throw error;
      if (!this.#variants.some((variant) => variant.takes(message))) throw error;
    }
  }

  /** From now on it may be this as well, unless nothing could tell. `reply`: the last message of phase 1, as this has it. */
  vary(sa: Established, path: Path, reply: Uint8Array | undefined): void {
    const known = this.#reading;
    if ([known, ...this.#variants].some((one) => isTakenAlike(one.sa, sa))) return;
    // Each has keys of its own, and overwrites them.
    const keys = sa.keys === known.sa.keys ? sa.keys.under(sa.proposal) : sa.keys;
    const variant = new Variant(this.#host, this, { ...sa, keys }, path);
    this.#variants = [...this.#variants, variant];
    greet(variant.sa, variant.phase2);
    variant.begin(known, this.#openStages(variant.sa, variant.phase2, variant, reply), this.#host.renewed);
  }

  /** NATs are others, whatever it is. */
  mend(nat: NatFindings | undefined): void {
    const sa = { ...this.sa, nat };
    this.#reading = { ...this.#reading, sa };
    this.phase2.mend(sa);
    for (const variant of this.#variants) variant.mend(nat);
  }

  /** Something authentic came as one of several has it. */
  choose(chosen: Variant): void {
    if (!this.#variants.includes(chosen)) return;
    const before = this.#reading;
    const { sa, phase2, stages } = chosen;
    before.phase2.giveWay(phase2);
    this.#reading = { sa, phase2, stages };
    forget(before);
    this.#forgetVariants(chosen);
  }

  /** It is as it has been taken. */
  settle(): void {
    this.#forgetVariants(undefined);
    this.sa.keys.settled();
  }

  /** Overwrites its keys; Quick Modes that are left unfinished have failed, for `reason`. */
  drop(reason: DeleteReason | IkeFailure): void {
    const { sa, phase2, stages } = this.#reading;
    this.#forgetVariants(undefined);
    stages?.drop();
    phase2.drop(reason);
    this.lifetime.stop();
    sa.keys.wipe();
  }

  #forgetVariants(but: Variant | undefined): void {
    const gone = this.#variants;
    this.#variants = NONE;
    for (const variant of gone) if (variant !== but) forget(variant);
  }

  #openStages(sa: Established, phase2: Phase2Exchanges, as: Phase2Host, reply?: Uint8Array): Stages | undefined {
    if (sa.modeConfig === undefined && !hasXAuth(sa.proposal)) return undefined;
    const host = this.#host;
    const isMeant = (): boolean => as === host || this.phase2 === phase2;
    return new Stages(
      {
        environment: host.environment,
        turn: (turn) => isMeant() && host.turn(turn),
        report: (effect) => as.report(effect),
        remind: () => {
          if (reply === undefined) host.remind((octets) => as.send(octets));
          else as.send(reply);
        },
        forgives: (tolerance) => as.forgives(tolerance),
        tellDeleted: () => isMeant() && this.inform([deleteOfIkeSa(sa.cookies)]),
      },
      sa,
      (owner) => phase2.openTransactions(owner),
    );
  }
}

/** What phase 1 has left to be said under its protection. */
function greet(sa: Established, phase2: Phase2Exchanges): void {
  if (isNews(sa.news)) phase2.inform([lifetimeNotification(sa)]);
  if (sa.tellsInitialContact) phase2.inform([initialContactNotification(sa.cookies)]);
}

/** RFC 2407 §4.6.3.1. */
function lifetimeNotification({ cookies, news }: Established): NotificationPayload {
  const spi = concat(cookies.initiator, cookies.responder);
  return responderLifetime(news, OAKLEY_ATTRIBUTE, PROTOCOL_ID.isakmp, spi);
}

function forget({ sa, phase2, stages }: Reading): void {
  stages?.drop();
  phase2.forget();
  sa.keys.wipe();
}
