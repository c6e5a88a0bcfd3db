import { viewOf } from '../memory.ts';
import { wipe } from '../secrets.ts';
import { encryptAesBlock } from '../symmetric/aes/block.ts';
import { encryptionSchedule } from '../symmetric/aes/schedule.ts';

/** CBC-MAC with AES (SP 800-38C §6.1 steps 2 to 4), which looks secrets up in tables. */
export class CbcMac {
  readonly #schedule: Int32Array;
  readonly #octets: Uint8Array = new Uint8Array(16);
  /** The chaining value. */
  readonly state: DataView = viewOf(this.#octets);

  constructor(key: Uint8Array) {
    this.#schedule = encryptionSchedule(key);
  }

  start(): void {
    this.#octets.fill(0);
  }

  /** Absorbs whole blocks of 16 octets. */
  absorb(view: DataView, from: number, to: number): void {
    const state = this.state;
    for (let at = from; at < to; at += 16) {
      for (let i = 0; i < 16; i += 4) state.setInt32(i, state.getInt32(i) ^ view.getInt32(at + i));
      encryptAesBlock(this.#schedule, state, 0);
    }
  }

  wipe(): void {
    wipe(this.#schedule, this.#octets);
  }
}
