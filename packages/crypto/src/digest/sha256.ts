import { _SHA256 } from '@noble/hashes/sha2.js';
import { word } from '../memory.ts';
import type { Digest } from './digest.ts';

class Sha256Compression extends _SHA256 {
  initial(): readonly number[] {
    return this.get();
  }

  run(s: Int32Array, view: DataView, at: number): void {
    this.set(word(s, 0), word(s, 1), word(s, 2), word(s, 3), word(s, 4), word(s, 5), word(s, 6), word(s, 7));
    this.process(view, at);
    s.set(this.get());
    this.roundClean();
  }
}

const compression = new Sha256Compression();

/** SHA-256 (FIPS 180-4 §6.2). */
export const SHA2_256: Digest = {
  octets: 32,
  blockOctets: 64,
  lengthOctets: 8,
  littleEndian: false,
  initial: compression.initial(),
  compress: (state, view, at) => compression.run(state, view, at),
};
