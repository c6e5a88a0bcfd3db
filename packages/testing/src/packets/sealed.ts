import {
  ESP_SUITES,
  type EspKeys,
  type EspSuite,
  JOB_LENGTH,
  JOB_WORDS,
  nobleEngine,
  type Rng,
} from '@espalier/crypto';
import { concat, ESP_HEADER_OCTETS, type Spi, spi, writeEspHeader } from '@espalier/wire';
import fc from 'fast-check';
import { spi as spiNumber } from '../arbitraries/ipsec.ts';
import { octets, u32 } from '../arbitraries/octets.ts';

/** What both ends of one direction know. */
export interface KeyedSa {
  readonly suite: EspSuite;
  readonly keys: EspKeys;
  readonly spi: Spi;
}

/** What one packet carries, as it is encrypted (RFC 4303 §2). */
export interface Plaintext {
  readonly payload: Uint8Array;
  /** Usually 1, 2, 3, … (RFC 4303 §2.4). */
  readonly padding: Uint8Array;
  /** Usually how many octets of padding there are. */
  readonly padLength: number;
  readonly nextHeader: number;
}

const ENGINE = nobleEngine();

/** Those that the portable engine speaks, and that authenticate what they protect. */
const SUITES = ESP_SUITES.filter((suite) => ENGINE.supports(suite) && !suite.unauthenticated);

/** An SA of any suite, with keys of its own. */
export const keyedSa: fc.Arbitrary<KeyedSa> = fc
  .record({ suite: fc.constantFrom(...SUITES), key: octets(160), spi: spiNumber })
  .map(({ suite, key, spi: number }) => ({ suite, keys: keysFrom(suite, key), spi: spi(number) }));

/** What seeds the IVs of one packet. */
export const ivSeed: fc.Arbitrary<number> = u32;

/** As little padding as aligns the payload, of the octets that the RFC wants (RFC 4303 §2.4). */
export function padded(suite: EspSuite, payload: Uint8Array, nextHeader: number): Plaintext {
  const padLength = -(payload.length + 2) & (suite.alignmentOctets - 1);
  return { payload, padding: Uint8Array.from({ length: padLength }, (_, i) => i + 1), padLength, nextHeader };
}

/**
 * Seals what no honest sender would: any plaintext that fills the blocks of the suite, under any sequence number, with a
 * right ICV. The packet begins at its SPI.
 */
export function sealed(
  { suite, keys, spi }: KeyedSa,
  sequence: number,
  { payload, padding, padLength, nextHeader }: Plaintext,
  seed: number,
): Uint8Array {
  const packet = concat(
    new Uint8Array(ESP_HEADER_OCTETS + suite.ivOctets),
    payload,
    padding,
    Uint8Array.of(padLength, nextHeader),
    new Uint8Array(suite.icvOctets),
  );
  writeEspHeader(packet, 0, spi, sequence);
  const words = new Int32Array(JOB_WORDS);
  words[JOB_LENGTH] = packet.length;
  const transform = ENGINE.createEspTransform({ suite, keys, direction: 'seal', esn: false, rng: rngFrom(seed) });
  transform.seal(packet, { words, count: 1 }, 'fresh');
  transform.wipe();
  return packet;
}

function keysFrom(suite: EspSuite, octets: Uint8Array): EspKeys {
  const { encryptionKeyOctets, saltOctets, integrityKeyOctets } = suite;
  const saltAt = encryptionKeyOctets;
  const integrityAt = saltAt + saltOctets;
  return {
    encryption: octets.slice(0, saltAt),
    salt: octets.slice(saltAt, integrityAt),
    integrity: octets.slice(integrityAt, integrityAt + integrityKeyOctets),
  };
}

/** Octets that look like chance and are the same again (Marsaglia's xorshift): for IVs of tests, never for keys. */
function rngFrom(seed: number): Rng {
  let state = seed === 0 ? 0x9e37_79b9 : seed;
  return {
    fill: (out) => {
      for (let i = 0; i < out.length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        out[i] = state & 0xff;
      }
    },
  };
}
