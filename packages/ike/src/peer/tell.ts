import type { IkeEvent } from '../events.ts';
import type { Refused } from '../failures.ts';
import type { Path } from '../path.ts';
import type { News } from '../runtime/news.ts';

/**
 * Tells that what a peer negotiates was refused; `peer`: who it most likely is. `nameStranger`: who it may be where that
 * is not known at once, asked only where somebody is told.
 */
export function tellRefused(
  news: News,
  peer: string | undefined,
  { local, remote }: Path,
  { phase, refusal }: { readonly phase: 1 | 2; readonly refusal: Refused },
  nameStranger: () => string | undefined = () => undefined,
): void {
  const { reason, explain } = refusal;
  news.tell({ peer, address: remote.address, what: `refused ${phase} ${reason}` }, (suppressed) => ({
    kind: 'negotiation-refused',
    peer: peer ?? nameStranger(),
    phase,
    local,
    remote,
    reason,
    detail: explain(),
    suppressed,
  }));
}

/** Tells of a notification that anybody may have sent. */
export function tellNotified(
  news: News,
  event: Omit<Extract<IkeEvent, { readonly kind: 'notified' }>, 'suppressed'>,
): void {
  const { peer, notifyType } = event;
  news.tell({ peer, address: '', what: `notified ${notifyType}` }, (suppressed) => ({ ...event, suppressed }));
}
