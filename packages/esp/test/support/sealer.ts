import { type EspKeys, type EspSuite, JOB_LENGTH, JOB_SEQUENCE_HIGH, JOB_WORDS } from '@espalier/crypto';
import { ESP_HEADER_OCTETS, writeEspHeader } from '@espalier/wire';
import { seededRng } from '../../../../test/support/rng.ts';
import { ENGINE, keysFor, SPI } from './sas.ts';

export interface RawPacket {
  readonly spi?: number;
  readonly sequence: number;
  readonly sequenceHigh?: number;
  readonly esn?: boolean;
  readonly keys?: EspKeys;
  /** Payload, padding, pad length and next header as they are: whole blocks of the suite. */
  readonly plaintext: Uint8Array;
}

/** Protects any plaintext with a correct ICV, as no honest sender would. */
export function sealRaw(suite: EspSuite, packet: RawPacket): Uint8Array {
  const { sequence, sequenceHigh = 0, esn = false, plaintext } = packet;
  const payloadAt = ESP_HEADER_OCTETS + suite.ivOctets;
  const octets = new Uint8Array(payloadAt + plaintext.length + suite.icvOctets);
  writeEspHeader(octets, 0, packet.spi ?? SPI, sequence);
  octets.set(plaintext, payloadAt);
  const words = new Int32Array(JOB_WORDS);
  words[JOB_LENGTH] = octets.length;
  words[JOB_SEQUENCE_HIGH] = sequenceHigh;
  const keys = packet.keys ?? keysFor(suite);
  const transform = ENGINE.createEspTransform({ suite, keys, direction: 'seal', esn, rng: seededRng(sequence) });
  transform.seal(octets, { words, count: 1 }, 'fresh');
  return octets;
}

/** A payload with its trailer: as much correct padding as fills whole blocks, and `extra` octets more. */
export function withTrailer(suite: EspSuite, payload: Uint8Array, nextHeader: number, extra = 0): Uint8Array {
  const least = payload.length + extra + 2;
  const padOctets = extra + ((suite.alignmentOctets - (least % suite.alignmentOctets)) % suite.alignmentOctets);
  return Uint8Array.of(...payload, ...Array.from({ length: padOctets }, (_, i) => i + 1), padOctets, nextHeader);
}
