import { concat, equalOctets } from '@espalier/wire';
import { ESTABLISHED_PER_PEER, HALF_OPEN_PER_PEER, SESSIONS_PER_PEER } from '../limits.ts';
import type { Directory } from '../peer/directory.ts';
import type { Path } from '../peer/path.ts';
import { refuse } from '../refusals.ts';
import type { IkeSa } from './ike-sa.ts';

/** The IKE SAs of one peer, of every age and state. */
export class IkeSas {
  readonly #directory: Directory;
  readonly #all = new Set<IkeSa>();
  /** Responder's sessions by the digest of the message that began them. */
  readonly #firstMessages = new Map<string, IkeSa>();

  constructor(directory: Directory) {
    this.#directory = directory;
  }

  get all(): readonly IkeSa[] {
    return [...this.#all];
  }

  /** Whether this side has started one that is not established yet. */
  get isConnecting(): boolean {
    return this.all.some(({ role, sa }) => role === 'initiator' && sa === undefined);
  }

  /** `firstMessage`: the digest of the message that began it, as responder. */
  add(session: IkeSa, firstMessage?: string): void {
    this.#all.add(session);
    this.#directory.file(session);
    if (firstMessage !== undefined) this.#firstMessages.set(firstMessage, session);
  }

  /** False where it is not there. */
  remove(session: IkeSa): boolean {
    if (!this.#all.delete(session)) return false;
    this.#directory.remove(session);
    for (const [digest, known] of this.#firstMessages) if (known === session) this.#firstMessages.delete(digest);
    return true;
  }

  begunBy(firstMessage: string): IkeSa | undefined {
    return this.#firstMessages.get(firstMessage);
  }

  /** `spi`: both cookies, as a Delete names an IKE SA. */
  named(spi: Uint8Array): IkeSa | undefined {
    return this.all.find(({ cookies }) => equalOctets(spi, concat(cookies.initiator, cookies.responder)));
  }

  /** The one to negotiate with: the newest that the peer answers, and that nothing has taken over from. */
  current(except?: IkeSa): IkeSa | undefined {
    const answering = this.established(except).filter(({ isSilent }) => !isSilent);
    return answering.findLast(({ isRetired }) => !isRetired) ?? answering.at(-1);
  }

  /** Oldest first. */
  established(except?: IkeSa): readonly IkeSa[] {
    return this.all
      .filter((session) => session !== except && session.sa !== undefined)
      .sort((a, b) => (a.establishedAt ?? 0) - (b.establishedAt ?? 0));
  }

  /** The oldest of so many that new ones would find no room: a peer that restarts may leave each behind unsaid. */
  surplus(): readonly IkeSa[] {
    const established = this.established();
    return established.slice(0, Math.max(0, established.length - ESTABLISHED_PER_PEER));
  }

  /** The peer is elsewhere: whether that was news for any. */
  follow(ends: Path): boolean {
    return this.established().filter((session) => session.follow(ends)).length > 0;
  }

  /**
   * Which half-open session gives way to a new one: the oldest whose initiator has not shown that it is reached at its
   * address, so that made-up first messages cannot shut the peer out.
   */
  displaced(): IkeSa | undefined {
    const halfOpen = this.all.filter(({ role, sa }) => role === 'responder' && sa === undefined);
    if (halfOpen.length < HALF_OPEN_PER_PEER && this.#all.size < SESSIONS_PER_PEER) return undefined;
    return halfOpen.find(({ isKeyed }) => !isKeyed) ?? refuse('limit');
  }
}
