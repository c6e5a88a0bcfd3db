import type { EspTransformOptions } from '../engine.ts';
import type { TextCipher } from './ciphers.ts';
import { ESP_HEADER_OCTETS } from './ivs.ts';
import { JobTransform } from './job-transform.ts';
import type { Mac } from './macs.ts';

/** A cipher, or none, then a MAC over all from the SPI to the end of the ciphertext (RFC 4303 §3.3.2.1). */
export class EncryptThenMac extends JobTransform {
  readonly constantTime: boolean;
  readonly #esn: boolean;
  readonly #cipher: TextCipher;
  readonly #mac: Mac;

  constructor(options: EspTransformOptions, cipher: TextCipher, mac: Mac) {
    super(options);
    this.constantTime = cipher.constantTime && mac.constantTime;
    this.#esn = options.esn;
    this.#cipher = cipher;
    this.#mac = mac;
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void {
    const { ivOctets, icvOctets } = this.suite;
    const icv = to - icvOctets;
    this.#cipher.run(view, from + ESP_HEADER_OCTETS + ivOctets, icv);
    this.#mac.compute(view, from, icv, this.#esn ? sequenceHigh : undefined);
    this.#mac.write(view, icv, icvOctets);
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const { ivOctets, icvOctets } = this.suite;
    const icv = to - icvOctets;
    this.#mac.compute(view, from, icv, this.#esn ? sequenceHigh : undefined);
    if (!this.#mac.matches(view, icv, icvOctets)) return false;
    this.#cipher.run(view, from + ESP_HEADER_OCTETS + ivOctets, icv);
    return true;
  }

  protected wipeKeys(): void {
    this.#mac.wipe();
    this.#cipher.wipe();
  }
}
