import { PROTOCOL_ID, readU32, type Spi, spi } from '@espalier/wire';
import type { ProtectionProtocol } from '../../sa/protections.ts';

const SPI_OCTETS = 4;
/** The first that is not reserved (RFC 4303 §2.1). */
export const LEAST_SPI = 256;
/** Stands for an SPI that is not chosen. */
export const SOME_SPI: Spi = spi(LEAST_SPI);

const PROTOCOLS: readonly ProtectionProtocol[] = ['esp'];

/** Undefined for what protects no packets. */
export function protocolOf(number: number): ProtectionProtocol | undefined {
  return PROTOCOLS.find((protocol) => PROTOCOL_ID[protocol] === number);
}

export function spiOctets(value: Spi): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** Undefined unless 4 octets that name no reserved SPI. */
export function spiFrom(_protocol: ProtectionProtocol, octets: Uint8Array): Spi | undefined {
  if (octets.length !== SPI_OCTETS) return undefined;
  const value = readU32(octets, 0);
  return value >= LEAST_SPI ? spi(value) : undefined;
}
