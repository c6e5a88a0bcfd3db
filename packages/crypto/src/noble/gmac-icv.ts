import type { IcvTransform } from '../engine.ts';
import { viewOf } from '../memory.ts';
import { Gcm } from '../modes/gcm.ts';
import { wipe } from '../secrets.ts';
import type { AhSuite } from '../suites/ah.ts';

const BLOCK_OCTETS = 16;
const SALT_OCTETS = 4;
const IV_OCTETS = 8;

/** Where the scratch memory holds the last octets and the high half behind them, the lengths, and a tag. */
const TAIL = 0;
const LENGTHS = 32;
const TAG = 48;
const SCRATCH_OCTETS = 64;

/** AES-GMAC for AH (RFC 4543 §4): all that AH authenticates is associated data. */
export class GmacIcv implements IcvTransform {
  readonly suite: AhSuite;
  readonly constantTime: boolean;
  readonly #gcm: Gcm;
  readonly #scratch: Uint8Array = new Uint8Array(SCRATCH_OCTETS);
  readonly #view: DataView = viewOf(this.#scratch);
  #isWiped = false;

  /** @param key The key of AES, and its salt. */
  constructor(suite: AhSuite, key: Uint8Array) {
    const end = key.length - SALT_OCTETS;
    this.suite = suite;
    this.#gcm = new Gcm({ encryption: key.subarray(0, end), salt: key.subarray(end), integrity: new Uint8Array(0) });
    this.constantTime = this.#gcm.constantTime;
  }

  compute(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): void {
    this.#authenticate(memory, from, to, sequenceHigh, icv, icvAt);
    icv.set(this.#scratch.subarray(TAG, TAG + BLOCK_OCTETS), icvAt + IV_OCTETS);
  }

  verify(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): boolean {
    this.#authenticate(memory, from, to, sequenceHigh, icv, icvAt);
    const given = viewOf(icv);
    let difference = 0;
    for (let i = 0; i < BLOCK_OCTETS; i += 4) {
      difference |= given.getInt32(icvAt + IV_OCTETS + i) ^ this.#view.getInt32(TAG + i);
    }
    return difference === 0;
  }

  wipe(): void {
    this.#isWiped = true;
    this.#gcm.wipe();
    wipe(this.#scratch);
  }

  /** Leaves the tag in the scratch memory. */
  #authenticate(
    memory: Uint8Array,
    from: number,
    to: number,
    sequenceHigh: number | undefined,
    icv: Uint8Array,
    icvAt: number,
  ): void {
    if (this.#isWiped) throw new TypeError('IcvTransform: the key is wiped');
    const gcm = this.#gcm;
    const scratch = this.#view;
    const whole = to - ((to - from) & (BLOCK_OCTETS - 1));
    gcm.start(viewOf(icv), icvAt);
    gcm.absorb(viewOf(memory), from, whole);
    this.#scratch.fill(0, TAIL, LENGTHS);
    this.#scratch.set(memory.subarray(whole, to), TAIL);
    if (sequenceHigh !== undefined) scratch.setUint32(TAIL + to - whole, sequenceHigh);
    const tailOctets = to - whole + (sequenceHigh === undefined ? 0 : 4);
    gcm.absorb(scratch, TAIL, TAIL + ((tailOctets + BLOCK_OCTETS - 1) & -BLOCK_OCTETS));
    gcm.writeLengths(scratch, LENGTHS, to - from + (sequenceHigh === undefined ? 0 : 4), 0);
    gcm.absorb(scratch, LENGTHS, LENGTHS + BLOCK_OCTETS);
    gcm.writeTag(scratch, TAG);
  }
}
