import type { Reader } from '../../reader.ts';

/** An ISAKMP SPI is two cookies, one of ESP or AH 4 octets (RFC 2408 §2.4, §3.5). */
export const MAX_SPI_OCTETS = 16;

export function readSpi(reader: Reader, octets: number): Uint8Array {
  if (octets > MAX_SPI_OCTETS) reader.fail('spi-length');
  return reader.octets(octets);
}

export function requireSpi(spi: Uint8Array): void {
  if (spi.length > MAX_SPI_OCTETS) throw new RangeError(`spi must be at most ${MAX_SPI_OCTETS} octets`);
}
