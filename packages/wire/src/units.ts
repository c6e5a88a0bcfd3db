/** Numbers that travel between packages carry their kind, so that seconds are not taken for milliseconds. */

declare const kind: unique symbol;

/** A point on the caller's clock, in milliseconds from an epoch of the caller's choice. */
export type Instant = number & { readonly [kind]: 'Instant' };

/** A length of time in milliseconds. */
export type Duration = number & { readonly [kind]: 'Duration' };

/** A Security Parameters Index of ESP or AH: 256 to 2^32 - 1 (RFC 4303 §2.1). */
export type Spi = number & { readonly [kind]: 'Spi' };

/** @throws RangeError unless `milliseconds` is finite. */
export function instant(milliseconds: number): Instant {
  if (!Number.isFinite(milliseconds)) throw new RangeError('instant: milliseconds must be finite');
  return milliseconds as Instant;
}

/** @throws RangeError unless `count` is finite and not negative. */
export function milliseconds(count: number): Duration {
  if (!(Number.isFinite(count) && count >= 0)) throw new RangeError('milliseconds: count must be finite and >= 0');
  return count as Duration;
}

/** @throws RangeError unless `count` is finite and not negative. */
export function seconds(count: number): Duration {
  if (!(Number.isFinite(count) && count >= 0)) throw new RangeError('seconds: count must be finite and >= 0');
  return (count * 1000) as Duration;
}

/** The instant `duration` after `from`. */
export function after(from: Instant, duration: Duration): Instant {
  return (from + duration) as Instant;
}

/** The time from `earlier` to `later`; none when `later` comes first. */
export function between(earlier: Instant, later: Instant): Duration {
  return Math.max(0, later - earlier) as Duration;
}

/** @throws RangeError unless `value` is an integer from 256 to 2^32 - 1: 0 is local, 1 to 255 are reserved. */
export function spi(value: number): Spi {
  if (!(Number.isInteger(value) && value >= 256 && value <= 0xffffffff)) {
    throw new RangeError('spi: value must be an integer from 256 to 4294967295');
  }
  return value as Spi;
}
