import type { EspTransformOptions } from '../engine.ts';
import { viewOf } from '../memory.ts';
import { Ccm } from '../modes/ccm.ts';
import { wipe } from '../secrets.ts';
import { writeAssociatedData } from './associated-data.ts';
import { ESP_HEADER_OCTETS, IvReader } from './ivs.ts';
import { JobTransform } from './job-transform.ts';

/**
 * AES-CCM (RFC 4309): the tag is of the text in clear. A packet is therefore decrypted to be verified, and encrypted again
 * before the call returns when its ICV is wrong.
 */
export class CcmTransform extends JobTransform {
  readonly constantTime: boolean;
  readonly #ccm: Ccm;
  readonly #esn: boolean;
  readonly #ivs: IvReader;
  readonly #aad: Uint8Array = new Uint8Array(16);
  readonly #aadView: DataView = viewOf(this.#aad);

  constructor(options: EspTransformOptions) {
    super(options);
    const { keys, suite, esn } = options;
    this.#ccm = new Ccm(keys.encryption, keys.salt, suite.icvOctets);
    this.constantTime = this.#ccm.constantTime;
    this.#esn = esn;
    this.#ivs = new IvReader(options);
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void {
    const { ivOctets, icvOctets } = this.suite;
    const text = from + ESP_HEADER_OCTETS + ivOctets;
    const icv = to - icvOctets;
    const tag = this.#tag(view, from, text, icv, sequenceHigh);
    for (let i = 0; i < icvOctets; i += 4) view.setInt32(icv + i, tag.getInt32(i));
    this.#ccm.crypt(view, text, icv);
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const { ivOctets, icvOctets } = this.suite;
    const text = from + ESP_HEADER_OCTETS + ivOctets;
    const icv = to - icvOctets;
    this.#ivs.start(this.#ccm, view, from, sequenceHigh);
    this.#ccm.crypt(view, text, icv);
    const tag = this.#tag(view, from, text, icv, sequenceHigh);
    let difference = 0;
    for (let i = 0; i < icvOctets; i += 4) difference |= view.getInt32(icv + i) ^ tag.getInt32(i);
    if (difference !== 0) this.#ccm.crypt(view, text, icv);
    return difference === 0;
  }

  protected wipeKeys(): void {
    this.#ccm.wipe();
    wipe(this.#aad);
  }

  #tag(view: DataView, packet: number, from: number, to: number, sequenceHigh: number): DataView {
    this.#ivs.start(this.#ccm, view, packet, sequenceHigh);
    const high = this.#esn ? sequenceHigh : undefined;
    this.#aadView.setUint16(0, writeAssociatedData(this.#aadView, 2, view, packet, high));
    return this.#ccm.tag(this.#aadView, view, from, to);
  }
}
