import {
  type EspJobs,
  type EspKeys,
  type EspSuite,
  type EspTransform,
  JOB_LENGTH,
  JOB_OFFSET,
  JOB_SEQUENCE_HIGH,
  JOB_STATUS,
  JOB_WORDS,
  nobleEngine,
} from '@espalier/crypto';
import { seededRng } from '../../../../test/support/rng.ts';

const NONE = new Uint8Array(0);

export function randomOctets(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  seededRng(seed).fill(out);
  return out;
}

export function keysFor(suite: EspSuite, seed: number): EspKeys {
  return {
    encryption: randomOctets(suite.encryptionKeyOctets, seed),
    salt: randomOctets(suite.saltOctets, seed + 1),
    integrity: randomOctets(suite.integrityKeyOctets, seed + 2),
  };
}

/** The keys of a suite from vectors, where absent ones have no octets. */
export function keys(given: Partial<EspKeys>): EspKeys {
  return { encryption: NONE, salt: NONE, integrity: NONE, ...given };
}

/** Both directions of one SA. */
export function transforms(suite: EspSuite, espKeys: EspKeys, esn = false): { seal: EspTransform; open: EspTransform } {
  const engine = nobleEngine();
  const rng = seededRng(7);
  return {
    seal: engine.createEspTransform({ suite, keys: espKeys, direction: 'seal', esn, rng }),
    open: engine.createEspTransform({ suite, keys: espKeys, direction: 'open', esn }),
  };
}

export function jobs(...packets: readonly { offset: number; length: number; sequenceHigh?: number }[]): EspJobs {
  const words = new Int32Array(JOB_WORDS * packets.length);
  packets.forEach(({ offset, length, sequenceHigh = 0 }, i) => {
    words[JOB_WORDS * i + JOB_OFFSET] = offset;
    words[JOB_WORDS * i + JOB_LENGTH] = length;
    words[JOB_WORDS * i + JOB_SEQUENCE_HIGH] = sequenceHigh;
  });
  return { words, count: packets.length };
}

export function status(of: EspJobs, index = 0): number | undefined {
  return of.words[JOB_WORDS * index + JOB_STATUS];
}

/** Seals SPI | sequence | IV | plaintext | room for the ICV, and returns the octets of the packet. */
export function sealGiven(transform: EspTransform, packet: Uint8Array, sequenceHigh = 0): Uint8Array {
  const memory = packet.slice();
  transform.seal(memory, jobs({ offset: 0, length: packet.length, sequenceHigh }), 'given');
  return memory;
}

/** What `open` makes of a packet: the octets of memory afterwards, and the status. */
export function openOne(
  transform: EspTransform,
  packet: Uint8Array,
  sequenceHigh = 0,
): { memory: Uint8Array; status: number | undefined } {
  const memory = packet.slice();
  const job = jobs({ offset: 0, length: packet.length, sequenceHigh });
  transform.open(memory, job);
  return { memory, status: status(job) };
}
