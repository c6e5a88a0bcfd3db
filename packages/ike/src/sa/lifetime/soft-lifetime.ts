import { type Duration, milliseconds, seconds } from '@espalier/wire';
import type { Role } from '../../types.ts';

/** One in so many parts of a lifetime is left when an SA is to be renewed: by role, so that both sides do not begin at once. */
export const PARTS: Readonly<Record<Role, number>> = { initiator: 4, responder: 6 };
const LONGEST_LEFT: Readonly<Record<Role, Duration>> = { initiator: seconds(135), responder: seconds(90) };

/**
 * When to rekey: 135 seconds before the hard lifetime as initiator, 90 as responder, so that both do not start at once.
 * Of a hard lifetime under 540 seconds a quarter or a sixth is kept instead.
 */
export function defaultSoftLifetime(hard: Duration, role: Role): Duration {
  return milliseconds(hard - Math.min(LONGEST_LEFT[role], hard / PARTS[role]));
}
