import { viewOf } from '../memory.ts';
import { secretOctets } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { encryptAesBlock } from '../symmetric/aes/block.ts';
import { encryptionSchedule } from '../symmetric/aes/schedule.ts';
import { CbcMac } from './cbc-mac.ts';

/**
 * AES-XCBC-MAC (RFC 3566) and AES-CMAC (RFC 4493): a CBC-MAC whose last block is XORed with one of two keys, by whether it
 * was whole. The result stays inside until it is written out or compared.
 */
export class AesMac {
  /** AES looks secrets up in tables. */
  readonly constantTime = false;
  readonly #mac: CbcMac;
  readonly #whole: Uint8Array;
  readonly #padded: Uint8Array;
  /** The end of a message, trailer included: one block, or a block and a bit. */
  readonly #last: Uint8Array = new Uint8Array(32);
  readonly #lastView: DataView = viewOf(this.#last);
  #wiped = false;

  private constructor(mac: CbcMac, whole: Uint8Array, padded: Uint8Array) {
    this.#mac = mac;
    this.#whole = whole;
    this.#padded = padded;
  }

  /** K1, K2 and K3 are encryptions of constants (RFC 3566 §4). */
  static xcbc(key: Uint8Array): AesMac {
    const k1 = encryptFilled(key, 0x01);
    const mac = new CbcMac(k1);
    wipe(k1);
    return new AesMac(mac, encryptFilled(key, 0x02), encryptFilled(key, 0x03));
  }

  /** K1 and K2 are the double and the fourfold of the encryption of zeros in GF(2^128) (RFC 4493 §2.3). */
  static cmac(key: Uint8Array): AesMac {
    const l = encryptFilled(key, 0);
    const k1 = doubled(l);
    wipe(l);
    return new AesMac(new CbcMac(key), k1, doubled(k1));
  }

  /**
   * Computes the MAC of the octets `from` to `to`, followed by the word `trailer` where one is given.
   * @throws TypeError after `wipe`.
   */
  compute(view: DataView, from: number, to: number, trailer?: number): void {
    if (this.#wiped) throw new TypeError('this key was wiped');
    const last = this.#last;
    const octets = to - from + (trailer === undefined ? 0 : 4);
    // All blocks but the last, as far as they lie in `view`.
    const blocks = Math.min(Math.max(0, (octets - 1) >> 4), (to - from) >> 4);
    const rest = from + 16 * blocks;
    this.#mac.start();
    this.#mac.absorb(view, from, rest);
    last.fill(0);
    for (let at = rest; at < to; at++) last[at - rest] = view.getUint8(at);
    if (trailer !== undefined) this.#lastView.setInt32(to - rest, trailer);
    this.#finish(octets - 16 * blocks);
  }

  /** Writes the first `octets` octets of the result, a multiple of 4. */
  write(view: DataView, at: number, octets: number): void {
    for (let i = 0; i < octets; i += 4) view.setInt32(at + i, this.#mac.state.getInt32(i));
  }

  /** Whether the `octets` octets at `at`, a multiple of 4, are those of the result; in constant time. */
  matches(view: DataView, at: number, octets: number): boolean {
    let difference = 0;
    for (let i = 0; i < octets; i += 4) difference |= this.#mac.state.getInt32(i) ^ view.getInt32(at + i);
    return difference === 0;
  }

  wipe(): void {
    this.#wiped = true;
    this.#mac.wipe();
    wipe(this.#whole, this.#padded, this.#last);
  }

  /** `octets`, from 0 to 19, are left of the message. */
  #finish(octets: number): void {
    const from = octets > 16 ? 16 : 0;
    this.#mac.absorb(this.#lastView, 0, from);
    const isWhole = octets === 16;
    if (!isWhole) this.#last[octets] = 0x80;
    const key = isWhole ? this.#whole : this.#padded;
    for (let i = 0; i < 16; i++) this.#last[from + i] = (this.#last[from + i] ?? 0) ^ (key[i] ?? 0);
    this.#mac.absorb(this.#lastView, from, from + 16);
  }
}

function encryptFilled(key: Uint8Array, octet: number): Uint8Array {
  const block = secretOctets(16).fill(octet);
  const schedule = encryptionSchedule(key);
  encryptAesBlock(schedule, viewOf(block), 0);
  wipe(schedule);
  return block;
}

function doubled(block: Uint8Array): Uint8Array {
  const out = secretOctets(16);
  for (let i = 0; i < 16; i++) out[i] = ((block[i] ?? 0) << 1) | ((block[i + 1] ?? 0) >> 7);
  out[15] = (out[15] ?? 0) ^ (-((block[0] ?? 0) >> 7) & 0x87);
  return out;
}
