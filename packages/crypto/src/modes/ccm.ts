import { viewOf } from '../memory.ts';
import { secretOctets } from '../octets.ts';
import { wipe } from '../secrets.ts';
import { CbcMac } from './cbc-mac.ts';
import { AesKeystream } from './ctr.ts';

/** Octets that say a text's length, less one (RFC 4309 §2: L is 4). */
const L_LESS_ONE = 3;
/** There is associated data (SP 800-38C A.2.1). */
const HAS_AAD = 0x40;

/** AES-CCM (RFC 4309, SP 800-38C) with 11 octets of nonce: three of salt, eight of IV. */
export class Ccm {
  /** AES looks secrets up in tables. */
  readonly constantTime = false;
  readonly #keystream: AesKeystream;
  readonly #mac: CbcMac;
  readonly #icvOctets: number;
  readonly #block: Uint8Array = new Uint8Array(16);
  readonly #view: DataView = viewOf(this.#block);
  readonly #flagsAndSalt: number;
  #ivHigh = 0;
  #ivLow = 0;

  constructor(key: Uint8Array, salt: Uint8Array, icvOctets: number) {
    const counterStart = secretOctets(4);
    counterStart[0] = L_LESS_ONE;
    counterStart.set(salt, 1);
    this.#keystream = new AesKeystream(key, counterStart);
    this.#mac = new CbcMac(key);
    this.#icvOctets = icvOctets;
    const flags = HAS_AAD | (((icvOctets - 2) / 2) << 3);
    this.#flagsAndSalt = viewOf(counterStart).getInt32(0) | (flags << 24);
    wipe(counterStart);
  }

  /** Takes up a packet, whose eight octets of IV are at `iv`. */
  start(view: DataView, iv: number): void {
    this.#ivHigh = view.getInt32(iv);
    this.#ivLow = view.getInt32(iv + 4);
    this.#keystream.start(view, iv);
  }

  /** Encrypts or decrypts in place: counter 0 is the tag's. */
  crypt(view: DataView, from: number, to: number): void {
    this.#keystream.crypt(view, from, to, 1);
  }

  /**
   * The tag of a text that is in clear, until the next call. `aad` holds whole blocks: two octets of its length, the
   * associated data, zeros.
   */
  tag(aad: DataView, view: DataView, from: number, to: number): DataView {
    const mac = this.#mac;
    const block = this.#view;
    block.setInt32(0, this.#flagsAndSalt);
    block.setInt32(4, this.#ivHigh);
    block.setInt32(8, this.#ivLow);
    block.setInt32(12, to - from);
    mac.start();
    mac.absorb(block, 0, 16);
    mac.absorb(aad, 0, aad.byteLength);
    const whole = to - ((to - from) & 15);
    mac.absorb(view, from, whole);
    if (whole < to) {
      this.#block.fill(0);
      for (let at = whole; at < to; at++) block.setUint8(at - whole, view.getUint8(at));
      mac.absorb(block, 0, 16);
    }
    this.#keystream.crypt(mac.state, 0, this.#icvOctets, 0);
    return mac.state;
  }

  wipe(): void {
    this.#keystream.wipe();
    this.#mac.wipe();
    wipe(this.#block);
  }
}
