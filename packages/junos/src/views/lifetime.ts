import { between, type Instant } from '@espalier/wire';

/** Whole seconds from `now` to `expiry`; 0 once it has come. */
export function secondsLeft(now: Instant, expiry: Instant): number {
  return Math.floor(between(now, expiry) / 1000);
}

/** As Junos prints it. */
export function formatSecondsLeft(seconds: number): string {
  return seconds > 0 ? `Expires in ${seconds} seconds` : 'Expired';
}
