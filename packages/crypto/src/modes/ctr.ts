import { viewOf } from '../memory.ts';
import { wipe } from '../secrets.ts';
import { encryptAesBlock } from '../symmetric/aes/block.ts';
import { encryptionSchedule } from '../symmetric/aes/schedule.ts';

/** Octets of a packet's IV. */
const IV_OCTETS = 8;

/**
 * The key stream of AES in counter mode: a counter block is four octets of salt, eight of the packet's IV and the number
 * of the block (RFC 3686 §4, RFC 4106 §4). AES looks secrets up in tables.
 */
export class AesKeystream {
  readonly #schedule: Int32Array;
  readonly #salt: number;
  #ivHigh = 0;
  #ivLow = 0;
  /** One block. */
  readonly #block: Uint8Array = new Uint8Array(16);
  readonly #view: DataView = viewOf(this.#block);

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#schedule = encryptionSchedule(key);
    this.#salt = viewOf(salt).getInt32(0);
  }

  /** Takes up a packet, whose IV is at `iv`. */
  start(view: DataView, iv: number): void {
    this.#ivHigh = view.getInt32(iv);
    this.#ivLow = view.getInt32(iv + 4);
  }

  /** XORs the octets `from` to `to` with the key stream from block `first` on. */
  crypt(view: DataView, from: number, to: number, first: number): void {
    const keystream = this.#view;
    let counter = first;
    let at = from;
    for (; at + 16 <= to; at += 16) {
      this.#next(counter++);
      for (let i = 0; i < 16; i += 4) view.setInt32(at + i, view.getInt32(at + i) ^ keystream.getInt32(i));
    }
    if (at < to) this.#next(counter);
    for (let i = 0; at + i < to; i++) view.setUint8(at + i, view.getUint8(at + i) ^ keystream.getUint8(i));
  }

  /** The encryption of a block of zeros, until the next call. */
  encryptZeros(): DataView {
    this.#block.fill(0);
    encryptAesBlock(this.#schedule, this.#view, 0);
    return this.#view;
  }

  wipe(): void {
    wipe(this.#schedule, this.#block);
  }

  #next(counter: number): void {
    const keystream = this.#view;
    keystream.setInt32(0, this.#salt);
    keystream.setInt32(4, this.#ivHigh);
    keystream.setInt32(8, this.#ivLow);
    keystream.setInt32(12, counter);
    encryptAesBlock(this.#schedule, keystream, 0);
  }
}

/** AES-CTR (RFC 3686) over the text of packets, whose IVs lie in front of it. */
export class AesCtr {
  readonly constantTime = false;
  readonly #keystream: AesKeystream;

  constructor(key: Uint8Array, salt: Uint8Array) {
    this.#keystream = new AesKeystream(key, salt);
  }

  run(view: DataView, from: number, to: number): void {
    this.#keystream.start(view, from - IV_OCTETS);
    this.#keystream.crypt(view, from, to, 1);
  }

  wipe(): void {
    this.#keystream.wipe();
  }
}
