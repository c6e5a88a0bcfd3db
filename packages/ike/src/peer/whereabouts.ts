import type { Spi } from '@espalier/wire';
import type { Environment } from '../runtime/environment.ts';
import type { Children } from '../sa/children.ts';
import type { IkeSas } from '../sa/ike-sas.ts';
import type { Endpoint } from '../types.ts';
import { Keepalive } from './keepalive.ts';
import type { Path } from './path.ts';

/** Whose whereabouts: everything that goes to one peer. */
export interface Belongings {
  readonly peer: string;
  readonly configured: Path;
  readonly sessions: IkeSas;
  readonly children: Children;
}

/** Where a peer is: behind a NAT its address and port are what was seen last (RFC 3947 §4). */
export class Whereabouts {
  readonly #environment: Environment;
  readonly #of: Belongings;
  readonly #keepalive: Keepalive;
  /** Whether it has ever been elsewhere. */
  #hasMoved = false;

  constructor(environment: Environment, of: Belongings) {
    this.#environment = environment;
    this.#of = of;
    this.#keepalive = new Keepalive(environment, () => this.#translated);
  }

  /** Where the peer is to be spoken to. */
  get known(): Path {
    return this.#inUdp ?? this.#of.configured;
  }

  /** Whether the peer has moved to this address. Anybody can make us ask: it costs next to nothing where none has. */
  isAt({ local, remote }: Path): boolean {
    if (!this.#hasMoved) return false;
    const { known } = this;
    return known.local.address === local.address && known.remote.address === remote.address;
  }

  /** Something authentic went between these ends: everything in UDP follows. */
  follow(ends: Path): void {
    const { sessions, children } = this.#of;
    const isNews = [sessions.follow(ends), children.follow(ends)].includes(true);
    if (!isNews) return;
    this.#hasMoved = true;
    this.#environment.outbox.emit({ kind: 'peer-moved', peer: this.#of.peer, ...ends });
  }

  /** An ESP packet of this child came from there. */
  followChild(inbound: Spi, remote: Endpoint): void {
    const ends = this.#of.children.movableEnds(inbound);
    if (ends !== undefined) this.follow({ local: ends.local, remote });
  }

  /** Keeps the NAT in front of this side awake, if there is one, for as long as there are SAs behind it. */
  keepAwake(): void {
    this.#keepalive.start();
  }

  get #inUdp(): Path | undefined {
    const current = this.#of.sessions.current();
    return current?.nat === undefined ? this.#of.children.endsInUdp() : current.ends;
  }

  get #translated(): Path | undefined {
    const session = this.#of.sessions.established().findLast(({ nat }) => nat?.isLocalBehind === true);
    return session?.ends ?? this.#of.children.endsInUdp(({ isLocalBehind }) => isLocalBehind);
  }
}
