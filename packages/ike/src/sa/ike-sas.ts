import { concat, equalOctets } from '@espalier/wire';
import { ESTABLISHED_PER_PEER } from '../limits.ts';
import type { Path } from '../path.ts';
import type { Directory } from '../peer/directory.ts';
import type { IkeSa } from './ike-sa.ts';

/** The IKE SAs of one peer: those that it has proved to be its own, and those that this side has begun. */
export class IkeSas {
  readonly #directory: Pick<Directory<unknown>, 'file' | 'remove'>;
  #all: readonly IkeSa[] = [];

  constructor(directory: Pick<Directory<unknown>, 'file' | 'remove'>) {
    this.#directory = directory;
  }

  /** Oldest first. */
  get all(): readonly IkeSa[] {
    return this.#all;
  }

  get size(): number {
    return this.#all.length;
  }

  /** Whether this side has started one that is not ready yet. */
  get isConnecting(): boolean {
    return this.#all.some(({ isEstablished, role }) => !isEstablished && role === 'initiator');
  }

  add(ikeSa: IkeSa): void {
    this.#all = this.#all.concat(ikeSa);
    this.#directory.file(ikeSa);
  }

  /** One that is filed already, and has found its peer. */
  adopt(ikeSa: IkeSa): void {
    this.#all = this.#all.concat(ikeSa);
  }

  /** False where it is not there. */
  remove(ikeSa: IkeSa): boolean {
    if (!this.#all.includes(ikeSa)) return false;
    this.#all = this.#all.filter((other) => other !== ikeSa);
    this.#directory.remove(ikeSa);
    return true;
  }

  /**
   * Where none is left that is ready, the newest that was retired takes over again: the peer may have chosen another of two
   * that were begun at once.
   */
  reinstate(): void {
    const established = this.established();
    if (established.some(({ state }) => state === 'ready')) return;
    established.findLast(({ isEnding }) => !isEnding)?.reinstate();
  }

  /** `spi`: both cookies, as a Delete names an IKE SA. */
  named(spi: Uint8Array): IkeSa | undefined {
    return this.#all.find(({ cookies }) => equalOctets(spi, concat(cookies.initiator, cookies.responder)));
  }

  /** The one to negotiate with: the newest that the peer answers, and that nothing has taken over from. */
  current(except?: IkeSa): IkeSa | undefined {
    const answering = this.established(except).filter(({ isSilent }) => !isSilent);
    return answering.findLast(({ state }) => state === 'ready') ?? answering.at(-1);
  }

  /** Oldest first. */
  established(except?: IkeSa): readonly IkeSa[] {
    return this.#all
      .filter((ikeSa) => ikeSa !== except && ikeSa.isEstablished)
      .sort((a, b) => (a.establishedAt ?? 0) - (b.establishedAt ?? 0));
  }

  /** The oldest of so many that new ones would find no room: a peer that restarts may leave each behind unsaid. */
  surplus(): readonly IkeSa[] {
    const established = this.#all.filter(({ sa }) => sa !== undefined);
    return established.slice(0, Math.max(0, established.length - ESTABLISHED_PER_PEER));
  }

  /** The peer is elsewhere: whether that was news for any. */
  follow(path: Path): boolean {
    return this.established().filter((ikeSa) => ikeSa.follow(path)).length > 0;
  }
}
