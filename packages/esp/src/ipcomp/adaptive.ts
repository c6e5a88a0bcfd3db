/** Packets in vain after which to rest, and how long at first and at most (RFC 3173 §2.2). */
const IN_VAIN = 4;
const FIRST_REST = 8;
const LONGEST_REST = 256;

/** When not to try: after packets that did not get smaller for so many packets, and longer each time it was in vain. */
export class AdaptivePolicy {
  #inVain = 0;
  #rest = FIRST_REST;
  #left = 0;

  /** Whether the next packet is not to be tried. Counts it. */
  isResting(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  note(isSmaller: boolean): void {
    if (isSmaller) {
      this.#inVain = 0;
      this.#rest = FIRST_REST;
      return;
    }
    this.#inVain += 1;
    if (this.#inVain < IN_VAIN) return;
    this.#left = this.#rest;
    this.#rest = Math.min(this.#rest * 2, LONGEST_REST);
    this.#inVain = IN_VAIN - 1;
  }
}
