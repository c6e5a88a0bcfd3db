import type { EspKeys } from '../engine.ts';
import { viewOf } from '../memory.ts';
import type { Aead } from '../noble/aead.ts';
import { wipe } from '../secrets.ts';
import { encryptAesBlock } from '../symmetric/aes/block.ts';
import { encryptionSchedule } from '../symmetric/aes/schedule.ts';
import { Ghash } from './ghash.ts';

/** AES-GCM with a tag of 16 octets (RFC 4106, SP 800-38D): key schedule and GHASH table are made once. */
export class Gcm implements Aead {
  /** AES and GHASH look secrets up in tables. */
  readonly constantTime = false;
  readonly #schedule: Int32Array;
  readonly #ghash: Ghash;
  readonly #salt: number;
  #ivHigh = 0;
  #ivLow = 0;
  /** One block of keystream. */
  readonly #block: Uint8Array = new Uint8Array(16);
  readonly #keystream: DataView = viewOf(this.#block);

  constructor(keys: EspKeys) {
    this.#schedule = encryptionSchedule(keys.encryption);
    this.#salt = viewOf(keys.salt).getInt32(0);
    encryptAesBlock(this.#schedule, this.#keystream, 0);
    this.#ghash = new Ghash(this.#keystream);
  }

  start(view: DataView, iv: number): void {
    this.#ivHigh = view.getInt32(iv);
    this.#ivLow = view.getInt32(iv + 4);
    this.#ghash.start();
  }

  /** GCTR from the counter after that of the tag (SP 800-38D §7.1). */
  crypt(view: DataView, from: number, to: number): void {
    const keystream = this.#keystream;
    let counter = 2;
    let at = from;
    for (; at + 16 <= to; at += 16) {
      this.#next(counter++);
      for (let i = 0; i < 16; i += 4) view.setInt32(at + i, view.getInt32(at + i) ^ keystream.getInt32(i));
    }
    if (at < to) this.#next(counter);
    for (let i = 0; at + i < to; i++) view.setUint8(at + i, view.getUint8(at + i) ^ keystream.getUint8(i));
  }

  absorb(view: DataView, from: number, to: number): void {
    this.#ghash.absorb(view, from, to);
  }

  /** Two numbers of 64 bits, counting bits. */
  writeLengths(view: DataView, at: number, aadOctets: number, octets: number): void {
    view.setInt32(at, 0);
    view.setInt32(at + 4, 8 * aadOctets);
    view.setInt32(at + 8, 0);
    view.setInt32(at + 12, 8 * octets);
  }

  writeTag(view: DataView, at: number): void {
    this.#ghash.write(view, at);
    this.#next(1);
    for (let i = 0; i < 16; i += 4) view.setInt32(at + i, view.getInt32(at + i) ^ this.#keystream.getInt32(i));
  }

  wipe(): void {
    wipe(this.#schedule, this.#block);
    this.#ghash.wipe();
  }

  #next(counter: number): void {
    const keystream = this.#keystream;
    keystream.setInt32(0, this.#salt);
    keystream.setInt32(4, this.#ivHigh);
    keystream.setInt32(8, this.#ivLow);
    keystream.setInt32(12, counter);
    encryptAesBlock(this.#schedule, keystream, 0);
  }
}
