import { closeSync, openSync, writeSync } from 'node:fs';
import type { Instant } from '@espalier/wire';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const LINKTYPE_RAW = 101;
const SNAP_LENGTH = 262_144;
const FLUSH_AT_OCTETS = 1 << 16;

/** A capture file of whole IP packets, timed by the virtual clock: it begins in 1970. */
export class PcapWriter {
  readonly #file: number;
  #buffered: Uint8Array[] = [];
  #octets = 0;

  /** @throws Error when `path` cannot be written. */
  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.#write(words(MAGIC_MICROSECONDS, 0x0004_0002, 0, 0, SNAP_LENGTH, LINKTYPE_RAW));
  }

  add(now: Instant, packet: Uint8Array): void {
    const microseconds = Math.round(now * 1000);
    const [whole, fraction] = [Math.floor(microseconds / 1e6), microseconds % 1e6];
    this.#write(words(whole, fraction, packet.length, packet.length));
    this.#write(packet.slice());
    if (this.#octets >= FLUSH_AT_OCTETS) this.#flush();
  }

  close(): void {
    this.#flush();
    closeSync(this.#file);
  }

  #write(octets: Uint8Array): void {
    this.#buffered.push(octets);
    this.#octets += octets.length;
  }

  #flush(): void {
    writeSync(this.#file, Buffer.concat(this.#buffered));
    this.#buffered = [];
    this.#octets = 0;
  }
}

/** 32-bit words, least significant octet first. */
function words(...values: readonly number[]): Uint8Array {
  const octets = new Uint8Array(4 * values.length);
  const view = new DataView(octets.buffer);
  for (const [index, value] of values.entries()) view.setUint32(4 * index, value, true);
  return octets;
}
