import { type Instant, instant } from '@espalier/wire';

/** Milliseconds since the process started: a clock that is never set back. */
export function monotonicNow(): Instant {
  return instant(performance.now());
}
