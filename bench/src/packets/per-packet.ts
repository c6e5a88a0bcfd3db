import type { ContenderName } from '../measurement.ts';
import type { Contender } from './contender.ts';

/** How one packet is sealed and opened. */
export interface PacketCoder {
  /** Takes the sequence number that the packet gets. What it returns may be reused by the next call. */
  seal(inner: Uint8Array, sequence: number): Uint8Array;
  /** What it returns may be reused by the next call. */
  open(packet: Uint8Array): Uint8Array | undefined;
}

/** A contender that takes one packet after the other. It has neither a replay window nor lifetimes to keep. */
export class PerPacketContender implements Contender {
  readonly name: ContenderName;
  readonly batch = 1;
  readonly sas = 1;
  readonly leavesGarbage = true;
  readonly #coder: PacketCoder;
  #sequence = 0;

  constructor(name: ContenderName, coder: PacketCoder) {
    this.name = name;
    this.#coder = coder;
  }

  seal(inner: Uint8Array): Uint8Array {
    return this.#coder.seal(inner, ++this.#sequence).slice();
  }

  open(packet: Uint8Array): Uint8Array | undefined {
    return this.#coder.open(packet)?.slice();
  }

  timeSeal(inner: Uint8Array, count: number): number {
    const start = performance.now();
    for (let i = 0; i < count; i++) this.#coder.seal(inner, ++this.#sequence);
    return performance.now() - start;
  }

  timeOpen(packets: readonly Uint8Array[], count: number): number {
    const start = performance.now();
    for (let i = 0; i < count; i++) {
      const packet = packets[i];
      if (packet === undefined || this.#coder.open(packet) === undefined) throw new Error('a packet was refused');
    }
    return performance.now() - start;
  }

  close(): void {}
}
