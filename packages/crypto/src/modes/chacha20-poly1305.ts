import type { EspKeys } from '../engine.ts';
import { viewOf, word } from '../memory.ts';
import { wipe } from '../secrets.ts';
import type { Aead } from './aead.ts';
import { chachaBlock } from './chacha20.ts';
import { Poly1305 } from './poly1305.ts';

/** "expand 32-byte k" (RFC 8439 §2.3). */
const CONSTANTS = [0x61707865, 0x3320646e, 0x79622d32, 0x6b206574];

/** Where the state holds the block counter and the nonce. */
const COUNTER = 12;
const SALT = 13;

/** ChaCha20-Poly1305 (RFC 7634, RFC 8439 §2.8): nothing is looked up by a secret, nothing branches on one. */
export class ChaCha20Poly1305 implements Aead {
  readonly constantTime = true;
  readonly #state: Int32Array = new Int32Array(16);
  readonly #keystream: Int32Array = new Int32Array(16);
  readonly #poly1305: Poly1305 = new Poly1305();

  constructor(keys: EspKeys) {
    const key = viewOf(keys.encryption);
    this.#state.set(CONSTANTS);
    for (let i = 0; i < 8; i++) this.#state[4 + i] = key.getInt32(4 * i, true);
    this.#state[SALT] = viewOf(keys.salt).getInt32(0, true);
  }

  /** Block 0 of the keystream is the one-time key of Poly1305 (RFC 8439 §2.6). */
  start(view: DataView, iv: number): void {
    this.#state[SALT + 1] = view.getInt32(iv, true);
    this.#state[SALT + 2] = view.getInt32(iv + 4, true);
    this.#next(0);
    this.#poly1305.start(this.#keystream);
  }

  crypt(view: DataView, from: number, to: number): void {
    const keystream = this.#keystream;
    let counter = 1;
    let at = from;
    for (; at + 64 <= to; at += 64) {
      this.#next(counter++);
      for (let i = 0; i < 16; i++) {
        view.setInt32(at + 4 * i, view.getInt32(at + 4 * i, true) ^ word(keystream, i), true);
      }
    }
    if (at < to) this.#next(counter);
    for (let i = 0; at + i < to; i++) {
      view.setUint8(at + i, view.getUint8(at + i) ^ (word(keystream, i >> 2) >>> (8 * (i & 3))));
    }
  }

  absorb(view: DataView, from: number, to: number): void {
    this.#poly1305.absorb(view, from, to);
  }

  /** Two numbers of 64 bits, least significant octet first, counting octets. */
  writeLengths(view: DataView, at: number, aadOctets: number, octets: number): void {
    view.setInt32(at, aadOctets, true);
    view.setInt32(at + 4, 0);
    view.setInt32(at + 8, octets, true);
    view.setInt32(at + 12, 0);
  }

  writeTag(view: DataView, at: number): void {
    this.#poly1305.write(view, at);
  }

  wipe(): void {
    wipe(this.#state, this.#keystream);
    this.#poly1305.wipe();
  }

  #next(counter: number): void {
    this.#state[COUNTER] = counter;
    chachaBlock(this.#state, this.#keystream);
  }
}
