import { viewOf, word } from '../../memory.ts';
import { wipe } from '../../secrets.ts';
import type { Digest } from './types.ts';

/**
 * HMAC (RFC 2104) over octets in place: K XOR ipad and K XOR opad are absorbed once, and a message costs its own
 * blocks and one more, without allocating. The result stays inside until it is written out or compared.
 */
export class HmacCore {
  readonly constantTime = true;
  readonly #digest: Digest;
  readonly #inner: Int32Array;
  readonly #outer: Int32Array;
  readonly #state: Int32Array;
  /** The end of a message with its padding: one block, or two. */
  readonly #last: Uint8Array;
  readonly #lastView: DataView;
  /** The inner hash with its padding. */
  readonly #outerBlock: DataView;
  #wiped = false;

  constructor(digest: Digest, key: Uint8Array) {
    this.#digest = digest;
    this.#state = Int32Array.from(digest.initial);
    this.#last = new Uint8Array(2 * digest.blockOctets);
    this.#lastView = viewOf(this.#last);
    this.#outerBlock = new DataView(new ArrayBuffer(digest.blockOctets));
    this.#outerBlock.setUint8(digest.octets, 0x80);
    this.#writeLength(this.#outerBlock, digest.blockOctets, digest.octets);
    const k = this.#blockKey(key);
    this.#inner = this.#absorb(k, 0x36);
    this.#outer = this.#absorb(k, 0x5c);
    wipe(k, this.#last);
  }

  /**
   * Computes the HMAC of the octets `from` to `to`, followed by the word `trailer` where one is given.
   * @throws TypeError after `wipe`.
   */
  compute(view: DataView, from: number, to: number, trailer?: number): void {
    if (this.#wiped) throw new TypeError('this key was wiped');
    const { blockOctets, compress } = this.#digest;
    const state = this.#state;
    state.set(this.#inner);
    let at = from;
    for (; at + blockOctets <= to; at += blockOctets) compress(state, view, at);
    this.#finish(view, at, to, to - from, trailer);
    this.#hashOuter();
  }

  /** Writes the first `octets` octets of the result, a multiple of 4. */
  write(view: DataView, at: number, octets: number): void {
    for (let i = 0; i < octets; i += 4) view.setInt32(at + i, word(this.#state, i >> 2), this.#digest.littleEndian);
  }

  /** Whether the `octets` octets at `at`, a multiple of 4, are those of the result; in constant time. */
  matches(view: DataView, at: number, octets: number): boolean {
    let difference = 0;
    for (let i = 0; i < octets; i += 4) {
      difference |= word(this.#state, i >> 2) ^ view.getInt32(at + i, this.#digest.littleEndian);
    }
    return difference === 0;
  }

  wipe(): void {
    this.#wiped = true;
    wipe(this.#inner, this.#outer, this.#state, this.#last);
    for (let at = 0; at < this.#outerBlock.byteLength; at += 4) this.#outerBlock.setInt32(at, 0);
  }

  /** The key, hashed if it is longer than a block, padded with zeros to one. */
  #blockKey(key: Uint8Array): Uint8Array {
    const { blockOctets, octets, compress } = this.#digest;
    const block = new Uint8Array(blockOctets);
    if (key.length <= blockOctets) {
      block.set(key);
      return block;
    }
    const view = viewOf(key);
    let at = 0;
    for (; at + blockOctets <= key.length; at += blockOctets) compress(this.#state, view, at);
    this.#finish(view, at, key.length, key.length - blockOctets);
    this.write(viewOf(block), 0, octets);
    return block;
  }

  #absorb(key: Uint8Array, pad: number): Int32Array {
    const state = Int32Array.from(this.#digest.initial);
    const padded = key.map((octet) => octet ^ pad);
    this.#digest.compress(state, viewOf(padded), 0);
    wipe(padded);
    return state;
  }

  /** Absorbs what is left of the message after whole blocks, the trailer and the padding. */
  #finish(view: DataView, from: number, to: number, messageOctets: number, trailer?: number): void {
    const { blockOctets, lengthOctets, compress } = this.#digest;
    const last = this.#last;
    const lastView = this.#lastView;
    let length = to - from;
    for (let i = 0; i < length; i++) last[i] = view.getUint8(from + i);
    let total = messageOctets;
    if (trailer !== undefined) {
      lastView.setInt32(length, trailer);
      length += 4;
      total += 4;
    }
    const end = length + 1 + lengthOctets <= blockOctets ? blockOctets : 2 * blockOctets;
    last[length] = 0x80;
    last.fill(0, length + 1, end);
    this.#writeLength(lastView, end, total);
    compress(this.#state, lastView, 0);
    if (end > blockOctets) compress(this.#state, lastView, blockOctets);
  }

  /** Writes the bits of a message of `octets` octets that follows the block of the key, up to `end`. */
  #writeLength(view: DataView, end: number, octets: number): void {
    const bits = (octets + this.#digest.blockOctets) * 8;
    const high = Math.floor(bits / 0x1_0000_0000);
    const { littleEndian } = this.#digest;
    view.setInt32(end - 4, littleEndian ? high : bits, littleEndian);
    view.setInt32(end - 8, littleEndian ? bits : high, littleEndian);
  }

  #hashOuter(): void {
    this.write(this.#outerBlock, 0, this.#digest.octets);
    this.#state.set(this.#outer);
    this.#digest.compress(this.#state, this.#outerBlock, 0);
  }
}
