import { type FailureEvent, formatFailure, type IkeEvent } from '@espalier/ike';
import type { MisbehavingPeer } from '@espalier/testing/peer';
import type { Link } from './link.ts';
import type { SessionResult } from './session.ts';
import type { KnownTarget } from './target.ts';

/** What is in the way of an honest session, for people. */
export function whyNot(
  { remote, call }: KnownTarget,
  { fault }: Link,
  { events }: MisbehavingPeer,
  { isHeard, end }: SessionResult,
): string {
  if (!isHeard && fault !== undefined) return fault.message;
  if (!isHeard && call === undefined) return `nothing comes back from ${remote.address}, port ${remote.port}`;
  if (!isHeard)
    return `nothing comes from ${remote.address}${end?.status === undefined ? '' : `, and the command ended with ${end.status}`}`;
  const failure = failureIn(events);
  return failure === undefined ? `${remote.address} begins, and says no more` : formatFailure(failure);
}

/** What failed first in the order of things: without an IKE SA there is no child. */
function failureIn(events: readonly IkeEvent[]): FailureEvent | undefined {
  for (const kind of ['ike-failed', 'child-failed', 'negotiation-refused'] as const) {
    const failure = events.findLast((event) => event.kind === kind);
    if (failure?.kind === kind) return failure;
  }
  return undefined;
}
