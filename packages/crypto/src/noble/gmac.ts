import type { EspTransformOptions } from '../engine.ts';
import { viewOf } from '../memory.ts';
import { Gcm } from '../modes/gcm.ts';
import { wipe } from '../secrets.ts';
import { ESP_HEADER_OCTETS } from './ivs.ts';
import { JobTransform } from './job-transform.ts';

const BLOCK_OCTETS = 16;

/** Where the scratch memory holds the start of a packet with ESN, its end, the lengths and a tag. */
const HEAD = 0;
const TAIL = 16;
const LENGTHS = 32;
const TAG = 48;
const SCRATCH_OCTETS = 64;

/**
 * AES-GMAC (RFC 4543 §3): nothing is encrypted; what is authenticated is SPI | sequence number, 64 bits of it with ESN | IV
 * | payload.
 */
export class GmacTransform extends JobTransform {
  readonly constantTime: boolean;
  readonly #gcm: Gcm;
  readonly #esn: boolean;
  readonly #scratch: Uint8Array = new Uint8Array(SCRATCH_OCTETS);
  readonly #scratchView: DataView = viewOf(this.#scratch);

  constructor(options: EspTransformOptions) {
    super(options);
    this.#gcm = new Gcm(options.keys);
    this.constantTime = this.#gcm.constantTime;
    this.#esn = options.esn;
  }

  protected sealPacket(view: DataView, from: number, to: number, sequenceHigh: number): void {
    const icv = to - BLOCK_OCTETS;
    this.#authenticate(view, from, icv, sequenceHigh);
    for (let i = 0; i < BLOCK_OCTETS; i += 4) view.setInt32(icv + i, this.#scratchView.getInt32(TAG + i));
  }

  protected openPacket(view: DataView, from: number, to: number, sequenceHigh: number): boolean {
    const icv = to - BLOCK_OCTETS;
    this.#authenticate(view, from, icv, sequenceHigh);
    let difference = 0;
    for (let i = 0; i < BLOCK_OCTETS; i += 4) {
      difference |= view.getInt32(icv + i) ^ this.#scratchView.getInt32(TAG + i);
    }
    return difference === 0;
  }

  protected wipeKeys(): void {
    this.#gcm.wipe();
    wipe(this.#scratch);
  }

  /** Leaves the tag in the scratch memory. */
  #authenticate(view: DataView, packet: number, to: number, sequenceHigh: number): void {
    const gcm = this.#gcm;
    const scratch = this.#scratchView;
    gcm.start(view, packet + ESP_HEADER_OCTETS);
    const from = this.#esn ? this.#absorbHead(view, packet, sequenceHigh) : packet;
    const whole = to - ((to - from) & (BLOCK_OCTETS - 1));
    gcm.absorb(view, from, whole);
    if (whole < to) {
      this.#scratch.fill(0, TAIL, LENGTHS);
      for (let at = whole; at < to; at++) scratch.setUint8(TAIL + at - whole, view.getUint8(at));
    }
    gcm.writeLengths(scratch, LENGTHS, to - packet + (this.#esn ? 4 : 0), 0);
    gcm.absorb(scratch, whole < to ? TAIL : LENGTHS, LENGTHS + BLOCK_OCTETS);
    gcm.writeTag(scratch, TAG);
  }

  /** With ESN the first block is SPI, 64 bits of number and half of the IV. Returns where the second begins. */
  #absorbHead(view: DataView, packet: number, sequenceHigh: number): number {
    const scratch = this.#scratchView;
    scratch.setInt32(HEAD, view.getInt32(packet));
    scratch.setInt32(HEAD + 4, sequenceHigh);
    scratch.setInt32(HEAD + 8, view.getInt32(packet + 4));
    scratch.setInt32(HEAD + 12, view.getInt32(packet + ESP_HEADER_OCTETS));
    this.#gcm.absorb(scratch, HEAD, HEAD + BLOCK_OCTETS);
    return packet + ESP_HEADER_OCTETS + 4;
  }
}
