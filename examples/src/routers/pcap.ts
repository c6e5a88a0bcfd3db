import { closeSync, openSync, writeSync } from 'node:fs';
import { pcapHeader, pcapRecord } from '@espalier/testing/wireshark';
import type { Instant } from '@espalier/wire';

const FLUSH_AT_OCTETS = 1 << 16;

/** A capture file of whole IP packets, timed by the virtual clock: it begins in 1970. */
export class PcapWriter {
  readonly #file: number;
  #buffered: Uint8Array[] = [];
  #octets = 0;

  /** @throws Error when `path` cannot be written. */
  constructor(path: string) {
    this.#file = openSync(path, 'w');
    this.#write(pcapHeader());
  }

  add(now: Instant, packet: Uint8Array): void {
    this.#write(pcapRecord(now, packet.length));
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
