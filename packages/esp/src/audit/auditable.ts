import type { EspRefusal } from '../sa/refusals.ts';

/** A refusal that is to be told to whoever keeps the audit log. */
export type AuditableRefusal = Extract<
  EspRefusal,
  'fragment' | 'wrong-spi' | 'sequence-zero' | 'replayed' | 'too-old' | 'bad-icv' | 'sequence-exhausted'
>;

/** The refusals that ESP and AH call auditable events; the sections are RFC 4303's, and RFC 4302's of the same names. */
export const AUDITABLE_REFUSALS: readonly AuditableRefusal[] = [
  /** A fragment where there must be a whole packet (§3.4.1). */
  'fragment',
  /** There is no such SA (§3.4.2). */
  'wrong-spi',
  /** The number was taken, or lies below the window (§3.4.3). */
  'sequence-zero',
  'replayed',
  'too-old',
  /** §3.4.4. */
  'bad-icv',
  /** A packet that would have made the sequence number begin anew (§3.3.3). */
  'sequence-exhausted',
];

const AUDITABLE: ReadonlySet<string> = new Set(AUDITABLE_REFUSALS);

/** Whether a refusal is an auditable event. */
export function isAuditable(reason: EspRefusal): reason is AuditableRefusal {
  return AUDITABLE.has(reason);
}
