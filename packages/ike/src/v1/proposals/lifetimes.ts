import { type Duration, milliseconds, seconds } from '@espalier/wire';
import { FEWEST_KILOBYTES, SHORTEST_LIFETIME } from '../../limits.ts';
import type { Terms } from '../../terms.ts';
import type { Tolerance } from '../../tolerances.ts';
import type { LifetimeCheck } from '../../types.ts';

/** What a transform means that says nothing of its lifetime (RFC 2407 §4.5). */
export const DEFAULT_LIFETIME: Duration = seconds(28_800);

/** A lifetime as it was agreed on, and what it took. */
export interface AgreedLifetime<N extends number> {
  readonly value: N;
  readonly tolerated: readonly Tolerance[];
}

const NOTHING: readonly Tolerance[] = [];

/** A lifetime as it can be written: in whole seconds. */
export function sayable(lifetime: Duration): Duration {
  return seconds(Math.max(1, Math.floor(lifetime / 1000)));
}

/** The lifetime that a responder uses of one that it is offered; undefined where it takes no such offer. */
export function agreeLifetime(ours: Duration, offered: Duration, terms: Terms): AgreedLifetime<Duration> | undefined {
  if (!isTaken(ours, offered, terms.lifetimeCheck)) return undefined;
  const theirs = bearable(offered, terms);
  if (theirs === undefined) return undefined;
  const value = terms.lifetimeCheck === 'obey' ? theirs.value : milliseconds(Math.min(ours, theirs.value));
  return { value, tolerated: theirs.tolerated };
}

/** Likewise of a lifetime in kilobytes, of which either side may have none. */
export function agreeKilobytes(
  ours: number | undefined,
  offered: number | undefined,
  { lifetimeCheck }: Terms,
): { readonly value: number | undefined } | undefined {
  const [own, theirs] = [ours ?? Number.POSITIVE_INFINITY, offered ?? Number.POSITIVE_INFINITY];
  if (!isTaken(own, theirs, lifetimeCheck)) return undefined;
  const value = lifetimeCheck === 'obey' ? theirs : Math.min(own, theirs);
  return { value: Number.isFinite(value) ? value : undefined };
}

/** Of an IKE SA, what a peer has in kilobytes, or the fewest that are worth its exchanges; undefined where that is to be refused. */
export function enoughKilobytes(
  theirs: number,
  { leniency, shortLifetimes }: Terms,
): AgreedLifetime<number> | undefined {
  if (theirs >= FEWEST_KILOBYTES) return { value: theirs, tolerated: NOTHING };
  const isRaised = shortLifetimes === 'raise' && leniency.has('lifetime-raised');
  return isRaised ? { value: FEWEST_KILOBYTES, tolerated: ['lifetime-raised'] } : undefined;
}

/** What an initiator uses that was answered with another lifetime than it had offered; undefined where it takes no such answer. */
export function answeredLifetime(
  ours: Duration,
  answered: Duration | undefined,
  terms: Terms,
): AgreedLifetime<Duration> | undefined {
  if (answered === undefined || answered === ours) return { value: ours, tolerated: NOTHING };
  return agreeLifetime(ours, answered, terms);
}

/** The peer's lifetime, or the shortest that is worth its exchanges; undefined where that is to be refused. */
function bearable(theirs: Duration, { leniency, shortLifetimes }: Terms): AgreedLifetime<Duration> | undefined {
  if (theirs >= SHORTEST_LIFETIME) return { value: theirs, tolerated: NOTHING };
  const isRaised = shortLifetimes === 'raise' && leniency.has('lifetime-raised');
  return isRaised ? { value: SHORTEST_LIFETIME, tolerated: ['lifetime-raised'] } : undefined;
}

/** Whether a lifetime beside ours is acceptable at all. */
function isTaken(ours: number, theirs: number, check: LifetimeCheck): boolean {
  switch (check) {
    case 'obey':
    case 'claim':
      return true;
    case 'strict':
      return theirs <= ours;
    case 'exact':
      return theirs === ours;
  }
}
