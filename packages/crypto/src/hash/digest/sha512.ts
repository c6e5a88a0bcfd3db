import { _SHA384, _SHA512 } from '@noble/hashes/sha2.js';
import { word } from '../../memory.ts';
import type { Digest } from './types.ts';

/** noble's compression function on a chaining value of ours: no clone, no buffer. 64-bit words are two of 32, high first. */
class Sha512Compression extends _SHA512 {
  initial(): readonly number[] {
    return this.get();
  }

  run(state: Int32Array, view: DataView, at: number): void {
    this.set(
      word(state, 0),
      word(state, 1),
      word(state, 2),
      word(state, 3),
      word(state, 4),
      word(state, 5),
      word(state, 6),
      word(state, 7),
      word(state, 8),
      word(state, 9),
      word(state, 10),
      word(state, 11),
      word(state, 12),
      word(state, 13),
      word(state, 14),
      word(state, 15),
    );
    this.process(view, at);
    state.set(this.get());
    this.roundClean();
    this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
}

class Sha384Initial extends _SHA384 {
  initial(): readonly number[] {
    return this.get();
  }
}

const compression = new Sha512Compression();

/** SHA-512 (FIPS 180-4 §6.4). */
export const SHA2_512: Digest = {
  octets: 64,
  blockOctets: 128,
  lengthOctets: 16,
  littleEndian: false,
  initial: compression.initial(),
  compress: (state, view, at) => compression.run(state, view, at),
};

/** SHA-384 (FIPS 180-4 §6.5): SHA-512 from another initial value, cut to 48 octets. */
export const SHA2_384: Digest = { ...SHA2_512, octets: 48, initial: new Sha384Initial().initial() };
