import { type EspKeys, type EspSuite, espSuite } from '@espalier/crypto';
import { encodeIpv4, IPV4_OCTETS, ipv4, PROTOCOL, parseAddress, type Spi, spi } from '@espalier/wire';

/** Octets of the inner IP packets: a voice packet or acknowledgement, a middling one, and what fits an Ethernet frame. */
export const SIZES: readonly number[] = [64, 576, 1408];

/** How many packets our engines are given together. */
export const BATCHES: readonly number[] = [1, 4, 16, 64, 128];

/** The batch whose packets are of several SAs as well, and of how many. */
export const MANY_BATCH = 64;
export const MANY_SAS: readonly number[] = [16, 64];

export const SUITES: readonly EspSuite[] = [
  '3des-cbc/hmac-sha1-96',
  'aes-128-cbc/hmac-sha1-96',
  'aes-128-cbc/hmac-sha2-256-128',
  'aes-128-gcm-16',
  'chacha20-poly1305',
  'null/hmac-sha1-96',
].map(espSuite);

/** Suites with one target for all of them: measured on our fastest engines, in one batch. */
export const OTHER_SUITES: readonly EspSuite[] = [
  'aes-128-ctr/hmac-sha1-96',
  'aes-128-gcm-8',
  'aes-128-ccm-16',
  'aes-128-gmac',
  'aes-128-cbc/aes-xcbc-96',
  'aes-128-cbc/aes-cmac-96',
].map(espSuite);

export const EVERY_SUITE: readonly EspSuite[] = [...SUITES, ...OTHER_SUITES];

/** The batch that is held against the others: bitsliced 3DES has 128 lanes, all else is as good with 64. */
export function headlineBatch(suite: string): number {
  return suite.startsWith('3des') ? 128 : 64;
}

export const SPI: Spi = spi(0x1234_5678);

/** Everyone's keys of a suite. */
export function keysFor(suite: EspSuite): EspKeys {
  return {
    encryption: pattern(suite.encryptionKeyOctets, 3),
    salt: pattern(suite.saltOctets, 5),
    integrity: pattern(suite.integrityKeyOctets, 11),
  };
}

/** An IPv4 packet of exactly that many octets. */
export function innerPacket(octets: number): Uint8Array {
  return encodeIpv4({
    protocol: PROTOCOL.udp,
    source: address('10.1.12.2'),
    destination: address('10.1.56.1'),
    payload: pattern(octets - ipv4.HEADER_OCTETS, 7),
  });
}

function address(text: string): Uint8Array {
  const octets = parseAddress(text);
  if (octets.length !== IPV4_OCTETS) throw new RangeError(`${text} is no IPv4 address`);
  return octets;
}

function pattern(octets: number, first: number): Uint8Array {
  return Uint8Array.from({ length: octets }, (_, i) => first + 7 * i);
}
