import type { Spi } from '@espalier/wire';
import type { Path } from '../../path.ts';
import type { Environment } from '../../runtime/environment.ts';
import type { Children } from '../../sa/children.ts';
import type { IkeSas } from '../../sa/ike-sas.ts';
import type { Endpoint } from '../../types.ts';
import { Keepalive } from './keepalive.ts';

/** Whose whereabouts: everything that goes to one peer. */
export interface Belongings {
  readonly name: string;
  /** Where the peer is, as far as is known without it. */
  readonly home: Path;
  readonly ikeSas: IkeSas;
  readonly children: Pick<Children<never>, 'follow' | 'movablePath' | 'pathInUdp'>;
  /** Is told where the peer is from now on. */
  moved(path: Path): void;
}

/** Where a peer is: behind a NAT its address and port are what was seen last (RFC 3947 §4). */
export class Whereabouts {
  readonly #environment: Environment;
  readonly #of: Belongings;
  /** Made when a NAT is to be kept awake. */
  #keepalive: Keepalive | undefined;

  constructor(environment: Environment, of: Belongings) {
    this.#environment = environment;
    this.#of = of;
  }

  /** Where the peer is to be spoken to. */
  get known(): Path {
    return this.#inUdp ?? this.#of.home;
  }

  /** Something authentic went between these ends: everything in UDP follows. */
  follow(path: Path, isKnownNews = false): void {
    const { ikeSas, children } = this.#of;
    const isNews = [isKnownNews, ikeSas.follow(path), children.follow(path)].includes(true);
    if (!isNews) return;
    this.#of.moved(path);
    this.#environment.outbox.emit({ kind: 'peer-moved', peer: this.#of.name, ...path });
  }

  /** An ESP packet of this child came from there. */
  followChild(inbound: Spi, remote: Endpoint): void {
    const path = this.#of.children.movablePath(inbound);
    if (path !== undefined) this.follow({ local: path.local, remote });
  }

  /** Keeps the NAT in front of this side awake, if there is one, for as long as there are SAs behind it. */
  keepAwake(): void {
    if (this.#translated === undefined) return;
    this.#keepalive ??= new Keepalive(this.#environment, () => this.#translated);
    this.#keepalive.start();
  }

  get #inUdp(): Path | undefined {
    const current = this.#of.ikeSas.current();
    return current?.nat === undefined ? this.#of.children.pathInUdp() : current.path;
  }

  get #translated(): Path | undefined {
    const ikeSa = this.#of.ikeSas.established().findLast(({ nat }) => nat?.isLocalBehind === true);
    return ikeSa?.path ?? this.#of.children.pathInUdp(({ isLocalBehind }) => isLocalBehind);
  }
}
