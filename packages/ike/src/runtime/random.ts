import type { Rng } from '@espalier/crypto';
import { COOKIE_OCTETS, readU32, type Spi, spi } from '@espalier/wire';

const ATTEMPTS = 64;
const RESERVED_SPIS = 256;
/** What follows is for private use. */
const MOST_CPI = 61_439;

export function randomOctets(rng: Rng, octets: number): Uint8Array {
  const out = new Uint8Array(octets);
  rng.fill(out);
  return out;
}

/** Not zero: zero stands for a cookie not known yet (RFC 2408 §2.5.3). */
export function randomCookie(rng: Rng): Uint8Array {
  return draw(
    () => randomOctets(rng, COOKIE_OCTETS),
    (cookie) => cookie.some((octet) => octet !== 0),
  );
}

export function randomMessageId(rng: Rng, isTaken: (messageId: number) => boolean): number {
  return draw(
    () => readU32(randomOctets(rng, 4), 0),
    (messageId) => messageId !== 0 && !isTaken(messageId),
  );
}

export function randomSpi(rng: Rng, isTaken: (value: number) => boolean): Spi {
  const value = draw(
    () => readU32(randomOctets(rng, 4), 0),
    (candidate) => candidate >= RESERVED_SPIS && !isTaken(candidate),
  );
  return spi(value);
}

/** A CPI that two sides may agree on (RFC 3173 §3.3). */
export function randomCpi(rng: Rng, isTaken: (value: number) => boolean): Spi {
  const value = draw(
    () => readU32(randomOctets(rng, 4), 0) & 0xffff,
    (candidate) => candidate >= RESERVED_SPIS && candidate <= MOST_CPI && !isTaken(candidate),
  );
  return spi(value);
}

function draw<T>(next: () => T, isGood: (value: T) => boolean): T {
  for (let i = 0; i < ATTEMPTS; i++) {
    const value = next();
    if (isGood(value)) return value;
  }
  throw new RangeError('rng: its octets repeat themselves');
}
