import { type Spi, toHex } from '@espalier/wire';
import type { IkeSa } from '../sa/ike-sa.ts';
import type { Endpoint } from '../types.ts';
import { type Cookies, NO_COOKIE } from '../v1/cookies.ts';

/** Who has a child, and does with it what the caller says. */
export interface ChildKeeper {
  rekeyChild(inbound: Spi): void;
  confirmChild(inbound: Spi): void;
  deleteChild(inbound: Spi): void;
  noteEndpoint(inbound: Spi, from: Endpoint): void;
  noteTraffic(): void;
}

/** The sessions of an endpoint by their cookies, and who has its children by the SPIs that they receive with. */
export class Directory {
  readonly #sessions = new Map<string, IkeSa>();
  readonly #keys = new Map<IkeSa, string>();
  readonly #keepers = new Map<number, ChildKeeper>();

  file(session: IkeSa): void {
    const key = keyOf(session.cookies);
    this.#sessions.set(key, session);
    this.#keys.set(session, key);
  }

  /** A session that is filed may have learnt the responder's cookie. */
  refile(session: IkeSa): void {
    const key = this.#keys.get(session);
    if (key === undefined || key === keyOf(session.cookies)) return;
    this.#sessions.delete(key);
    this.file(session);
  }

  remove(session: IkeSa): void {
    this.#sessions.delete(this.#keys.get(session) ?? '');
    this.#keys.delete(session);
  }

  fileChild(inbound: Spi, keeper: ChildKeeper): void {
    this.#keepers.set(inbound, keeper);
  }

  removeChild(inbound: Spi): void {
    this.#keepers.delete(inbound);
  }

  keeperOf(inbound: Spi): ChildKeeper | undefined {
    return this.#keepers.get(inbound);
  }

  find(cookies: Cookies): IkeSa | undefined {
    return this.#sessions.get(keyOf(cookies));
  }

  /** The session that was started here with this cookie and has no answer yet. */
  findAwaiting(initiator: Uint8Array): IkeSa | undefined {
    return this.#sessions.get(keyOf({ initiator, responder: NO_COOKIE }));
  }
}

function keyOf({ initiator, responder }: Cookies): string {
  return toHex(initiator) + toHex(responder);
}
