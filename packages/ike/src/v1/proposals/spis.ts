import { PROTOCOL_ID, readU32, type Spi, spi } from '@espalier/wire';
import { PROTECTION_PROTOCOLS, type ProtectionProtocol } from '../../sa/protections.ts';

/** With what this side receives: one SPI for ESP and for AH, which names the child, and a CPI for IPComp. */
export interface OwnSpis {
  readonly spi: Spi;
  readonly cpi?: Spi | undefined;
}

const SPI_OCTETS = 4;
const CPI_OCTETS = 2;
/** The first that is not reserved (RFC 4303 §2.1, RFC 3173 §3.3). */
const LEAST_SPI = 256;
/** From 61440 on they are for private use (RFC 3173 §3.3). */
const MOST_CPI = 61_439;
/** Stand for SPIs that are not chosen. */
export const SOME_SPIS: OwnSpis = { spi: spi(LEAST_SPI), cpi: spi(LEAST_SPI) };

/** Undefined for what protects no packets. */
export function protocolOf(number: number): ProtectionProtocol | undefined {
  return PROTECTION_PROTOCOLS.find((protocol) => PROTOCOL_ID[protocol] === number);
}

export function ownSpi(protocol: ProtectionProtocol, { spi: value, cpi = value }: OwnSpis): Spi {
  return protocol === 'ipcomp' ? cpi : value;
}

/** 4 octets; of IPComp 2, which every receiver takes (RFC 3173 §4.1). */
export function spiOctets(value: Spi, protocol: ProtectionProtocol = 'esp'): Uint8Array {
  const octets = Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
  return protocol === 'ipcomp' ? octets.subarray(SPI_OCTETS - CPI_OCTETS) : octets;
}

/** Undefined unless of the protocol's length, and not reserved. A CPI may come in 4 octets too (RFC 3173 §4.1). */
export function spiFrom(protocol: ProtectionProtocol, octets: Uint8Array): Spi | undefined {
  if (protocol === 'ipcomp') return cpiFrom(octets);
  if (octets.length !== SPI_OCTETS) return undefined;
  const value = readU32(octets, 0);
  return value >= LEAST_SPI ? spi(value) : undefined;
}

function cpiFrom(octets: Uint8Array): Spi | undefined {
  if (octets.length !== CPI_OCTETS && octets.length !== SPI_OCTETS) return undefined;
  const [high = 0, low = 0] = octets.subarray(-CPI_OCTETS);
  const value = (high << 8) | low;
  return value >= LEAST_SPI && value <= MOST_CPI ? spi(value) : undefined;
}
