import type { EspTransformOptions } from '../engine.ts';
import { viewOf } from '../memory.ts';
import type { Aead } from '../modes/aead.ts';
import { wipe } from '../secrets.ts';
import { writeAssociatedData } from './associated-data.ts';
import { ESP_HEADER_OCTETS, IvReader } from './ivs.ts';
import { JobTransform } from './job-transform.ts';

/** Octets that the authenticators take at once. */
const BLOCK_OCTETS = 16;

/** Where the scratch memory holds the associated data, the end of a ciphertext, the lengths and a tag. */
const AAD = 0;
const TAIL = 16;
const LENGTHS = 32;
const TAG = 48;
const SCRATCH_OCTETS = 64;

/**
 * GCM (RFC 4106) or ChaCha20-Poly1305 (RFC 7634): encryption from after the IV, and one authenticator over
 * SPI | sequence number, 64 bits of it with ESN, and the ciphertext. The ICV is the front of its tag.
 */
export class AeadTransform extends JobTransform {
  readonly constantTime: boolean;
  readonly #aead: Aead;
  readonly #esn: boolean;
  readonly #ivs: IvReader;
  readonly #scratch: Uint8Array = new Uint8Array(SCRATCH_OCTETS);
  readonly #scratchView: DataView = viewOf(this.#scratch);

  constructor(options: EspTransformOptions, aead: Aead) {
    super(options);
    this.constantTime = aead.constantTime;
    this.#aead = aead;
    this.#esn = options.esn;
    this.#ivs = new IvReader(options);
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void {
    const text = from + ESP_HEADER_OCTETS + this.suite.ivOctets;
    const tag = to - this.suite.icvOctets;
    this.#ivs.start(this.#aead, view, from, sequenceHigh);
    this.#aead.crypt(view, text, tag);
    this.#authenticate(view, from, text, tag, sequenceHigh);
    for (let i = 0; i < this.suite.icvOctets; i += 4) view.setInt32(tag + i, this.#scratchView.getInt32(TAG + i));
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const text = from + ESP_HEADER_OCTETS + this.suite.ivOctets;
    const tag = to - this.suite.icvOctets;
    this.#ivs.start(this.#aead, view, from, sequenceHigh);
    this.#authenticate(view, from, text, tag, sequenceHigh);
    let difference = 0;
    for (let i = 0; i < this.suite.icvOctets; i += 4) {
      difference |= view.getInt32(tag + i) ^ this.#scratchView.getInt32(TAG + i);
    }
    if (difference !== 0) return false;
    this.#aead.crypt(view, text, tag);
    return true;
  }

  protected wipeKeys(): void {
    this.#aead.wipe();
    wipe(this.#scratch);
  }

  /** Leaves the tag in the scratch memory; the packet at `packet` has its ciphertext `from` to `to`. */
  #authenticate(view: DataView, packet: number, from: number, to: number, sequenceHigh: number): void {
    const aead = this.#aead;
    const scratch = this.#scratchView;
    const aadOctets = writeAssociatedData(scratch, AAD, view, packet, this.#esn ? sequenceHigh : undefined);
    aead.absorb(scratch, AAD, AAD + BLOCK_OCTETS);
    const whole = to - ((to - from) % BLOCK_OCTETS);
    aead.absorb(view, from, whole);
    aead.writeLengths(scratch, LENGTHS, aadOctets, to - from);
    if (whole < to) {
      this.#scratch.fill(0, TAIL, LENGTHS);
      for (let i = whole; i < to; i++) scratch.setUint8(TAIL + i - whole, view.getUint8(i));
    }
    aead.absorb(scratch, whole < to ? TAIL : LENGTHS, LENGTHS + BLOCK_OCTETS);
    aead.writeTag(scratch, TAG);
  }
}
