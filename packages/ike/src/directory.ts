import { toHex } from '@espalier/wire';
import { type Cookies, NO_COOKIE } from './cookies.ts';
import type { IkeSession } from './session.ts';

/** The sessions of an endpoint by their cookies. */
export class Directory {
  readonly #sessions = new Map<string, IkeSession>();
  readonly #keys = new Map<IkeSession, string>();

  file(session: IkeSession): void {
    const key = keyOf(session.cookies);
    this.#sessions.set(key, session);
    this.#keys.set(session, key);
  }

  /** A session that is filed may have learnt the responder's cookie. */
  refile(session: IkeSession): void {
    const key = this.#keys.get(session);
    if (key === undefined || key === keyOf(session.cookies)) return;
    this.#sessions.delete(key);
    this.file(session);
  }

  remove(session: IkeSession): void {
    this.#sessions.delete(this.#keys.get(session) ?? '');
    this.#keys.delete(session);
  }

  find(cookies: Cookies): IkeSession | undefined {
    return this.#sessions.get(keyOf(cookies));
  }

  /** The session that was started here with this cookie and has no answer yet. */
  findAwaiting(initiator: Uint8Array): IkeSession | undefined {
    return this.#sessions.get(keyOf({ initiator, responder: NO_COOKIE }));
  }
}

function keyOf({ initiator, responder }: Cookies): string {
  return toHex(initiator) + toHex(responder);
}
