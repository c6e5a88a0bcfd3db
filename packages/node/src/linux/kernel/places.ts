import type { Block, Native } from './native.ts';

/** Octets of smaller buffers may lie in V8's heap, which moves them. */
const LEAST_OUTSIDE_HEAP = 1 << 16;
const STAGING_OCTETS = 512 << 10;

/**
 * Where octets lie as the kernel sees it, so that it takes them from there; such as V8 may move are copied into memory of its
 * own. Places hold until `clear`.
 */
export class Places {
  readonly #native: Native;
  readonly #staging: Block;
  readonly #makeRoom: () => void;
  #staged = 0;
  #buffer: ArrayBufferLike | undefined;
  #base = 0;
  /** Of the place that was found last: the memory around it, by its octets and by halves of words, and where it begins there. */
  octets: Uint8Array;
  halves: Uint16Array;
  at = 0;
  /** The same as the kernel is told it. */
  address = 0;

  /** `makeRoom` has what was placed so far used up, and calls `clear`. */
  constructor(native: Native, makeRoom: () => void) {
    this.#native = native;
    this.#makeRoom = makeRoom;
    this.#staging = native.allocate(STAGING_OCTETS);
    this.octets = this.#staging.octets;
    this.halves = halvesOf(this.octets.buffer);
  }

  /** @throws RangeError where there is no such part of `memory`, or a larger one than any packet. */
  find(memory: Uint8Array, offset: number, length: number): void {
    if (!(offset >= 0 && length >= 0 && offset + length <= memory.length && length <= STAGING_OCTETS)) {
      throw new RangeError('offset: must lie within');
    }
    const { buffer } = memory;
    if (buffer.byteLength < LEAST_OUTSIDE_HEAP || !(buffer instanceof ArrayBuffer)) this.#stage(memory, offset, length);
    else {
      if (buffer !== this.#buffer) this.#enter(buffer);
      this.at = memory.byteOffset + offset;
    }
    this.address = this.#base + this.at;
  }

  clear(): void {
    this.#staged = 0;
    this.#buffer = undefined;
  }

  #stage(memory: Uint8Array, offset: number, length: number): void {
    if (this.#staged + length > STAGING_OCTETS) this.#makeRoom();
    if (this.#buffer !== this.#staging.octets.buffer) this.#enter(this.#staging.octets.buffer);
    this.at = this.#staged;
    this.octets.set(memory.subarray(offset, offset + length), this.at);
    this.#staged += (length + 1) & ~1;
  }

  #enter(buffer: ArrayBufferLike): void {
    this.#buffer = buffer;
    this.octets = new Uint8Array(buffer);
    this.halves = halvesOf(buffer);
    this.#base = this.#native.addressOf(this.octets);
  }
}

function halvesOf(buffer: ArrayBufferLike): Uint16Array {
  return new Uint16Array(buffer, 0, buffer.byteLength >>> 1);
}
