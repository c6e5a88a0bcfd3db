import type { EspTransformOptions } from '../engine.ts';
import { viewOf } from '../memory.ts';
import type { Rng } from '../rng.ts';
import { wipe } from '../secrets.ts';

/** SPI and sequence number (RFC 4303 §2). */
export const ESP_HEADER_OCTETS = 8;

/** Writes the IV of the packet at `packet`, right behind its header. */
export interface IvWriter {
  write(view: DataView, packet: number, sequenceHigh: number): void;
  wipe(): void;
}

/**
 * Who writes the IVs of a suite that is sealed with.
 * @throws TypeError where they are to be unpredictable and there is no `rng`.
 */
export function ivWriter({ suite, esn, rng }: EspTransformOptions): IvWriter {
  switch (suite.iv) {
    case 'none':
    case 'implicit':
      return { write: () => {}, wipe: () => {} };
    case 'sequence':
      return { write: esn ? writeExtendedSequence : writeSequence, wipe: () => {} };
    case 'unpredictable':
      if (rng === undefined) throw new TypeError(`rng is required to seal with ${suite.name}`);
      return new RandomIvs(rng, suite.ivOctets);
  }
}

function writeSequence(view: DataView, packet: number): void {
  view.setInt32(packet + ESP_HEADER_OCTETS, 0);
  view.setInt32(packet + ESP_HEADER_OCTETS + 4, view.getInt32(packet + 4));
}

function writeExtendedSequence(view: DataView, packet: number, sequenceHigh: number): void {
  view.setInt32(packet + ESP_HEADER_OCTETS, sequenceHigh);
  view.setInt32(packet + ESP_HEADER_OCTETS + 4, view.getInt32(packet + 4));
}

/** What takes a packet up by its IV. */
interface Nonced {
  start(view: DataView, iv: number): void;
}

/** Where a packet's IV is: behind its header; or it is the sequence number, 64 bits of it with ESN (RFC 8750 §4). */
export class IvReader {
  readonly #implicit: boolean;
  readonly #esn: boolean;
  readonly #iv: DataView = viewOf(new Uint8Array(8));

  constructor({ suite, esn }: EspTransformOptions) {
    this.#implicit = suite.iv === 'implicit';
    this.#esn = esn;
  }

  start(cipher: Nonced, view: DataView, packet: number, sequenceHigh: number): void {
    if (!this.#implicit) {
      cipher.start(view, packet + ESP_HEADER_OCTETS);
      return;
    }
    this.#iv.setInt32(0, this.#esn ? sequenceHigh : 0);
    this.#iv.setInt32(4, view.getInt32(packet + 4));
    cipher.start(this.#iv, 0);
  }
}

/** What is asked of the generator at once: it costs far less by the kilobyte than by the block. */
const POOL_OCTETS = 1024;

/** Each octet is given out once. */
class RandomIvs implements IvWriter {
  readonly #rng: Rng;
  readonly #ivOctets: number;
  readonly #pool = new Uint8Array(POOL_OCTETS);
  #used = POOL_OCTETS;

  constructor(rng: Rng, ivOctets: number) {
    this.#rng = rng;
    this.#ivOctets = ivOctets;
  }

  write(view: DataView, packet: number): void {
    const octets = this.#ivOctets;
    if (this.#used + octets > POOL_OCTETS) {
      this.#rng.fill(this.#pool);
      this.#used = 0;
    }
    const iv = packet + ESP_HEADER_OCTETS;
    for (let i = 0; i < octets; i++) view.setUint8(iv + i, this.#pool[this.#used + i] ?? 0);
    this.#used += octets;
  }

  wipe(): void {
    wipe(this.#pool);
    this.#used = POOL_OCTETS;
  }
}
