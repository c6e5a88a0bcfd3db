import { _SHA1 } from '@noble/hashes/legacy.js';
import { word } from '../memory.ts';
import type { Digest } from './digest.ts';

class Sha1Compression extends _SHA1 {
  initial(): readonly number[] {
    return this.get();
  }

  run(state: Int32Array, view: DataView, at: number): void {
    this.set(word(state, 0), word(state, 1), word(state, 2), word(state, 3), word(state, 4));
    this.process(view, at);
    state.set(this.get());
    this.roundClean();
  }
}

const compression = new Sha1Compression();

/** SHA-1 (FIPS 180-4 §6.1). */
export const SHA1: Digest = {
  octets: 20,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: false,
  initial: compression.initial(),
  compress: (state, view, at) => compression.run(state, view, at),
};
