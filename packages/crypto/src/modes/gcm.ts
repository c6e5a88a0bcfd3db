import type { EspKeys } from '../engine.ts';
import type { Aead } from './aead.ts';
import { AesKeystream } from './ctr.ts';
import { Ghash } from './ghash.ts';

/** AES-GCM (RFC 4106, SP 800-38D): key schedule and GHASH table are made once. */
export class Gcm implements Aead {
  /** AES and GHASH look secrets up in tables. */
  readonly constantTime = false;
  readonly #keystream: AesKeystream;
  readonly #ghash: Ghash;

  constructor(keys: EspKeys) {
    this.#keystream = new AesKeystream(keys.encryption, keys.salt);
    this.#ghash = new Ghash(this.#keystream.encryptZeros());
  }

  start(view: DataView, iv: number): void {
    this.#keystream.start(view, iv);
    this.#ghash.start();
  }

  /** GCTR from the counter after that of the tag (SP 800-38D §7.1). */
  crypt(view: DataView, from: number, to: number): void {
    this.#keystream.crypt(view, from, to, 2);
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
    this.#keystream.crypt(view, at, at + 16, 1);
  }

  wipe(): void {
    this.#keystream.wipe();
    this.#ghash.wipe();
  }
}
