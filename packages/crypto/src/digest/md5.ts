import { _MD5 } from '@noble/hashes/legacy.js';
import { word } from '../memory.ts';
import type { Digest } from './digest.ts';

/** noble's compression function, on a chaining value of ours: no clone, no buffer, no allocation for a packet. */
class Md5Compression extends _MD5 {
  initial(): readonly number[] {
    return this.get();
  }

  run(state: Int32Array, view: DataView, at: number): void {
    this.set(word(state, 0), word(state, 1), word(state, 2), word(state, 3));
    this.process(view, at);
    state.set(this.get());
    this.roundClean();
  }
}

const compression = new Md5Compression();

/** MD5 (RFC 1321). */
export const MD5: Digest = {
  octets: 16,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: true,
  initial: compression.initial(),
  compress: (state, view, at) => compression.run(state, view, at),
};
