import { type NotificationPayload, notifyName } from '@espalier/wire';
import type { Path } from '../../path.ts';
import type { Environment } from '../../runtime/environment.ts';
import type { Tolerance } from '../../tolerances.ts';
import { profileFor } from '../profiles/profiles.ts';
import { tellNotified } from '../tell.ts';

const NONE: readonly Tolerance[] = [];

/** What the caller is told of a peer, once where once is enough. */
export class Telling {
  readonly #environment: Environment;
  readonly #peer: string;
  /** What the caller knows of that is taken of this peer. */
  #tolerated: readonly Tolerance[] = NONE;
  #implementation: string | undefined;

  constructor(environment: Environment, peer: string) {
    this.#environment = environment;
    this.#peer = peer;
  }

  notified({ notifyType }: NotificationPayload, authenticated: boolean): void {
    const { outbox, news } = this.#environment;
    const event = {
      kind: 'notified',
      peer: this.#peer,
      notifyType,
      name: notifyName(notifyType),
      authenticated,
    } as const;
    if (authenticated) outbox.emit({ ...event, suppressed: 0 });
    else tellNotified(news, event);
  }

  recognized(implementation: string | undefined): void {
    if (implementation === undefined || implementation === this.#implementation) return;
    this.#implementation = implementation;
    const profile = profileFor(implementation);
    this.#environment.outbox.emit({ kind: 'implementation-known', peer: this.#peer, implementation, profile });
  }

  tolerated(tolerance: Tolerance, path: Path): void {
    if (this.#tolerated.includes(tolerance)) return;
    this.#tolerated = this.#tolerated.concat(tolerance);
    this.#environment.outbox.emit({ kind: 'tolerated', peer: this.#peer, ...path, tolerance });
  }
}
