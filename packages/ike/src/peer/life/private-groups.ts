import type { PrivateGroupNumber } from '../../configuration/private-groups.ts';
import type { GroupFailure } from '../../failures.ts';
import type { IkeSa } from '../../sa/ike-sa.ts';
import type { NumberedGroup } from '../../v1/new-group/offer.ts';
import type { Living } from './living.ts';

/**
 * The groups that this side has a peer know by a number. They end with their IKE SA (RFC 2409 §5.6), so each is asked for again
 * under one that takes over, for as long as the peer does not refuse it.
 */
export class PrivateGroups {
  readonly #of: Living;
  readonly #wanted = new Map<PrivateGroupNumber, NumberedGroup>();

  constructor(of: Living) {
    this.#of = of;
  }

  /** Asks under the present IKE SA. */
  ask(wanted: NumberedGroup): void {
    const { name, ikeSas, environment } = this.#of;
    const { number } = wanted;
    const isAsked = ikeSas.current()?.askForGroup(wanted) === true;
    if (!isAsked) environment.outbox.emit({ kind: 'group-failed', peer: name, number, reason: 'no-ike-sa' });
    else if (!this.#wanted.has(number)) this.#wanted.set(number, wanted);
  }

  /** What comes to nothing with an IKE SA that another has taken over from may yet come to something. */
  failed(ikeSa: IkeSa, number: PrivateGroupNumber, reason: GroupFailure): void {
    const isOver = this.#of.ikeSas.current(ikeSa) === undefined || reason !== 'replaced';
    if (reason === 'number-taken' || !isOver) return;
    this.#wanted.delete(number);
  }

  /** An IKE SA is ready. */
  renew(ikeSa: IkeSa): void {
    for (const wanted of this.#wanted.values()) {
      if (!ikeSa.knowsGroup(wanted.number) && !ikeSa.asksForGroup(wanted.number)) ikeSa.askForGroup(wanted);
    }
  }
}
