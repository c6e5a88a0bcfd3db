import { type Duration, milliseconds, seconds } from '@espalier/wire';
import type { Role } from '../../types.ts';

const MARGIN: Readonly<Record<Role, { longest: Duration; fraction: number }>> = {
  initiator: { longest: seconds(135), fraction: 4 },
  responder: { longest: seconds(90), fraction: 6 },
};

/**
 * When to rekey: 135 seconds before the hard lifetime as initiator, 90 as responder, so that both do not start at once.
 * Of a hard lifetime under 540 seconds a quarter or a sixth is kept instead.
 */
export function defaultSoftLifetime(hard: Duration, role: Role): Duration {
  const { longest, fraction } = MARGIN[role];
  return milliseconds(hard - Math.min(longest, hard / fraction));
}
