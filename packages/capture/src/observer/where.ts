import type { Carried } from '../packets/carried.ts';
import type { ObservedWhere } from './observation.ts';

/** Where and when something was seen. */
export interface SeenAt {
  readonly carried: Carried;
  readonly frame: number;
  readonly time: number;
  readonly conversation: number;
}

/** What every observation of it begins with. */
export function whereOf({ carried, frame, time, conversation }: SeenAt, notes: readonly string[] = []): ObservedWhere {
  const { source, destination, layers, at, missing } = carried;
  const all = notes.length === 0 ? carried.notes : [...carried.notes, ...notes];
  return { frame, time, source, destination, conversation, layers, at, missing, notes: all };
}

/** The port of an end as text; 0 where it has none. */
export function portOf(end: string): number {
  const port = /:(\d+)$/.exec(end)?.[1];
  return port === undefined || (end.includes(':') && !end.includes(']:') && end.indexOf(':') !== end.lastIndexOf(':'))
    ? 0
    : Number(port);
}
