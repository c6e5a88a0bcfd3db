import { after, notifyName } from '@espalier/wire';
import type { IkeSaInfo } from '../events.ts';
import type { ReceivedMessage } from '../exchange/message.ts';
import {
  FINISHED_EXCHANGE_LIFETIME,
  FINISHED_IN_ALL,
  OFFERS_IN_ALL,
  REACHED_IN_ALL,
  REACHED_PER_ADDRESS,
  UNREACHED_IN_ALL,
  UNREACHED_OCTETS_IN_ALL,
  UNREACHED_OCTETS_UNDER_LOAD,
  UNREACHED_PER_ADDRESS,
  UNREACHED_PER_ADDRESS_UNDER_LOAD,
  UNREACHED_UNDER_LOAD,
} from '../limits.ts';
import type { Environment } from '../runtime/environment.ts';
import type { Timer } from '../runtime/timers.ts';
import type { Renewed } from '../sa/authenticated.ts';
import type { IkeSaEffect } from '../sa/effect.ts';
import type { IkeSa, IkeSaOwner } from '../sa/ike-sa.ts';
import { Crowd } from './crowd.ts';
import type { Directory } from './directory.ts';
import { tellNotified, tellRefused } from './tell.ts';

/** Who knows the peers. */
interface Keeper {
  /** Finds the peer of an IKE SA that is established. */
  adopt(ikeSa: IkeSa): void;
  /** As `IkeSaOwner`. */
  renewed(ikeSa: IkeSa): Renewed | undefined;
}

/** A half-open IKE SA as it was begun. */
interface Begun {
  readonly digest: string;
  readonly octets: number;
}

/** Of each there are thousands under a flood: a class has its accessor once, a literal would have one each. */
class Nobodys implements IkeSaOwner {
  readonly act: IkeSaOwner['act'];
  readonly #name: () => string;
  readonly #keeper: Keeper;

  constructor(name: () => string, act: IkeSaOwner['act'], keeper: Keeper) {
    this.#name = name;
    this.act = act;
    this.#keeper = keeper;
  }

  get name(): string {
    return this.#name();
  }

  renewed(ikeSa: IkeSa): Renewed | undefined {
    return this.#keeper.renewed(ikeSa);
  }
}

/**
 * The IKE SAs that peers have begun and not finished: nobody's until the peer has proved who it is. Anybody can begin
 * one, so there is only so much room, and who has not shown that it is reached at its address gives way to its like.
 */
export class HalfOpenIkeSas {
  readonly #environment: Environment;
  readonly #directory: Pick<Directory<unknown>, 'file' | 'remove'>;
  readonly #keeper: Keeper;
  readonly #unreached = new Crowd<IkeSa>({ perPlace: UNREACHED_PER_ADDRESS, inAll: UNREACHED_IN_ALL });
  readonly #reached = new Crowd<IkeSa>({ perPlace: REACHED_PER_ADDRESS, inAll: REACHED_IN_ALL });
  readonly #begun = new Map<IkeSa, Begun>();
  /** By the digest of the message that began them; for a while after they are established, too. */
  readonly #firstMessages = new Map<string, IkeSa>();
  /** By digest, oldest first: when the first message of an IKE SA that is established is forgotten. */
  readonly #finished = new Map<string, Timer>();
  /** Octets of the first messages. */
  #octets = 0;
  #unreachedOctets = 0;

  constructor(environment: Environment, directory: Pick<Directory<unknown>, 'file' | 'remove'>, keeper: Keeper) {
    this.#environment = environment;
    this.#directory = directory;
    this.#keeper = keeper;
  }

  /** Whether so many are begun and not shown to be from where they say that others must have room. */
  get isUnderLoad(): boolean {
    return this.#unreached.size >= UNREACHED_UNDER_LOAD || this.#unreachedOctets >= UNREACHED_OCTETS_UNDER_LOAD;
  }

  get infos(): readonly IkeSaInfo[] {
    return [...this.#begun.keys()].map(({ info }) => info);
  }

  /** The IKE SA that this very message began. */
  begunBy(digest: string): IkeSa | undefined {
    return this.#firstMessages.get(digest);
  }

  /** Whose an IKE SA is while it is half open; `name`: of the peer that it most likely is. */
  owner(name: () => string): IkeSaOwner {
    return new Nobodys(name, (ikeSa, effect) => this.#act(name(), ikeSa, effect), this.#keeper);
  }

  /** A first message has been answered. */
  add(ikeSa: IkeSa, { digest, octets }: ReceivedMessage): void {
    const place = ikeSa.path.remote.address;
    this.#giveWay(this.#unreached.displaced(place, this.isUnderLoad ? UNREACHED_PER_ADDRESS_UNDER_LOAD : undefined));
    const isFull = (): boolean =>
      this.#octets + octets.length > OFFERS_IN_ALL || this.#unreachedOctets + octets.length > UNREACHED_OCTETS_IN_ALL;
    while (isFull() && this.#unreached.size > 0) {
      this.#giveWay(this.#unreached.oldest);
    }
    this.#unreached.add(ikeSa, place);
    this.#begun.set(ikeSa, { digest, octets: octets.length });
    this.#octets += octets.length;
    this.#unreachedOctets += octets.length;
    this.#firstMessages.set(digest, ikeSa);
    this.#directory.file(ikeSa);
  }

  /** The initiator has answered what was sent to its address. */
  noteReached(ikeSa: IkeSa): void {
    if (!ikeSa.isReached || !this.#unreached.delete(ikeSa)) return;
    this.#unreachedOctets -= this.#begun.get(ikeSa)?.octets ?? 0;
    const place = ikeSa.path.remote.address;
    this.#giveWay(this.#reached.displaced(place));
    this.#reached.add(ikeSa, place);
  }

  /** Forgets them all. */
  close(): void {
    for (const ikeSa of [...this.#begun.keys()]) this.#giveWay(ikeSa);
  }

  #act(name: string, ikeSa: IkeSa, effect: IkeSaEffect): void {
    const { news } = this.#environment;
    switch (effect.kind) {
      case 'established':
        this.#forgetLater(this.#remove(ikeSa));
        this.#keeper.adopt(ikeSa);
        return;
      case 'failed': {
        const { path } = ikeSa;
        const { reason, detail } = effect;
        const where = ikeSa.isReached ? 'reached' : 'unreached';
        news.tell({ peer: name, address: path.remote.address, what: `failed ${where} ${reason}` }, (suppressed) => ({
          kind: 'ike-failed',
          peer: name,
          role: 'responder',
          ...path,
          reason,
          detail,
          suppressed,
        }));
        this.#giveWay(ikeSa);
        return;
      }
      case 'abandoned':
      case 'hard-expired':
        this.#giveWay(ikeSa);
        return;
      case 'refused':
        if (this.#begun.has(ikeSa)) tellRefused(news, name, ikeSa.path, effect);
        return;
      case 'notified': {
        const { notifyType } = effect.notification;
        tellNotified(news, {
          kind: 'notified',
          peer: name,
          notifyType,
          name: notifyName(notifyType),
          authenticated: false,
        });
      }
    }
  }

  #giveWay(ikeSa: IkeSa | undefined): void {
    const begun = ikeSa && this.#remove(ikeSa);
    if (ikeSa === undefined || begun === undefined) return;
    this.#firstMessages.delete(begun.digest);
    this.#directory.remove(ikeSa);
    ikeSa.drop('limit');
  }

  /** It is half open no more. */
  #remove(ikeSa: IkeSa): Begun | undefined {
    const begun = this.#begun.get(ikeSa);
    if (begun === undefined) return undefined;
    if (this.#unreached.delete(ikeSa)) this.#unreachedOctets -= begun.octets;
    this.#reached.delete(ikeSa);
    this.#begun.delete(ikeSa);
    this.#octets -= begun.octets;
    return begun;
  }

  /** The first message of an IKE SA, should it come again, is for a while still its own. */
  #forgetLater(begun: Begun | undefined): void {
    if (begun === undefined) return;
    const { timers, now } = this.#environment;
    const { digest } = begun;
    const timer = timers.set(after(now, FINISHED_EXCHANGE_LIFETIME), 'exchange-forgotten', {
      due: () => this.#forget(digest),
    });
    this.#finished.set(digest, timer);
    const [oldest = digest] = this.#finished.keys();
    if (this.#finished.size > FINISHED_IN_ALL) this.#forget(oldest);
  }

  #forget(digest: string): void {
    this.#environment.timers.cancel(this.#finished.get(digest));
    this.#finished.delete(digest);
    this.#firstMessages.delete(digest);
  }
}
